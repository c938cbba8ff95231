"""The fake world keeps the promises of a real one, as far as a kind can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.errors import WorldError
from runbook.kinds.protocol import World
from runbook.testing.world import FakeWorld


def test_it_is_a_world(tmp_path: Path) -> None:
    """Everything that a kind may ask of a world is there."""
    world = FakeWorld(tmp_path)
    for name in (*World.__annotations__, *(name for name in vars(World) if not name.startswith("_"))):
        assert hasattr(world, name), name


def test_time_runs_out_and_is_never_negative(tmp_path: Path) -> None:
    """The attempt's time counts from construction."""
    assert 29 < FakeWorld(tmp_path).remaining() <= 30
    assert FakeWorld(tmp_path, timeout=-1).remaining() == 0


def test_a_client_that_was_not_given_is_not_configured(tmp_path: Path) -> None:
    """As for a step whose connection is missing from the project."""
    world = FakeWorld(tmp_path, clients={"http": "the client"})
    assert world.client("http") == "the client"
    with pytest.raises(WorldError, match="no connection of type prometheus is configured"):
        world.client("prometheus")


def test_a_secret_is_told_masked_and_concealed(tmp_path: Path) -> None:
    """Its value is in no output from then on, and what stands for it is not it."""
    world = FakeWorld(tmp_path, environ={"TOKEN": "correct-horse"})
    value = world.secret({"env": "TOKEN"})
    mask = world.mask()
    assert world.told == [value] == ["correct-horse"]
    assert mask.feed(b"is correct-horse!") + mask.close() == b"is ***!"
    assert world.conceal(value) == world.conceal(value) != world.conceal("another")
    assert value not in world.conceal(value)


def test_a_test_ends_the_run_and_names_what_is_believed(tmp_path: Path) -> None:
    """Both are what the test says."""
    world = FakeWorld(tmp_path, believed_argvs=(("git", "log"),))
    assert (world.cancelled(), world.believed(("git", "log")), world.believed(("rm",))) == (False, True, False)
    world.cancel()
    assert world.cancelled()
