"""`shell.run`: the script is constant, and a value is never read as shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.clients.attempts import Attempt
from runbook.core.changes import Change
from runbook.core.words import Applied
from runbook.errors import ParameterError
from runbook.kinds import shell_run
from runbook.testing.world import FakeWorld

HOSTILE = ["$(touch x)", "`touch x`", "; touch x", "' ; touch x #", '" ; touch x #', "-n", "{{ 7*7 }}", "a\nb", "*"]


@pytest.fixture
def world(tmp_path: Path) -> FakeWorld:
    return FakeWorld(tmp_path, intent="intent-1")


@pytest.mark.fault(23)
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_value_arrives_literally(world: FakeWorld, value: str) -> None:
    """Whatever a value contains, the script sees it as the text of a variable."""
    seen = shell_run.observe({"script": 'printf %s "$VALUE"', "values": {"VALUE": value}}, world)
    assert seen.output["stdout"] == value
    assert not (world.project / "x").exists()


def test_the_script_stops_at_an_error_and_at_an_unset_variable(world: FakeWorld) -> None:
    """`-eu` is the default: half a script is not run on."""
    assert shell_run.observe({"script": "false; echo on"}, world).output["stdout"] == ""
    assert shell_run.observe({"script": 'echo "$UNSET"; echo on'}, world).output["exit_code"] != 0


def test_another_interpreter_takes_the_script(world: FakeWorld) -> None:
    """The script is the last argument but one; `runbook` is its name."""
    seen = shell_run.observe({"script": "echo $0", "shell": ["bash", "-euo", "pipefail", "-c"]}, world)
    assert seen.output["stdout"] == "runbook\n"


def test_the_plan_has_the_script_and_its_values(world: FakeWorld) -> None:
    """Another value or another script is another digest; the undo is planned from script and values alike."""
    inputs = {"script": 'rm -- "$F"', "values": {"F": "a"}, "undo": {"script": 'touch -- "$F"'}}
    change = shell_run.plan(inputs, world)
    assert isinstance(change, Change) and change.undo
    assert change.request["argv"] == ["/bin/sh", "-eu", "-c", 'rm -- "$F"', "runbook"]
    assert (change.undo.request["argv"][3], change.undo.request["env"]) == ('touch -- "$F"', {"F": "a"})
    assert (change.kind, change.summary) == ("shell.run", 'run shell script: rm -- "$F"')
    assert shell_run.plan({**inputs, "values": {"F": "b"}}, world).digest != change.digest
    assert shell_run.plan(change.undo.inputs, world).digest == change.undo.digest


@pytest.mark.fault(47)
def test_what_was_planned_is_applied(world: FakeWorld) -> None:
    """The script runs in the project's folder, with its values and the key of its intent."""
    change = shell_run.plan({"script": 'echo "$F $RUNBOOK_IDEMPOTENCY_KEY" > out', "values": {"F": 7}}, world)
    world.attempt = Attempt.create(world.project / "attempt")
    outcome = shell_run.apply(change, world)
    world.attempt.close()
    assert outcome.applied is Applied.YES
    assert (world.project / "out").read_text() == "7 intent-1\n"
    assert shell_run.confirm(change, world).outcome.applied is Applied.YES


def test_a_script_that_is_not_text_is_refused(world: FakeWorld) -> None:
    """What a template made of it cannot be a script."""
    with pytest.raises(ParameterError, match="'script' must be text"):
        shell_run.observe({"script": ["rm"]}, world)


def test_a_script_is_described_by_its_first_command() -> None:
    """Comments and empty lines say nothing of what is done."""
    assert shell_run.describe({"script": "# tidy up\n\n  rm -f lock\nexit\n"}) == "run shell script: rm -f lock"


def test_a_rehearsal_opens_nothing() -> None:
    """The change comes from the inputs alone."""
    change = shell_run.rehearse({"script": "true", "shell": ["no-such-shell", "-c"], "cwd": "nowhere"}, {})
    assert change.request["path"] == "no-such-shell"
