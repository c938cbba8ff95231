"""The two kinds against a real file, with the world that the engine ships for the tests of kinds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from runbook.core.changes import Change, DidApply, DidNotApply, NothingToDo, Refused
from runbook.core.words import Applied
from runbook.errors import Unreachable, WorldError
from runbook.testing.world import FakeWorld

from runbook_flags import get
from runbook_flags import set as set_

OFF = {"flag": "checkout-v2", "enabled": False}


@pytest.fixture
def flags(tmp_path: Path) -> Path:
    """A file with one feature, on."""
    path = tmp_path / "flags.json"
    path.write_text('{"checkout-v2": true}')
    return path


@pytest.fixture
def world(flags: Path) -> FakeWorld:
    """The world as a step may touch it: the file's folder is the project."""
    return FakeWorld(flags.parent)


def planned(world: FakeWorld) -> Change:
    change = set_.plan(OFF, world)
    assert isinstance(change, Change)
    return change


@pytest.mark.parametrize("kind", [get, set_], ids=lambda kind: kind.SPEC.name)
def test_the_example_of_a_kind_is_valid(kind):
    """It is what an editor and the documentation show."""
    example = kind.SPEC.example
    Draft202012Validator(kind.SPEC.inputs).validate(example["with"])
    assert example["uses"] == kind.SPEC.name
    assert kind.describe(example["with"])


def test_a_flag_is_read(world):
    """On is on."""
    assert get.observe({"flag": "checkout-v2"}, world).output == {"enabled": True}


def test_a_flag_that_is_not_there_is_unknown(world):
    """It is not off: nobody knows."""
    seen = get.observe({"flag": "checkout-v3"}, world)
    assert (seen.output, seen.unknown) == ({"enabled": None}, "flags.json has no flag 'checkout-v3'")


@pytest.mark.parametrize(("text", "error"), [(None, Unreachable), ("{", WorldError), ("[]", WorldError)])
def test_what_cannot_be_read_is_an_error(text, error, flags, world):
    """Never an answer."""
    flags.unlink() if text is None else flags.write_text(text)
    with pytest.raises(error, match="flags.json"):
        get.observe({"flag": "checkout-v2"}, world)


def test_a_plan_changes_nothing_and_says_everything(flags, world):
    """Target, field, undo; twice the same digest."""
    before = flags.read_bytes()
    change = planned(world)
    assert flags.read_bytes() == before
    assert (change.fields[0].before, change.fields[0].after) == (True, False)
    assert change.digest == planned(world).digest


def test_nothing_to_do_and_no_such_flag(world):
    """Neither asks anybody for a yes."""
    assert isinstance(set_.plan({"flag": "checkout-v2", "enabled": True}, world), NothingToDo)
    assert isinstance(set_.plan({"flag": "checkout-v3", "enabled": True}, world), Refused)


def test_it_is_applied_and_taken_back(flags, world):
    """The undo, planned anew, is the one that was approved with the change."""
    change = planned(world)
    assert set_.apply(change, world).applied is Applied.YES
    assert json.loads(flags.read_text()) == {"checkout-v2": False}
    undo = set_.plan(change.undo.inputs, world)
    assert undo.digest == change.undo.digest
    set_.apply(undo, world)
    assert json.loads(flags.read_text()) == {"checkout-v2": True}


def test_a_flag_that_moved_is_left_alone(flags, world):
    """Somebody was faster: a refused precondition, which the engine plans and asks for again."""
    change = planned(world)
    flags.write_text('{"checkout-v2": false}')
    outcome = set_.apply(change, world)
    assert (outcome.applied, outcome.error.code) == (Applied.NO, "precondition")


def test_a_lost_answer_is_confirmed_by_looking(world):
    """Before the write it did not happen; after it, it did."""
    change = planned(world)
    assert isinstance(set_.confirm(change, world), DidNotApply)
    set_.apply(change, world)
    assert isinstance(set_.confirm(change, world), DidApply)


def test_a_rehearsal_opens_nothing():
    """It has no world to open."""
    change = set_.rehearse(OFF, {})
    assert (change.target.connection, change.fields[0].after) == ("rehearsal", False)
