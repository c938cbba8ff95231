"""All incidents and runs of a store as facts, in one pass over each: no stream is read by itself, none is verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from runbook.core.records import Written
from runbook.incident import records as r
from runbook.incident.desk import folded
from runbook.incident.history import history
from runbook.incident.metrics.facts import Facts, facts_of
from runbook.incident.metrics.runs import TYPES as OF_RUNS
from runbook.incident.metrics.runs import RunFacts, run_facts
from runbook.journal import Journal, Unread

_RUNS, _REHEARSALS, _DRILLS = "run/", "rehearsal/", "drill/"

OF_INCIDENTS: Final = frozenset(
    {r.DECLARED, r.UPDATED, r.SEVERITY_CHANGED, r.CLASSIFIED, r.TIMED, r.MITIGATED, r.RESOLVED, r.REOPENED}
)


def incidents(journal: Journal, severities: Sequence[str], unread: list[Unread]) -> list[Facts]:
    """Every incident; `severities` are the Catalog's, the worst first. Those that cannot be read go to `unread`."""

    def facts(id_: str, records: Sequence[Written]) -> Facts:
        return facts_of(history(id_, records), severities)

    skims = journal.skim(r.PREFIX, OF_INCIDENTS, unread)
    return [one for skim in skims if (one := folded(journal, skim, facts, unread)) is not None]


def runs(journal: Journal, unread: list[Unread]) -> list[RunFacts]:
    """Every run, dry ones and parts of others among them; those that cannot be read go to `unread`."""
    return list(_facts(journal, _RUNS, unread))


def rehearsals(journal: Journal, unread: list[Unread]) -> list[RunFacts]:
    """Every rehearsal that was played into the store; those that cannot be read go to `unread`."""
    return list(_facts(journal, _REHEARSALS, unread))


def last_drill(journal: Journal, unread: list[Unread]) -> float | None:
    """When the last drill began; None where there was none. Those that cannot be read go to `unread`."""
    began = [skim.records[0].time for skim in journal.skim(_DRILLS, unread=unread) if skim.records]
    return max(began, default=None)


def _facts(journal: Journal, prefix: str, unread: list[Unread]) -> Iterator[RunFacts]:
    for skim in journal.skim(prefix, OF_RUNS, unread):
        facts = run_facts(skim.stream.removeprefix(prefix), skim.records, rehearsal=prefix == _REHEARSALS)
        if facts is not None:
            yield facts
