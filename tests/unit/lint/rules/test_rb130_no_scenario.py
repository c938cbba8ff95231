"""RB130: a runbook that nobody has rehearsed."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook import kinds
from runbook.lint.lint import lint
from runbook.lint.rule import EXAMPLES_DAY, Rulebook
from runbook.lint.ruling import every_rule
from runbook.lint.samples import HEAD, TRIAGE
from support.rulings import said

SCENARIOS = """\
apiVersion: runbook/v1
kind: Scenario
runbook: %s
scenarios: [{name: nothing answers, expect: {outcome: not_resolved}}]
"""


@pytest.mark.parametrize(("name", "found"), [("queue-stuck", 0), ("other", 1)])
def test_a_scenario_is_one_that_names_it(name, found):
    """Whatever its file is called."""
    other = HEAD.replace("queue-stuck", "other") + TRIAGE
    files = {"scenarios/all.yaml": SCENARIOS % name, "books/other.yaml": other}
    assert len([one for one in said("RB130", TRIAGE, files=files) if "queue-stuck" in one]) == found


@pytest.mark.parametrize("file", ["runbooks/queue-stuck.scenarios.yaml", "runbooks/deep/all.yaml"])
def test_one_that_is_not_linted_is_found_in_the_library(file, tmp_path: Path):
    """Who lints one file is told nothing that is not so."""
    (tmp_path / ".git").mkdir()
    for name, text in (("runbooks/queue-stuck.yaml", HEAD + TRIAGE), (file, SCENARIOS % "queue-stuck")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    rules = tuple(rule for rule in every_rule() if rule.code == "RB130")
    found = lint([tmp_path / "runbooks/queue-stuck.yaml"], kinds.specs(), rules=Rulebook(rules, EXAMPLES_DAY))
    assert found.findings == ()
