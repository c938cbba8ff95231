"""All that the end of an incident is told from, read out of the journal and the repository: one look at everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runbook.core.history import history
from runbook.core.words import Mode
from runbook.errors import BrokenChain
from runbook.hosts.manifests import manifests
from runbook.hosts.past import stream_of, taken_back
from runbook.hosts.place import Place
from runbook.incident import desk
from runbook.incident.history import Incident
from runbook.incident.leftovers import Leftover, leftovers
from runbook.incident.postmortem.facts import Facts, facts
from runbook.journal import Record, Unread


def aftermath(place: Place, id_: str, *, names: bool = False) -> Facts:
    """The facts of an incident and of its runs. Dry runs are left out.

    A run that is named and not in this store is left out as well: its records are elsewhere.
    """
    records = list(desk.records(place.journal, id_))
    runs = runs_of(place, desk.told(place.journal, id_))
    return facts(id_, records, runs, left_behind(place, runs), names=names)


def runs_of(place: Place, incident: Incident, unread: list[Unread] | None = None) -> dict[str, list[Record]]:
    """The records of an incident's runs, by their ids, in the order in which they joined.

    Runs that cannot be read go to `unread`; where there is no such list, BrokenChain.
    """
    joined = [run.run for run in incident.runs]
    linked = [link.id for link in incident.links if link.what == "run"]
    found = {}
    for run in dict.fromkeys([*joined, *linked]):
        if place.journal.head(stream_of(run)) is None:
            continue
        try:
            told = list(place.journal.read(stream_of(run)))
        except BrokenChain as error:
            if unread is None:
                raise
            unread.append(Unread.of(error))
            continue
        if told[0].data.get("mode") != Mode.DRY:
            found[run] = told
    return found


def left_behind(
    place: Place, runs: Mapping[str, Iterable[Record]], unread: list[Unread] | None = None
) -> list[Leftover]:
    """What these runs have left changed, beside what the repository's manifests say.

    Where what took a run back cannot be read, that goes to `unread`, and what it has left is not known.
    """
    past = {run: history(told) for run, told in runs.items()}
    touched = {
        change.change.target.name
        for one in past.values()
        for change in one.standing
        if change.change.kind.startswith("kubernetes.")
    }
    declared = manifests(place.project, place.environ, touched)
    found = []
    for run, one in past.items():
        try:
            found += leftovers(run, one, taken_back(place.journal, run), declared)
        except BrokenChain as error:
            if unread is None:
                raise
            unread.append(Unread.of(error))
    return found
