"""What the journal has of an incident's obligations: its own stream, and the runs in which a glass was broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from runbook.core.records import Written
from runbook.incident import desk
from runbook.incident.history import Incident, history
from runbook.incident.obligations.glass import BREAKING, broken
from runbook.incident.obligations.history import said
from runbook.incident.obligations.standing import Broken, Case
from runbook.incident.records import PREFIX
from runbook.journal import Journal, Unread

RUNS: Final = "run/"


def case_of(journal: Journal, incident: Incident) -> Case:
    """All that is known of an incident's obligations, from its own stream and from those of its runs."""
    return Case(incident.id, said(desk.records(journal, incident.id)), incident.started, glasses(journal, incident))


def cases_of(journal: Journal, unread: list[Unread]) -> Iterator[tuple[Incident, Case]]:
    """The same of every incident of the store, in one pass over it and one over its runs.

    Incidents and runs that cannot be read go to `unread`.
    """
    if not journal.names(PREFIX):
        return
    skims = journal.skim(RUNS, BREAKING, unread)
    broke = {skim.stream: broken(skim.stream.removeprefix(RUNS), skim.records) for skim in skims}

    def case(id_: str, records: Sequence[Written]) -> tuple[Incident, Case]:
        incident = history(id_, records)
        found = (broke.get(RUNS + each.run) for each in incident.runs)
        glasses_ = tuple(each for each in found if each is not None)
        return incident, Case(incident.id, said(records), incident.started, glasses_)

    for skim in journal.skim(PREFIX, unread=unread):
        if (one := desk.folded(journal, skim, case, unread)) is not None:
            yield one


def glasses(journal: Journal, incident: Incident) -> tuple[Broken, ...]:
    """The glasses that were broken in runs of an incident, as far as this store has them."""
    streams = [(each.run, RUNS + each.run) for each in incident.runs]
    found = (broken(run, journal.read(stream)) for run, stream in streams if journal.head(stream) is not None)
    return tuple(each for each in found if each is not None)
