"""The runbooks of docs/examples: what somebody copies for a real alert is clean, rehearsed in every way, and listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbook import kinds
from runbook.bootstrap import Project, heading
from runbook.document.model import Runbook, Scenarios
from runbook.hosts.rehearsal import rehearsed
from runbook.lint.lint import lint
from support.rulings import all_rules

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "runbooks"
RUNBOOKS = sorted(path for path in EXAMPLES.glob("*/*.yaml") if (heading(path) or ("", ""))[0] == "Runbook")
every_runbook = pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def project() -> Project:
    """The project that the examples are."""
    return Project(EXAMPLES)


def scenarios_of(path: Path, project: Project) -> Scenarios:
    """The scenarios beside a runbook."""
    document = project.load(path.with_suffix(".scenarios.yaml")).document
    assert isinstance(document, Scenarios)
    return document


def test_there_is_not_a_single_finding() -> None:
    """Not even a warning: connections, people and names are whole, and each runbook is as the rules want it."""
    assert lint([EXAMPLES], kinds.specs(), rules=all_rules()).findings == ()


@every_runbook
def test_every_scenario_comes_out_as_it_says(path: Path, project: Project) -> None:
    """Each of them is played to its end."""
    script = project.script(path.stem, near=path)
    cases = scenarios_of(path, project).scenarios
    assert {case.name: rehearsed(script, case).differences for case in cases} == {case.name: () for case in cases}


@every_runbook
def test_a_good_end_a_bad_one_and_a_world_that_does_not_answer_are_rehearsed(path: Path, project: Project) -> None:
    """A runbook that was only rehearsed on a good day says nothing about a bad one."""
    cases = scenarios_of(path, project).scenarios
    outcomes = {case.expect.outcome for case in cases}
    assert "resolved" in outcomes
    assert outcomes & {"not_resolved", "denied", "blocked"}
    assert any("error" in str(case.given) or "unknown" in str(case.given) for case in cases)


@every_runbook
def test_every_option_that_changes_something_resolves_some_scenario(path: Path, project: Project) -> None:
    """An option that no scenario ends with has never been walked through to its end."""
    book = project.load(path).document
    assert isinstance(book, Runbook)
    resolved = {case.expect.option for case in scenarios_of(path, project).scenarios}
    specs = kinds.specs()
    changing = {
        option.id
        for option in book.resolution
        if any(specs[step.uses].role == "action" and step.inputs.get("effect") != "read" for step in option.steps)
    }
    assert resolved >= changing


def test_the_readme_lists_each_of_them_with_its_alerts(project: Project) -> None:
    """Who looks for an alert finds it there; what is listed exists."""
    rows = re.findall(r"^\| \[([\w-]+)\]\(([^)]+)\) \| ([^|]+) \|", (EXAMPLES / "README.md").read_text(), re.MULTILINE)
    listed = {(name, file, frozenset(alerts.split(", "))) for name, file, alerts in rows}
    books = [(path, project.load(path).document) for path in RUNBOOKS]
    assert listed == {
        (book.name, str(path.relative_to(EXAMPLES)), frozenset(s.alert for s in book.symptoms if s.alert))
        for path, book in books
        if isinstance(book, Runbook)
    }
