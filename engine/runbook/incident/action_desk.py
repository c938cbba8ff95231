"""Writing down action items: added, changed, ended, opened again; each in one transaction with what was there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from runbook.errors import UsageError
from runbook.incident.actions import Action, Aim, State, actions, named, next_id, one, still_open
from runbook.incident.desk import Desk, by_me, find, records, speaking
from runbook.incident.naming import words
from runbook.incident.records import ACTION_ADDED, ACTION_CHANGED
from runbook.journal import Journal

LONGEST = 500  # characters of a title; what is longer belongs into the ticket


def add(
    place: Desk,
    incident: str,
    title: str,
    *,
    aim: Aim,
    owner: str | None = None,
    due: date | None = None,
    ticket: str | None = None,
) -> Action:
    """One item more; UsageError for a title that says nothing, or that the incident has open already."""
    id_ = find(place.journal, incident)
    title = _title(title)
    with speaking(place, id_) as (writer, _):
        so_far = actions(id_, writer.tail(-1))
        for known in so_far:
            if known.state is State.OPEN and known.title.casefold() == title.casefold():
                raise UsageError(f"{known.id} says the same: {known.title}", hint="`runbook actions change` changes it")
        data = {"action": next_id(id_, so_far), "title": title, "aim": str(aim), "owner": owner, "ticket": ticket}
        writer.append(by_me(place, ACTION_ADDED, {**data, "due": due.isoformat() if due else None}))
        return actions(id_, writer.tail(-1))[-1]


def change(place: Desk, action: str, fields: Mapping[str, Any], reason: str | None) -> Action:
    """Another title, owner, day, aim or ticket; Refused for one that has ended."""
    if not fields:
        raise UsageError("nothing is changed", hint="say what: --owner, --due, --title, --aim or --ticket")
    given = {**fields, "title": _title(str(fields["title"]))} if "title" in fields else dict(fields)
    return _written(place, action, {"fields": given, "reason": reason}, open_=True)


def end(place: Desk, action: str, state: State, reason: str | None) -> Action:
    """Done, or dropped for a reason; Refused for one that has ended already."""
    if state is State.DROPPED and not (reason or "").strip():
        raise UsageError("why is it dropped?", hint="add --reason TEXT: the next incident will ask")
    return _written(place, action, {"state": str(state), "reason": reason}, open_=True)


def reopen(place: Desk, action: str, reason: str) -> Action:
    """An item that had ended is to be done again; UsageError for one that is open, and without a reason."""
    return _written(place, action, {"state": str(State.OPEN), "reason": words(reason, "the reason")}, open_=False)


def of_incident(journal: Journal, incident: str) -> list[Action]:
    """The items of one incident."""
    return actions(incident, records(journal, incident))


def _written(place: Desk, action: str, data: Mapping[str, Any], *, open_: bool) -> Action:
    incident, id_ = named(action)
    find(place.journal, incident)
    with speaking(place, incident) as (writer, _):
        item = one(id_, actions(incident, writer.tail(-1)))
        if open_:
            still_open(item)
        elif item.state is State.OPEN:
            raise UsageError(f"{id_} is open", hint="nothing was written")
        writer.append(by_me(place, ACTION_CHANGED, {"action": id_, **data}))
        return one(id_, actions(incident, writer.tail(-1)))


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not title:
        raise UsageError("the action item has no title", hint="say what is to be done, and how one sees that it is")
    if len(title) > LONGEST:
        raise UsageError(f"the title is longer than {LONGEST} characters", hint="put the details into the ticket")
    return title
