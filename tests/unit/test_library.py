"""The starter library: what a team copies first is clean, rehearsed, and safe to have lying about."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook import kinds, shipped
from runbook.bootstrap import Project, heading
from runbook.document.model import Scenarios
from runbook.hosts.rehearsal import Script, rehearsed
from runbook.lint.lint import lint
from support.rulings import shape_rules

LIBRARY = shipped.library()
RUNBOOKS = sorted(path for path in LIBRARY.glob("*.yaml") if (heading(path) or ("", ""))[0] == "Runbook")


def rehearsal_of(path: Path) -> tuple[Scenarios, Script]:
    """The scenarios of a runbook of the library, and what they are played from."""
    project = Project(LIBRARY)
    scenarios = project.load(path.with_suffix(".scenarios.yaml")).document
    assert isinstance(scenarios, Scenarios)
    return scenarios, project.script(path.stem, near=path)


def test_the_library_is_lint_clean() -> None:
    """Not even a warning: these files are the first that people learn from."""
    assert lint([LIBRARY], kinds.specs(), rules=shape_rules()).findings == ()


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_every_scenario_comes_out_as_it_says(path: Path) -> None:
    """A starter runbook is rehearsed before anybody needs it."""
    scenarios, script = rehearsal_of(path)
    assert {case.name: rehearsed(script, case).differences for case in scenarios.scenarios} == {
        case.name: () for case in scenarios.scenarios
    }


@pytest.mark.parametrize(
    "path", [path for path in RUNBOOKS if path.stem != "high-api-error-rate"], ids=lambda p: p.stem
)
def test_every_option_of_a_runbook_is_one_that_resolved_it_in_some_scenario(path: Path) -> None:
    """An option that no scenario ends with has never been walked through."""
    scenarios, script = rehearsal_of(path)
    assert {case.expect.option for case in scenarios.scenarios} >= {option.id for option in script.book.resolution}


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_no_default_names_a_host_that_exists(path: Path) -> None:
    """A runbook started by accident, as it was copied, speaks to nobody's servers."""
    words = path.read_text().replace('"', " ").replace(",", " ").replace("}", " ").split()
    hosts = [word for word in words if word.endswith((".com", ".org", ".net"))]
    assert all(host.endswith("example.com") for host in hosts)
