"""What earlier runs of the store have done: what the brakes of the policy count, and what was taken back already."""

from __future__ import annotations

from runbook.core.history import History, history
from runbook.core.words import Mode
from runbook.journal import Journal
from runbook.policy.auto import PastRun

RUNS = "run/"


def stream_of(run: str) -> str:
    """The journal stream of a run."""
    return RUNS + run


def past_runs(journal: Journal, runbook: str, targets: frozenset[str], *, besides: str) -> list[PastRun]:
    """Earlier runs of a runbook that touched any of these targets, oldest first."""
    past = []
    for info in journal.streams(RUNS):
        if info.stream == stream_of(besides) or info.first.data.get("runbook") != runbook:
            continue
        seen: History = history(journal.read(info.stream))
        if seen.started.get("mode") == Mode.DRY:
            continue
        touched = {change.change.target.lock for change in seen.changes.values()}
        if touched & targets:
            ended = seen.ended_at if seen.ended_at is not None else seen.last_at
            past.append(PastRun(ended, True, seen.outcome))
    return sorted(past, key=lambda run: run.ended_at)


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
