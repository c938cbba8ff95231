"""Deadlines against examples that were worked by hand, each with its source: `tests/cases/obligations.yaml`."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import msgspec
import pytest

from runbook.document.regime import Counting, Limit, Report
from runbook.document.source import parse
from runbook.incident.obligations.calendars import Calendar
from runbook.incident.obligations.deadlines import Here, deadline, missing
from support.cases import CASES
from support.obligations import anchors, at, here, plainly, regimes

EXAMPLES: list[dict[str, Any]] = parse((CASES / "obligations.yaml").read_bytes()).data["examples"]
REGIMES = regimes()
LATER = at("2030-01-01T00:00:00Z")


def report_of(example: dict[str, Any]) -> Report:
    if "report" in example:
        return REGIMES.report(example["report"])[1]
    limit = msgspec.convert(example["limit"], Limit)
    return Report(id="x", title="", to="", limits=(limit,), counting=Counting(example["counting"]))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_a_worked_example_is_reproduced(example: dict[str, Any]) -> None:
    """Both instants, to the second; nothing is due where the example says so."""
    pytest.importorskip("holidays")
    place = here(example.get("zone", "UTC"), example.get("holidays"), tuple(example.get("entity", ())))
    now = at(example["now"]) if "now" in example else LATER
    due = deadline(report_of(example), anchors(example["anchors"]), place, now)
    got = None if due is None else (due.raw, due.adjusted)
    assert got == ((at(example["raw"]), at(example["adjusted"])) if "raw" in example else None)
    assert example["source"]


def test_a_deadline_says_in_words_how_it_came_about() -> None:
    """Nobody has to believe a date."""
    place = plainly("2026-04-03", "2026-04-06", zone="Europe/Berlin")
    due = deadline(REGIMES.report("gdpr.authority")[1], anchors({"aware": "2026-04-02T12:00:00Z"}), place, LATER)
    assert due is not None
    assert due.basis == (
        "72 hours, without the hour of the event (Reg. 1182/71 Art. 3(1))",
        "at least two working days in it (Art. 3(5))",
    )


def test_without_holidays_a_deadline_is_moved_for_weekends_alone_and_says_why() -> None:
    """An hour too early is better than one too late."""
    calendar = Calendar("weekends only", lambda _: False, "the library is missing")
    place = Here(UTC, lambda: calendar, lambda: (UTC, calendar))
    report = REGIMES.report("break_glass_review")[1]
    due = deadline(report, anchors({"glass_broken": "2026-12-23T02:00:00Z"}), place, LATER)
    assert due is not None
    assert due.raw == due.adjusted == at("2026-12-28T23:59:59Z")
    assert due.unknown == "the library is missing"


def test_what_names_no_number_has_no_deadline_but_a_time_from_which_to_nag() -> None:
    """`without undue delay` is not 24 hours, and is not for ever either."""
    report = REGIMES.report("gdpr.controller")[1]
    due = deadline(report, anchors({"aware": "2026-11-20T10:00:00Z"}), plainly(), LATER)
    assert due is not None
    assert (due.raw, due.adjusted, due.alarm) == (None, None, at("2026-11-21T10:00:00Z"))


def test_an_anchor_that_is_not_set_is_named() -> None:
    """What must be known is said, not a date that nobody could have computed."""
    report = REGIMES.report("dora.initial")[1]
    assert deadline(report, {}, plainly(), LATER) is None
    assert missing(report, {}) == ("classified", "aware")
