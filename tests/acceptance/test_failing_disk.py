"""The disk fails at its n-th operation, for each n of a whole run: nothing twice, nothing lost, and it says so.

A sample of the operations, unless RUNBOOK_CRASH_ALL is set; RUNBOOK_CRASH_SEED repeats a sample that failed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.crash import place, suffering
from support.crash.nursery import Nursery
from support.faulty import disk

ALL = "RUNBOOK_CRASH_ALL" in os.environ
SEED = int(os.environ.get("RUNBOOK_CRASH_SEED") or int.from_bytes(os.urandom(3)))
FEW = 6  # operations of each fault in a sample

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    nursery = Nursery(disk.library(tmp_path_factory.mktemp("disk")))
    yield nursery
    nursery.close()


@pytest.fixture
def operations(nursery: Nursery, tmp_path: Path) -> list[str]:
    """Those of a run whose disk is well."""
    whole = suffering.suffered(nursery, tmp_path / "whole", place.run_id(1), {})
    assert (whole.exits, whole.said) == ([0], [])
    return suffering.operations(tmp_path / "whole")


@pytest.mark.fault(83, 85)
@pytest.mark.parametrize("how", disk.FAULTS)
def test_whichever_operation_fails_nothing_happens_twice_and_nothing_is_lost(
    nursery: Nursery, operations: list[str], tmp_path: Path, how: str
) -> None:
    """I1 to I6: effects are intended, and once; what was acknowledged is kept, no secret is; it says what next."""
    every = 1 if ALL else max(1, len(operations) // FEW)
    ends = []
    for at in range(1 + SEED % every, len(operations) + 1, every):
        try:
            told = suffering.suffered(nursery, tmp_path / str(at), place.run_id(1), {"how": how, "at": at})
        except AssertionError as error:
            raise AssertionError(f"{how} at {at} ({operations[at - 1]}): {error}") from error
        ends.append(told.exits[0])
    print(f"\nseed {SEED}: {how} at {len(ends)} of {len(operations)} operations: {sorted(set(ends))}")


@pytest.mark.fault(83)
def test_before_a_process_is_started_its_intent_is_on_the_disk(operations: list[str]) -> None:
    """Of the log that holds the intent, and of the attempt's file, nothing is left unsynced when it starts."""
    marks = [n for n, line in enumerate(operations) if line.startswith("sync ") and "/attempts/" in line]
    assert len(marks) == len(suffering.LINES)
    for mark in marks:
        of_log = [line.split()[0] for line in operations[:mark] if line.endswith("journal.db-wal")]
        assert of_log[-1] == "sync", operations[:mark][-5:]
