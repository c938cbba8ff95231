"""What people do to an incident. Each act is one transaction: what is there is folded, the act judged, and written.

So two who act at once come one after the other, on every store, and the second is judged by what the first has left. An
act that changes nothing writes nothing. Whoever may run runbooks may act; a role gives no rights, and needs none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from runbook.document.catalog import Catalog
from runbook.errors import Refused, UsageError
from runbook.incident import naming, order
from runbook.incident import records as r
from runbook.incident.desk import Desk, by_me, speaking
from runbook.incident.history import Incident, after
from runbook.incident.moments import Given, minute
from runbook.incident.words import LINKS, TIMES, Status
from runbook.journal import Unread, Writer

_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_SLOW = 2.0  # seconds that our clock may be behind the newest record before it is told


class Came(NamedTuple):
    """What came of an act: the incident as it is now, what is to be told, and whether anything was written."""

    incident: Incident
    told: tuple[str, ...] = ()
    changed: bool = True


class Turn:
    """One turn to speak: appends records to an incident, and folds each as it is written."""

    def __init__(self, place: Desk, writer: Writer, incident: Incident) -> None:
        self._place = place
        self._writer = writer
        self.incident = incident
        self.told: list[str] = []
        self.now = place.journal.now()
        if self.now < incident.last - _SLOW:
            self.told.append(
                f"this machine's clock is {incident.last - self.now:.0f} s behind the newest record of {incident.id}; "
                "what is recorded now keeps that record's time"
            )
            self.now = incident.last

    def say(self, type_: str, data: Mapping[str, Any]) -> None:
        """One record more."""
        self.incident = after(self.incident, self._writer.append(by_me(self._place, type_, data)))

    @property
    def said_by(self) -> str:
        """Who said last how it has ended, and when: `: ben said so, 2026-11-23 14:23Z`."""
        ends = [one for one in self._writer.tail(-1) if one.type in (r.MITIGATED, r.RESOLVED)]
        return f": {ends[-1].actor.id} said so, {minute(ends[-1].time)}" if ends else ""

    @property
    def came(self) -> Came:
        """How it stands."""
        return Came(self.incident, tuple(self.told), self._writer.appended > 0)


@contextmanager
def turn(place: Desk, id_: str) -> Iterator[Turn]:
    """An incident alone, with all that was written before."""
    with speaking(place, id_) as (writer, incident):
        yield Turn(place, writer, incident)


# --- what it is ----------------------------------------------------------------------------------------------


def severity(place: Desk, catalog: Catalog, id_: str, name: str, reason: str) -> Came:
    """Another severity, with why."""
    to = naming.severity(catalog, name)
    with turn(place, id_) as t:
        was = t.incident.severity
        if to != was:
            t.say(r.SEVERITY_CHANGED, {"from": was, "to": to, "reason": naming.words(reason, "the reason")})
            if catalog.rank(to) > catalog.rank(was):
                t.told.append(f"{to} is less than {was}; if you are not sure, keep the higher until it is over")
        return t.came


def classify(place: Desk, catalog: Catalog, id_: str, name: str, reason: str) -> Came:
    """Another type, with why. A type that is confidential makes the incident so; no type takes that back."""
    to = naming.type_(catalog, name)
    with turn(place, id_) as t:
        if to == t.incident.type:
            return t.came
        t.say(r.CLASSIFIED, {"from": t.incident.type, "to": to, "reason": naming.words(reason, "the reason")})
        class_ = catalog.class_(to)
        fields: dict[str, Any] = {}
        if class_ is not None and class_.confidential and not t.incident.confidential:
            fields["confidential"] = True
        if class_ is not None and class_.tlp and t.incident.tlp is None:
            fields["tlp"] = class_.tlp
        if fields:
            t.say(r.UPDATED, {"fields": fields, "reason": f"as incidents of type {to} are"})
        elif t.incident.confidential and not (class_ and class_.confidential):
            t.told.append("it stays confidential; `incident update --not-confidential --reason TEXT` ends that")
        return t.came


def update(place: Desk, id_: str, fields: Mapping[str, Any], reason: str | None) -> Came:
    """Set fields of `history.FIELDS`; an empty text takes one away."""
    settled = {name: _settled(name, value) for name, value in fields.items()}
    if not settled:
        raise UsageError("nothing is to be updated", hint="`runbook incident update --help` lists what can be")
    with turn(place, id_) as t:
        new = {name: value for name, value in settled.items() if getattr(t.incident, name) != value}
        if new.get("confidential") is False and not (reason or "").strip():
            raise UsageError("what is no longer confidential may be told to anybody", hint="add --reason TEXT")
        if new:
            t.say(r.UPDATED, {"fields": new, "reason": reason})
        if t.incident.confidential and new.get("public"):
            t.told.append("the public text is kept, and not sent while the incident is confidential")
        return t.came


def _settled(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name == "title":
        return naming.title(value)
    if not value.strip():
        return None
    return naming.tlp(value) if name == "tlp" else naming.words(value, name.replace("_", " "))


# --- roles ---------------------------------------------------------------------------------------------------


def assign(
    place: Desk, catalog: Catalog, id_: str, role: str, person: str, *, from_: str | None, reason: str | None
) -> Came:
    """Give somebody a role. A role that another has is handed over: `from_` names who has it, else that is refused."""
    role, person = naming.role(catalog, role), naming.person(place.people, person)
    with turn(place, id_) as t:
        holder = t.incident.roles.get(role)
        had = None if holder is None else holder.person
        if had == person:
            return t.came
        _held(place, id_, role, had, from_)
        if holder is not None and from_ is None:
            raise Refused(
                f"{had} is {role} of {id_}, since {minute(holder.since)}",
                hint=f"hand it over: runbook incident assign {id_} {role} {person} --from {had}",
            )
        t.say(r.ASSIGNED, {"role": role, "person": person, "from": had, "reason": reason})
        return t.came


def relieve(
    place: Desk, catalog: Catalog, id_: str, role: str, *, reason: str | None, from_: str | None = None
) -> Came:
    """Take a role from whoever has it, or only from `from_`; nobody has it then."""
    role = naming.role(catalog, role)
    with turn(place, id_) as t:
        had = t.incident.who(role)
        _held(place, id_, role, had, from_)
        if had is not None:
            t.say(r.RELIEVED, {"role": role, "person": had, "reason": reason})
            if role == "commander" and t.incident.status is not Status.RESOLVED:
                t.told.append(f"nobody commands {id_} now")
        return t.came


def _held(place: Desk, id_: str, role: str, had: str | None, from_: str | None) -> None:
    """Refused where a role is not that of whom somebody takes it from: another was quicker."""
    if from_ is not None and from_ != had and naming.person(place.people, from_) != had:
        has = f"{had} has it" if had else "nobody has it"
        raise Refused(f"{from_} is not {role} of {id_}: {has}", hint="nothing was written")


# --- what belongs to it --------------------------------------------------------------------------------------


def note(place: Desk, id_: str, text: str) -> Came:
    """Write something down."""
    with turn(place, id_) as t:
        t.say(r.NOTED, {"about": "note", "text": naming.words(text, "the note")})
        return t.came


def link(place: Desk, id_: str, what: str, other: str, *, relation: str | None = None, note: str | None = None) -> Came:
    """Something else belongs to it, or has to do with it; said once however often."""
    if what not in LINKS:
        raise UsageError(f"{what!r} cannot be linked", hint=f"these can: {', '.join(LINKS)}")
    other = naming.words(other, f"the {what}")
    if what == "url" and not _ADDRESS.match(other):
        raise UsageError(f"{other!r} is no address", hint="write https://…")
    if what == "incident" and other == id_:
        raise UsageError(f"{id_} cannot be linked to itself")
    with turn(place, id_) as t:
        if not any((one.what, one.id, one.relation) == (what, other, relation) for one in t.incident.links):
            t.say(r.LINKED, {"what": what, "id": other, "relation": relation, "note": note})
        return t.came


def join(place: Desk, id_: str, run: str, runbook: str | None, *, acknowledges: bool = False) -> Came:
    """A run belongs to it. With `acknowledges`, who started it is the first to work on the incident, if nobody was."""
    with turn(place, id_) as t:
        if not any(joined.run == run for joined in t.incident.runs):
            t.say(r.JOINED, {"run": run, "runbook": runbook})
        if acknowledges and "acknowledged" not in t.incident.times and t.incident.status is not Status.RESOLVED:
            t.say(r.TIMED, {"time": "acknowledged", "at": None, "source": f"run {run}", "reason": None})
        return t.came


# --- when ----------------------------------------------------------------------------------------------------


def mitigate(place: Desk, id_: str, when: Given, summary: str | None) -> Came:
    """It does not hurt any more, and is not over yet."""
    with turn(place, id_) as t:
        if t.incident.status is not Status.OPEN:
            raise Refused(f"{id_} is {t.incident.status} already{t.said_by}", hint=_correct(id_, "mitigated"))
        _fit(t, "mitigated", when)
        t.say(r.MITIGATED, {**when.written, "summary": summary})
        return t.came


def resolve(
    place: Desk,
    id_: str,
    when: Given,
    summary: str | None,
    leftovers: Sequence[Mapping[str, Any]] = (),
    unread: Sequence[Unread] = (),
) -> Came:
    """It is over; `leftovers` are what its runs have left to be done, as they were shown.

    What could not be read of them is `unread`: what it has left is not known, and the record says so.
    """
    with turn(place, id_) as t:
        if t.incident.status is Status.RESOLVED:
            raise Refused(f"{id_} is resolved already{t.said_by}", hint=_correct(id_, "resolved"))
        _fit(t, "resolved", when)
        unknown = {"unread": sorted({one.stream for one in unread})} if unread else {}
        left = [dict(one) for one in leftovers]
        t.say(r.RESOLVED, {**when.written, "summary": summary, "leftovers": left, **unknown})
        if "mitigated" not in t.incident.times:
            t.told.append(
                "when it stopped to hurt is not known; "
                f"`runbook incident time {id_} mitigated --at TIME --source TEXT` says it"
            )
        return t.came


def reopen(place: Desk, id_: str, reason: str) -> Came:
    """It hurts again: what was said of its end does not hold."""
    with turn(place, id_) as t:
        if t.incident.status is Status.OPEN:
            raise Refused(f"{id_} is open", hint="nothing was written")
        t.say(r.REOPENED, {"reason": naming.words(reason, "the reason")})
        return t.came


def time(place: Desk, id_: str, name: str, when: Given, reason: str | None) -> Came:
    """When one of `TIMES` was; correcting one that is known needs a reason. How it ended is said by ending it."""
    name = _time(name)
    with turn(place, id_) as t:
        known = t.incident.times.get(name)
        if name in ("mitigated", "resolved") and known is None:
            verb = {"mitigated": "mitigate", "resolved": "resolve"}[name]
            allowed = name == "mitigated" and t.incident.status is Status.RESOLVED
            if not allowed:
                raise Refused(f"{id_} is not {name}", hint=f"`runbook incident {verb} {id_}` says that it is")
        if known is not None and not (reason or "").strip():
            raise UsageError(
                f"{order.spoken(name)} is known already: {minute(known.at)}", hint="add --reason TEXT to correct it"
            )
        _fit(t, name, when)
        t.say(r.TIMED, {"time": name, **when.written, "reason": reason})
        return t.came


def _time(name: str) -> str:
    said = name.strip().lower().replace("-", "_").replace(" ", "_")
    said = {"mobilized": "mobilised"}.get(said, said)
    known = [one for one in TIMES if one != "declared"]
    if said == "declared":
        raise UsageError("when it was declared is what its first record says", hint="`declare --at` backdates it")
    if said not in known:
        from runbook.document.suggest import did_you_mean

        raise UsageError(f"there is no time {name!r}", hint=did_you_mean(said, known, what="times are"))
    return said


def _fit(t: Turn, name: str, when: Given) -> None:
    """Raises UsageError where it cannot have been then; what is only odd is told."""
    times = {time: moment.at for time, moment in t.incident.times.items() if time != name}
    at = t.now if when.at is None else when.at
    order.fitting(times, name, at)
    before = set(order.unlikely(times))
    t.told += [said for said in order.unlikely({**times, name: at}) if said not in before]


def _correct(id_: str, name: str) -> str:
    return f"to correct when: runbook incident time {id_} {name} --at TIME --source TEXT --reason TEXT"
