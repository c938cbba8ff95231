"""Lists fit the terminal, and what waits can be seen in them."""

from __future__ import annotations

from datetime import UTC

import pytest

from runbook.journal import Draft
from runbook.report.next_steps import waiting
from runbook.report.run_json import listed
from runbook.report.safe import columns
from runbook.report.style import Style
from runbook.report.tables import Book, Waiting, approvals_text, log_line, runbooks_text, runs_text
from support import histories
from support.histories import RUN
from support.hostile import EVIL, hostile, inert
from support.journals import ANA, in_memory

STYLE = Style(zone=UTC)
NOW = histories.START + 7200


def test_a_run_that_waits_says_for_what_below_it():
    """A pending approval is seen in the list, not only when one looks for it."""
    rows = [listed(histories.NIGHTS[n]().history, f"{n:<26}", alive=False) for n in ("resolved", "waiting")]
    lines = runs_text(rows, STYLE).splitlines()
    assert "resolved" in lines[1]
    assert lines[3].strip() == "◌ gate rollback is open, it needs 1 of sre"


def test_no_runs_say_how_to_start_one():
    """An empty list is a sentence with a command."""
    assert runs_text([], STYLE) == "no runs yet; start one with: runbook run NAME"


def test_approvals_come_with_deadline_and_command():
    """Everything to decide from a phone."""
    history = histories.waiting().history
    text = approvals_text(
        [Waiting(RUN, "high-api-error-rate", waiting(history, RUN, alive=True))], STYLE, histories.START
    )
    assert "until 03:10:12 UTC, in 10m12s" in text
    assert f"    runbook approve {RUN} --digest {history.open_gates[0].digest[:12]}" in text
    assert approvals_text([], STYLE, NOW) == "nothing waits"


def test_runbooks_are_listed_by_name_with_what_is_stale():
    """The review date is marked in words."""
    text = runbooks_text([Book("b", "B"), Book("a", "A", "SEV2", "api", "2026-01-01", "stale: 326 days")], STYLE)
    assert [line.split()[0] for line in text.splitlines()] == ["name", "a", "b"]
    assert "2026-01-01 (stale: 326 days)" in text


def test_a_record_is_one_line_of_the_log():
    """Place, time, event, key, who if a person, and what it says."""
    lines = [log_line(record, Style(width=120)) for record in histories.granted().records]
    assert lines[0].startswith("   0 03:00:00Z run.started ann ")
    assert any("vote.given ben verdict=grant reason=looks right" in line for line in lines)
    assert any("step.observed symptoms/error_rate:observe#1 verdict=pass output=" in line for line in lines)
    assert not any("\n" in line for line in lines)


def test_a_wide_list_also_says_how_long_and_by_whom():
    """On eighty columns the name of the runbook is worth more."""
    rows = [listed(histories.resolved().history, RUN, alive=False)]
    assert "3m26s  ann" in runs_text(rows, Style(width=120))
    assert runs_text(rows, STYLE).endswith("  high-api-error-rate")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("night", histories.NIGHTS)
def test_lists_fit_and_are_inert(night, width):
    """Whatever stands in a record, a list stays a list."""
    style = Style(width=width, zone=UTC)
    tape = hostile(histories.NIGHTS[night]())
    rows = [listed(tape.history, RUN, alive=False)]
    log = "\n".join(log_line(record, style) for record in tape.records)
    lists = [runs_text(rows, style), log, runbooks_text([Book("a", EVIL)], style)]
    commands = approvals_text([Waiting(RUN, EVIL, waiting(tape.history, RUN, alive=False), EVIL)], style, NOW)
    assert inert("\n".join([*lists, commands]))
    assert [line for text in lists for line in text.splitlines() if columns(line) > width] == []


def test_a_record_of_an_incident_says_what_it_is_called_and_no_bytes() -> None:
    """The catalog that it was declared with is a page of YAML, and no part of a line."""
    data = {"at": None, "catalog": {"digest": "sha256:12", "bytes": b"# a page"}, "severity": "SEV1", "title": "Down"}
    journal = in_memory()
    journal.open_stream("incident/INC-1", Draft("incident.declared", None, data, ANA), epoch=0)
    [record] = journal.read("incident/INC-1")
    assert log_line(record, STYLE).endswith("incident.declared ana title=Down severity=SEV1")
