"""What earlier runs of the store have done: what the brakes of the policy count, and what was taken back already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.core.history import History, history
from runbook.core.words import Mode
from runbook.hosts.pinned import Start
from runbook.journal import Journal
from runbook.policy.auto import PastRun

RUNS = "run/"


def stream_of(run: str) -> str:
    """The journal stream of a run."""
    return RUNS + run


def past_runs(journal: Journal, runbook: str, start: Start, targets: frozenset[str]) -> list[PastRun]:
    """Earlier runs of a runbook that changed what a run is about to change, oldest first.

    Where both runs name what they work on, that decides; else any of the objects in `targets`.
    """
    past = []
    for info in journal.streams(RUNS):
        first = info.first.data
        if info.stream == stream_of(start.run) or first.get("runbook") != runbook or first.get("mode") == Mode.DRY:
            continue
        about_it = _same(start, first)
        if about_it is False:
            continue
        seen: History = history(journal.read(info.stream))
        touched = {change.change.target.lock for change in seen.changes.values()}
        unknown = any(change.lost is not None for change in seen.changes.values())  # it may have been one of these
        if touched and (about_it or touched & targets or unknown):
            ended = seen.ended_at if seen.ended_at is not None else seen.last_at
            past.append(PastRun(ended, True, seen.outcome))
    return sorted(past, key=lambda run: run.ended_at)


def _same(start: Start, first: Mapping[str, Any]) -> bool | None:
    """Whether an earlier run was about the same, by what both say of themselves; None where that does not tell."""
    environment, target = first.get("environment"), first.get("target")
    if start.environment and environment and start.environment != environment:
        return False
    if start.target is None or target is None:
        return None
    return dict(start.target) == dict(target)


def taken_back(journal: Journal, run: str) -> dict[str, str]:
    """Which changes of a run other runs have taken back: the change's key → the run that did.

    Read from those runs themselves, so that it does not depend on a note that a crash could have cut off.
    """
    gone: dict[str, str] = {}
    for info in journal.streams(RUNS):
        if info.first.data.get("takes_back") == run:
            by = info.stream.removeprefix(RUNS)
            gone |= dict.fromkeys(history(journal.read(info.stream)).took_back, by)
    return gone
