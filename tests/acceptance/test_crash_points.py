"""A run is killed at every point that it passes, resumed and settled: nothing happens twice, and nothing is lost.

A sample of the points, unless RUNBOOK_CRASH_ALL is set; RUNBOOK_CRASH_SEED repeats a sample that failed.
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
from support.crash.stores import Stores, stores

__all__ = ["stores"]  # a fixture

ALL = "RUNBOOK_CRASH_ALL" in os.environ
SEED = int(os.environ.get("RUNBOOK_CRASH_SEED") or int.from_bytes(os.urandom(3)))
EVERY = 1 if ALL else 11
AGAIN = 60 if ALL else 6

pytestmark = [pytest.mark.acceptance, pytest.mark.parametrize("confirm", [True, False], ids=["confirm", "blind"])]
Living = Callable[..., Life]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def every(stores: Stores) -> int:
    """One point of so many is taken."""
    return EVERY if ALL else EVERY * stores.sparser


@pytest.fixture
def live(nursery: Nursery, stores: Stores, tmp_path: Path, confirm: bool) -> Living:
    """A run in a project of its own, killed at these points; checked."""

    def live(*kills: int) -> Life:
        name = "-".join(map(str, kills)) or "whole"
        folder = place.project(tmp_path / name, confirm=confirm, config=stores.config())
        life = lived(nursery, folder, stores.run(), kills, died=stores.died)
        try:
            check(life)
        except AssertionError as error:
            raise AssertionError(f"killed at {kills} (seed {SEED}, exits {life.exits}): {error}") from error
        return life

    return live


def points_of(life: Life) -> int:
    return len((life.folder / "points").read_text().splitlines())


def test_a_run_that_nobody_disturbs_is_resolved_without_a_doubt(live: Living) -> None:
    """What the other tests compare with: every change once, in order, and no question asked."""
    life = live()
    assert (life.exits, life.doubted, place.ledger(life.folder)) == ([0], 0, place.LINES)
    assert points_of(life) > 100


@pytest.mark.fault(83)
def test_killed_once_at_any_point_it_applies_nothing_twice_and_loses_nothing(
    live: Living, every: int, confirm: bool
) -> None:
    """Killed before or after any commit, process, mark or message, a run ends as if it had not been."""
    points = points_of(live())
    first = 1 + SEED % every
    lives = [live(point) for point in range(first, points + 1, every)]
    killed = sum(life.exits[0] == KILLED for life in lives)
    assert killed >= 0.9 * len(lives)  # how many commits there are depends on which thread is faster
    doubts = [key for life in lives for key in life.settled]
    print(f"\nseed {SEED}: {killed} kills at {points} points, {len(doubts)} doubts settled")
    if confirm:
        # A step's `confirm` speaks for the step: what an undo did, only its own exit can tell. And between a command's
        # start and the mark that names its process, nobody can know later whether it still runs.
        asked = [(life.points[0], key) for life in lives for key in life.settled]
        assert all(":undo#" in key or "mark" in point for point, key in asked), asked


@pytest.mark.fault(83)
def test_killed_again_and_again_it_still_applies_nothing_twice(live: Living, stores: Stores) -> None:
    """A resume that is killed is resumed as well."""
    chance = random.Random(SEED)
    points = points_of(live())
    lives = [
        live(chance.randint(1, points), *(chance.randint(1, 60) for _ in range(4)))
        for _ in range(AGAIN // (1 if ALL else stores.sparser))
    ]
    killed = sum(life.exits.count(KILLED) for life in lives)
    print(f"\nseed {SEED}: {killed} kills in {len(lives)} runs")
    assert killed >= len(lives)


@pytest.mark.fault(83)
def test_killed_around_a_hand_over_the_second_run_is_started_once_and_nothing_is_lost(
    nursery: Nursery, stores: Stores, tmp_path: Path, confirm: bool
) -> None:
    """The locks pass over with the end of the first, and whoever resumes it goes on with the second."""

    def live(*kills: int) -> Life:
        name = "-".join(map(str, kills)) or "whole"
        folder = relay.project(tmp_path / name, confirm=confirm, config=stores.config())
        life = lived(nursery, folder, stores.run(), kills, died=stores.died)
        try:
            relay.check(life.folder)
        except AssertionError as error:
            raise AssertionError(f"killed at {kills} (seed {SEED}, exits {life.exits}): {error}") from error
        return life

    points = (live().folder / "points").read_text().splitlines()
    over = points.index("before goes_on") + 1
    near = range(over - 9, over + 12) if ALL else range(over - 9 + SEED % 3, over + 12, 3 * stores.sparser)
    lives = [live(point) for point in near]
    assert sum(life.exits[0] == KILLED for life in lives) >= 0.9 * len(lives)
    assert [life.exits[-1] for life in lives] == [0] * len(lives)
