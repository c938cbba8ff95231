"""A run in a database is killed on one machine and gone on with on another, which sees nothing of what was started.

A sample of the points, unless RUNBOOK_CRASH_ALL is set; RUNBOOK_CRASH_SEED repeats a sample that failed. Whoever says
what became of a change looks into the world first; the machine itself can only ask a change's own `confirm`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.crash import place, relay
from support.crash.lives import KILLED, Life, check, lived
from support.crash.nursery import Nursery
from support.crash.stores import Databases
from support.postgres import Server

ALL = "RUNBOOK_CRASH_ALL" in os.environ
SEED = int(os.environ.get("RUNBOOK_CRASH_SEED") or int.from_bytes(os.urandom(3)))
EVERY = 1 if ALL else 45
AGAIN = 60 if ALL else 2
NEAR = 1 if ALL else 7  # points between two of those around a hand-over

pytestmark = [pytest.mark.acceptance, pytest.mark.parametrize("confirm", [True, False], ids=["confirm", "blind"])]
Living = Callable[..., Life]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def live(nursery: Nursery, postgres: Server, tmp_path: Path, confirm: bool) -> Living:
    """A run of one of the two projects, whose processes are each on a machine of their own; checked."""
    stores = Databases(postgres)

    def live(*kills: int, over: bool = False) -> Life:
        name = "-".join(map(str, kills)) or "whole"
        made = relay.project if over else place.project
        folder = made(tmp_path / name, confirm=confirm, config=stores.config())
        life = lived(nursery, folder, stores.run(), kills, died=stores.died, elsewhere=True)
        try:
            relay.check(folder) if over else check(life)
        except AssertionError as error:
            raise AssertionError(f"killed at {kills} (seed {SEED}, exits {life.exits}): {error}") from error
        return life

    return live


def points_of(life: Life) -> list[str]:
    return (life.folder / "points").read_text().splitlines()


def told(lives: list[Life]) -> str:
    kills, doubts = sum(life.exits.count(KILLED) for life in lives), sum(life.doubted for life in lives)
    return f"\nseed {SEED}: {kills} kills in {len(lives)} runs, {doubts} doubts settled"


@pytest.mark.fault(83)
def test_what_another_machine_cannot_see_is_a_doubt_and_never_done_again(live: Living) -> None:
    """Killed at any point: every change once, in order, and nothing lost."""
    points = len(points_of(live()))
    lives = [live(point) for point in range(1 + SEED % EVERY, points + 1, EVERY)]
    print(told(lives))
    assert sum(life.exits[0] == KILLED for life in lives) >= 0.9 * len(lives)


@pytest.mark.fault(83)
def test_killed_again_and_again_on_machine_after_machine(live: Living) -> None:
    """Each goes on from what the record says, and from nothing else."""
    chance = random.Random(SEED)
    points = len(points_of(live()))
    lives = [live(chance.randint(1, points), *(chance.randint(1, 60) for _ in range(4))) for _ in range(AGAIN)]
    print(told(lives))
    assert sum(life.exits.count(KILLED) for life in lives) >= len(lives)


@pytest.mark.fault(83)
def test_a_hand_over_is_gone_on_with_from_another_machine(live: Living) -> None:
    """The second run is started once, by whoever comes."""
    over = points_of(live(over=True)).index("before goes_on") + 1
    lives = [live(point, over=True) for point in range(over - 9 + SEED % NEAR, over + 12, NEAR)]
    print(told(lives))
    assert sum(life.exits[0] == KILLED for life in lives) >= 0.9 * len(lives)
    assert [life.exits[-1] for life in lives] == [0] * len(lives)
