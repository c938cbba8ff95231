"""A command by hand is killed at the points that it passes: it is run once at most, and both records stay whole.

A sample of the points, unless RUNBOOK_CRASH_ALL is set.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.hosts.past import stream_of
from runbook.journal.verify import verify
from support.crash import place
from support.crash.lives import KILLED, Life, lived
from support.crash.nursery import Nursery
from support.crash.stores import Stores, stores

__all__ = ["stores"]  # a fixture

EVERY = 1 if "RUNBOOK_CRASH_ALL" in os.environ else 5
SEED = int(os.environ.get("RUNBOOK_CRASH_SEED") or int.from_bytes(os.urandom(3)))

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


def live(nursery: Nursery, stores: Stores, folder: Path, *kills: int) -> Life:
    """A run that waits at its gate, and a command within it that is killed at these points; checked."""
    of = place.opened(place.project(folder, runbook=place.one(), config=stores.config()))
    around = stores.run()
    place.begin(of, around, yes=False)
    of.journal.close()
    life = lived(nursery, folder, stores.run(), kills, within=around, died=stores.died)
    try:
        check(life, around)
    except AssertionError as error:
        raise AssertionError(f"killed at {kills} (seed {SEED}, exits {life.exits}): {error}") from error
    return life


def check(life: Life, around: str) -> None:
    """Once at most, and what the record says is what happened; the run around it says how it ended, once."""
    told = life.told()
    assert told.finished is not None
    lines = place.ledger(life.folder)
    assert lines == ([place.BY_HAND] if str(told.outcome) == "resolved" else []), (lines, told.outcome)
    journal = place.opened(life.folder).journal
    notes = [r.data for r in journal.read(stream_of(around)) if r.type == "note.added"]
    assert [data["outcome"] for data in notes if data["state"] == "ended"] == [str(told.outcome)]
    assert [verdict for verdict in verify(journal) if not verdict.ok] == []
    assert [lock.owner for lock in journal.locks()] == [stream_of(around)]
    journal.close()


def test_undisturbed_it_is_run_once_and_noted(nursery: Nursery, stores: Stores, tmp_path: Path) -> None:
    """What the others compare with."""
    life = live(nursery, stores, tmp_path / "whole")
    assert (life.exits, life.settled, place.ledger(life.folder)) == ([0], [], [place.BY_HAND])


@pytest.mark.fault(83)
def test_killed_at_any_point_it_is_never_run_twice(nursery: Nursery, stores: Stores, tmp_path: Path) -> None:
    """Once, twice in a row, before it began, while it ran, before it was noted."""
    points = len((live(nursery, stores, tmp_path / "whole").folder / "points").read_text().splitlines())
    chance = random.Random(SEED)
    every = EVERY if EVERY == 1 else EVERY * stores.sparser
    lives = [
        live(nursery, stores, tmp_path / str(point), point, chance.randint(1, points))
        for point in range(1 + SEED % every, points + 1, every)
    ]
    assert sum(life.exits[0] == KILLED for life in lives) >= 0.8 * len(lives)
