"""All incidents and runs of a store as facts, in one pass over each: no stream is read by itself, none is verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from runbook.incident import records as r
from runbook.incident.history import history
from runbook.incident.metrics.facts import Facts, facts_of
from runbook.incident.metrics.runs import TYPES as OF_RUNS
from runbook.incident.metrics.runs import RunFacts, run_facts
from runbook.journal import Journal

_RUNS, _REHEARSALS, _DRILLS = "run/", "rehearsal/", "drill/"

OF_INCIDENTS: Final = frozenset(
    {r.DECLARED, r.UPDATED, r.SEVERITY_CHANGED, r.CLASSIFIED, r.TIMED, r.MITIGATED, r.RESOLVED, r.REOPENED}
)


def incidents(journal: Journal, severities: Sequence[str]) -> list[Facts]:
    """Every incident; `severities` are the Catalog's, the worst first."""
    return [
        facts_of(history(skim.stream.removeprefix(r.PREFIX), skim.records), severities)
        for skim in journal.skim(r.PREFIX, OF_INCIDENTS)
    ]


def runs(journal: Journal) -> list[RunFacts]:
    """Every run, dry ones and parts of others among them."""
    return list(_facts(journal, _RUNS))


def rehearsals(journal: Journal) -> list[RunFacts]:
    """Every rehearsal that was played into the store."""
    return list(_facts(journal, _REHEARSALS))


def last_drill(journal: Journal) -> float | None:
    """When the last drill began; None where there was none."""
    began = [skim.records[0].time for skim in journal.skim(_DRILLS) if skim.records]
    return max(began, default=None)


def _facts(journal: Journal, prefix: str) -> Iterator[RunFacts]:
    for skim in journal.skim(prefix, OF_RUNS):
        facts = run_facts(skim.stream.removeprefix(prefix), skim.records, rehearsal=prefix == _REHEARSALS)
        if facts is not None:
            yield facts
