"""What people may say of an incident's obligations: judgements, anchors, answers, filings, waivers; `extending` more.

Each is one transaction: what is there is folded, what is said is held against it, and one record is appended. The tool
judges nothing; it refuses what contradicts itself, and a filing that does not say what it must.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from runbook.document.regime import Item, Standing
from runbook.errors import Refused, UsageError
from runbook.incident import desk, naming
from runbook.incident import records as r
from runbook.incident.moments import Given, second
from runbook.incident.obligations.cases import glasses
from runbook.incident.obligations.history import said
from runbook.incident.obligations.naming import Named, Rules, anchor_of, item_of, named, placed
from runbook.incident.obligations.regimes import GLASS
from runbook.incident.obligations.standing import Case, Obligation, State, when
from runbook.journal import Record, Writer
from runbook.journal.record import stamp


def judge(place: desk.Desk, id_: str, rules: Rules, what: str, applicable: bool, reason: str) -> Case:
    """Say whether a regime applies, or one of its reports. Refused for a proposal: nobody has to report under one."""
    words = naming.words(reason, "the reason")
    with turn(place, id_) as (case, say, now):
        if what in rules.regimes.names and what != GLASS:
            version, address = rules.regimes.named(what, when(case, rules.regimes, what, now)), what
        else:
            name = named(case, rules, what, now)
            version, address = name.version, name.address
        if version.regime.status is Standing.PROPOSED and applicable:
            raise Refused(
                f"{version.regime.name} is a proposal, and nothing is due under it",
                hint=f"`runbook obligations explain {version.regime.name}` says where it stands",
            )
        data = {
            "regime": version.regime.name,
            "report": None if address == version.regime.name else address,
            "applicable": applicable,
            "reason": words,
            "digest": version.digest,
        }
        return say(r.JUDGED, data)


def anchor(place: desk.Desk, id_: str, rules: Rules, name: str, at: Given, reason: str | None) -> Case:
    """Say when something was that times count from. One that is set is moved with a reason; both stay in the record."""
    known = anchor_of(rules.regimes, name)
    with turn(place, id_) as (case, say, now):
        moment = now if at.at is None else at.at
        before = case.said.anchors.get(known, ())
        if before and abs(before[-1].at - moment) < 1:
            return case
        if before and not (reason or "").strip():
            was = second(before[-1].at)
            raise UsageError(
                f"'{known}' is set already, to {was} by {before[-1].by}",
                hint="to move it, add --reason TEXT; both stay in the record, with both deadlines",
            )
        if moment < case.started:
            began = second(case.started)
            raise UsageError(
                f"'{known}' would be at {second(moment)}, before the incident began ({began})",
                hint=f"if it began earlier: runbook incident time {id_} impact_started --at TIME --source TEXT",
            )
        data = {
            "anchor": known,
            "at": stamp(moment),
            "source": at.source,
            "reason": reason,
            "replaces": stamp(before[-1].at) if before else None,
        }
        return say(r.ANCHORED, data)


def answer(place: desk.Desk, id_: str, rules: Rules, report: str, item: str, text: str) -> Case:
    """Say one of the things that a report must say; said again, the newest counts."""
    words = naming.words(text, "the answer")
    with turn(place, id_) as (case, say, now):
        name = named(case, rules, report, now)
        return say(r.ANSWERED, {"report": name.address, "item": item_of(name, item).id, "text": words})


class Filed(NamedTuple):
    """What is said of a filing: when, under which number, how; why it is not complete, where it is not."""

    at: Given
    reference: str | None = None
    how: str | None = None
    partial: str | None = None


def file(place: desk.Desk, id_: str, rules: Rules, report: str, filed: Filed) -> Case:
    """Say that a report was filed. Refused while it does not say all that it must, or nobody has judged it."""
    if not (filed.reference or filed.how):
        raise UsageError(
            "the filing cannot be found again", hint="add --reference NUMBER, or --how TEXT, such as --how 'web form'"
        )
    with turn(place, id_) as (case, say, now):
        name = named(case, rules, report, now)
        at = now if filed.at.at is None else filed.at.at
        found = placed(case, rules, name, at)
        _fileable(found, name, at)
        missing = _complete(found, id_, filed.partial)
        if name.glass is not None and place.people.policy is not None and place.people.me == name.glass.by:
            raise Refused(f"{name.glass.by} broke this glass; somebody else reviews it")
        data = {
            "report": name.address,
            "at": stamp(at),
            "source": filed.at.source,
            "reference": filed.reference,
            "how": filed.how,
            "partial": filed.partial if missing else None,
            "missing": [item.id for item in missing],
        }
        return say(r.FILED, data)


def waive(place: desk.Desk, id_: str, rules: Rules, report: str, reason: str) -> Case:
    """Say that nobody will file a report, and why. Judging it anew takes that back."""
    words = naming.words(reason, "the reason")
    with turn(place, id_) as (case, say, now):
        name = named(case, rules, report, now)
        state = placed(case, rules, name, now).state
        if state is State.MET:
            raise Refused(f"{name.address} was filed, and there is nothing to waive")
        return say(r.WAIVED, {"report": name.address, "reason": words})


# --- what is held against what ---------------------------------------------------------------------------------


def must_apply(found: Obligation, name: Named, then: str) -> None:
    """Refused where nobody has said that a report applies; `then` is what to do once somebody has."""
    if found.state in (State.UNDECIDED, State.NOT_APPLICABLE):
        said_ = "nobody has judged" if found.state is State.UNDECIDED else f"{_by(found)} judged"
        rest = (
            f"whether {name.address} applies"
            if found.state is State.UNDECIDED
            else f"that {name.address} does not apply"
        )
        what = name.version.regime.name if name.report.condition is None else name.address
        raise Refused(
            f"{said_} {rest}",
            hint=f"runbook obligations judge {found.incident} {what} --applies --reason TEXT, then {then}",
        )


def _fileable(found: Obligation, name: Named, at: float) -> None:
    """Whether anybody may say that it was filed."""
    must_apply(found, name, "file it")
    last = found.filings[-1] if found.filings else None
    if last is not None and last.partial is None and not name.report.updates:
        number = f" as {last.reference}" if last.reference else ""
        raise Refused(f"{name.address} was filed at {second(last.at)}{number}, by {last.by}")
    if found.deadline is not None and at < found.deadline.since:
        since = f"'{found.deadline.anchor}' ({second(found.deadline.since)})"
        raise UsageError(
            f"it would be filed at {second(at)}, before {since}",
            hint="one of the two times is wrong",
        )


def _complete(found: Obligation, id_: str, partial: str | None) -> tuple[Item, ...]:
    """The items that may follow; Refused where something is missing that may not."""
    missing = found.open_items
    if not missing and partial:
        raise UsageError("nothing is missing, so the filing is complete", hint="leave out --partial")
    if missing and not partial:
        lines = "\n".join(f"  {item.id}: {item.text}" for item in missing)
        phases = ", or --partial REASON: what is missing may follow" if found.report.phases else ""
        raise Refused(
            f"{found.address} does not say yet:\n{lines}\n",
            hint=f"runbook obligations answer {id_} {found.address} {missing[0].id} TEXT{phases}",
        )
    if missing and not found.report.phases:
        names = ", ".join(item.id for item in missing)
        raise Refused(f"{found.address} cannot be filed in part; it does not say yet: {names}")
    return missing


def _by(found: Obligation) -> str:
    return found.judgement.by if found.judgement is not None else "somebody"


class Say:
    """Appends one record, and folds it."""

    def __init__(self, place: desk.Desk, writer: Writer, case: Case, records: list[Record]) -> None:
        self._place, self._writer, self._case, self._records = place, writer, case, records

    def __call__(self, type_: str, data: Mapping[str, Any]) -> Case:
        """All that was said, with this at its end."""
        record = self._writer.append(desk.by_me(self._place, type_, data))
        return self._case._replace(said=said([*self._records, record]))


@contextmanager
def turn(place: desk.Desk, id_: str) -> Iterator[tuple[Case, Say, float]]:
    """An incident alone, with all that was said of it before."""
    found = glasses(place.journal, desk.told(place.journal, id_))
    with desk.speaking(place, id_) as (writer, incident):
        records = writer.tail(-1)
        case = Case(id_, said(records), incident.started, found)
        yield case, Say(place, writer, case, records), place.journal.now()
