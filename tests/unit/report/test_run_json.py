"""A run as JSON is what scripts rely on."""

from __future__ import annotations

import json

import pytest

from runbook.errors import Exit
from runbook.report.run_json import event_object, exit_of, json_text, listed, run_object, runs_object
from support import histories
from support.histories import RUN
from support.hostile import EVIL, hostile, inert

TOP = {"format", "run", "runbook", "status", "outcome", "option", "parameters", "steps", "approvals", "exit"}
STEP = {
    "key", "id", "phase", "kind", "effect", "status", "applied", "verdict", "tries", "started", "finished", "output",
    "change", "error",
}  # fmt: skip


def run_of(night: str, *, alive: bool = False, exit_: Exit | None = None) -> dict:
    whole = run_object(histories.NIGHTS[night]().history, RUN, alive=alive, exit_=exit_)
    return json.loads(json_text(whole))


@pytest.mark.parametrize("night", histories.NIGHTS)
def test_every_run_has_every_key(night):
    """Keys are never left out, whatever became of the run."""
    run = run_of(night)
    assert run.keys() >= TOP
    assert all(step.keys() >= STEP for step in run["steps"])


@pytest.mark.parametrize(
    ("night", "alive", "code"),
    [
        ("resolved", False, Exit.OK),
        ("denied", False, Exit.REFUSED),
        ("undone", False, Exit.NOT_RESOLVED),
        ("waiting", False, Exit.WAITING),
        ("waiting", True, Exit.WAITING),
        ("asked", False, Exit.WAITING),
        ("in_doubt", False, Exit.IN_DOUBT),
        ("interrupted", False, Exit.INTERRUPTED),
        ("interrupted", True, Exit.OK),
    ],
)
def test_the_exit_code_is_the_outcome_or_what_is_waited_for(night, alive, code):
    """A doubt comes before everything else that waits."""
    assert exit_of(histories.NIGHTS[night]().history, alive=alive) is code
    assert run_of(night, alive=alive)["exit"] == {"code": int(code), "name": code.word}


def test_a_signal_is_the_commands_own_exit_code():
    """What the host says of its own end is not overruled."""
    assert run_of("interrupted", exit_=Exit.TERMINATED)["exit"] == {"code": 143, "name": "interrupted"}


def test_a_step_stands_once_with_its_newest_try():
    """The rollback was planned twice and applied once: one row, with its change."""
    (step,) = [step for step in run_of("resolved")["steps"] if step["id"] == "roll_back"]
    assert (step["status"], step["applied"], step["effect"]) == ("succeeded", "yes", "change")
    assert step["key"].startswith("resolution/rollback/roll_back:")
    assert step["change"]["summary"].startswith("Return Deployment production/api")


def test_times_are_rfc_3339_in_utc():
    """Every time ends in Z; a run that is open has no end."""
    assert run_of("resolved")["started"] == "2026-11-23T03:00:00.000Z"
    assert run_of("resolved")["finished"].endswith("Z")
    assert run_of("waiting")["finished"] is None


def test_approvals_say_who_decided_and_what():
    """The gate's whole digest, its terms, and the votes."""
    (gate,) = run_of("denied")["approvals"]
    assert (gate["decision"], gate["by"], gate["reason"]) == ("denied", ["ben"], "wrong deployment")
    assert len(gate["digest"]) == 64
    assert gate["votes"][0]["verdict"] == "deny"


def test_what_waits_comes_with_its_commands():
    """A script that gets exit 6 or 9 finds there what to run."""
    (one,) = run_of("waiting")["waiting"]
    assert (one["for"], len(one["commands"])) == ("approval", 3)
    assert run_of("in_doubt")["waiting"][0]["for"] == "doubt"
    assert run_of("resolved")["waiting"] == []
    assert run_of("resolved")["undo"] == f"runbook undo {RUN}"


def test_runs_are_listed_newest_first():
    """The list has the keys that scripts sort and filter by."""
    old = listed(histories.resolved().history, "old", alive=False)
    new = histories.Tape().wait(3600).add("run.started", who="ann", runbook="x", initiator="ann")
    runs = runs_object([old, listed(new.history, "new", alive=True)])["runs"]
    assert [run["run"] for run in runs] == ["new", "old"]
    assert runs[1].keys() >= {"run", "runbook", "status", "outcome", "started", "finished", "initiator"}


def test_a_record_is_one_line():
    """`jsonl` has one object for each record, with who did it."""
    record = histories.waiting().records[0]
    event = json.loads(json_text(event_object(record)))
    assert (event["seq"], event["type"], event["actor"]["id"]) == (0, "run.started", "ann")
    assert "\n" not in json_text(event_object(record))


def test_json_on_a_terminal_is_inert_and_means_the_same():
    """What is invisible is escaped, and parses back to exactly what was stored."""
    text = json_text({"value": EVIL, "astral": "\U000e0041"}, indent=2)
    assert inert(text)
    assert json.loads(text) == {"value": EVIL, "astral": "\U000e0041"}


@pytest.mark.fault(59, 60)
def test_a_whole_hostile_run_is_inert_as_json():
    """No field is forgotten."""
    assert inert(json_text(run_object(hostile(histories.undone()).history, RUN, alive=False), indent=2))


@pytest.mark.parametrize("odd", ["\ud83d", 2**80])
def test_what_strict_encoders_refuse_is_still_written(odd):
    """Half characters and huge integers are data like any other."""
    assert json.loads(json_text({"odd": odd})) == {"odd": odd}
