"""The starter library: what a team copies first is clean, rehearsed, and safe to have lying about."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from runbook import kinds, shipped
from runbook.bootstrap import Project, heading
from runbook.document.model import Runbook, Scenarios
from runbook.hosts.rehearsal import Script, rehearsed
from runbook.lint.lint import lint
from runbook.lint.rule import Rulebook
from runbook.lint.ruling import every_rule

LIBRARY = shipped.library()
RUNBOOKS = sorted(path for path in LIBRARY.glob("*.yaml") if (heading(path) or ("", ""))[0] == "Runbook")


def rehearsal_of(path: Path) -> tuple[Scenarios, Script]:
    """The scenarios of a runbook of the library, and what they are played from."""
    project = Project(LIBRARY)
    scenarios = project.load(path.with_suffix(".scenarios.yaml")).document
    assert isinstance(scenarios, Scenarios)
    return scenarios, project.script(path.stem, near=path)


def test_the_library_is_lint_clean() -> None:
    """Not even a warning of any rule: these files are the first that people learn from."""
    rules = Rulebook(every_rule(), date(2026, 11, 23), None)
    assert lint([LIBRARY], kinds.specs(), rules=rules).findings == ()


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_bad_day_a_false_alarm_and_a_world_that_does_not_answer_are_rehearsed(path: Path) -> None:
    """A runbook that was only rehearsed on a good day says nothing about a bad one."""
    cases = rehearsal_of(path)[0].scenarios
    outcomes = {case.expect.outcome for case in cases}
    assert outcomes >= {"resolved", "not_needed", "undetermined"} and outcomes & {"not_resolved", "denied"}
    assert any(case.expect.status == "waiting" for case in cases)


def test_it_has_what_people_on_call_know() -> None:
    """At least fifteen of them, each with who keeps it true, what it costs when it happens, and whom to wake."""
    books = [Project(LIBRARY).load(path).document for path in RUNBOOKS]
    assert len(books) >= 15
    for book in books:
        assert isinstance(book, Runbook)
        assert book.owners and book.reviewed and book.impact and book.escalation and book.severity, book.name
        assert book.name == "high-api-error-rate" or (book.target and book.about), book.name


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_every_scenario_comes_out_as_it_says(path: Path) -> None:
    """A starter runbook is rehearsed before anybody needs it."""
    scenarios, script = rehearsal_of(path)
    assert {case.name: rehearsed(script, case).differences for case in scenarios.scenarios} == {
        case.name: () for case in scenarios.scenarios
    }


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_every_option_of_a_runbook_is_one_that_resolved_it_in_some_scenario(path: Path) -> None:
    """An option that no scenario ends with has never been walked through."""
    scenarios, script = rehearsal_of(path)
    ends = {case.expect.option or case.expect.continues for case in scenarios.scenarios}
    assert ends >= {o.continue_with.runbook if o.continue_with else o.id for o in script.book.resolution}


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_no_default_names_a_host_that_exists(path: Path) -> None:
    """A runbook started by accident, as it was copied, speaks to nobody's servers."""
    words = path.read_text().replace('"', " ").replace(",", " ").replace("}", " ").split()
    hosts = [word for word in words if word.endswith((".com", ".org", ".net"))]
    assert all(host.endswith("example.com") for host in hosts)
