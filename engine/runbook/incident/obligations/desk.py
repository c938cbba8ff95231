"""What people may say of an incident's obligations: judgements, anchors, answers, filings, waivers.

Each is one transaction: what is there is folded, what is said is held against it, and one record is appended. The tool
judges nothing; it refuses what contradicts itself, and a filing that does not say what it must.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from runbook.document.regime import Item, Report, Standing
from runbook.document.suggest import did_you_mean
from runbook.errors import Refused, UsageError
from runbook.incident import desk
from runbook.incident import records as r
from runbook.incident.history import Incident, history
from runbook.incident.moments import Given
from runbook.incident.obligations.deadlines import Here
from runbook.incident.obligations.glass import BREAKING, broken
from runbook.incident.obligations.history import said
from runbook.incident.obligations.regimes import GLASS, Regimes, Version
from runbook.incident.obligations.standing import FILED, Broken, Case, Obligation, State, one, review, when
from runbook.journal import Journal, Record, Writer
from runbook.journal.record import stamp

RUNS: Final = "run/"


class Rules(NamedTuple):
    """What obligations are counted by in a project: its regimes, and where it is."""

    regimes: Regimes
    here: Here


class Named(NamedTuple):
    """A report that somebody named, in its version, with the address of its records; the glass that it is about."""

    version: Version
    report: Report
    address: str
    glass: Broken | None = None


def case_of(journal: Journal, incident: Incident) -> Case:
    """All that is known of an incident's obligations, from its own stream and from those of its runs."""
    return Case(incident.id, said(desk.records(journal, incident.id)), incident.started, glasses(journal, incident))


def cases_of(journal: Journal) -> Iterator[tuple[Incident, Case]]:
    """The same of every incident of the store, in one pass over it and one over its runs."""
    broke = {skim.stream: broken(skim.stream.removeprefix(RUNS), skim.records) for skim in journal.skim(RUNS, BREAKING)}
    for skim in journal.skim(r.PREFIX):
        incident = history(skim.stream.removeprefix(r.PREFIX), skim.records)
        found = (broke.get(RUNS + each.run) for each in incident.runs)
        glasses_ = tuple(each for each in found if each is not None)
        yield incident, Case(incident.id, said(skim.records), incident.started, glasses_)


def named(case: Case, rules: Rules, address: str, now: float) -> Named:
    """The report that was meant; UsageError with the nearest. A review is named with its run: `…review:01jd`."""
    plain, _, run = address.partition(":")
    version, report = rules.regimes.report(plain)
    name = version.regime.name
    if name == GLASS:
        return _review(case, version, report, run)
    version = rules.regimes.named(name, when(case, rules.regimes, name, now))
    report = version.regime.report(report.id) or report
    return Named(version, report, f"{name}.{report.id}")


def placed(case: Case, rules: Rules, name: Named, at: float) -> Obligation:
    """Where a report is at a time."""
    if name.glass is not None:
        return review(case, name.version, name.glass, rules.here, at)
    return one(case, name.version, name.report, rules.here, at)


def judge(place: desk.Desk, id_: str, rules: Rules, what: str, applicable: bool, reason: str) -> Case:
    """Say whether a regime applies, or one of its reports. Refused for a proposal: nobody has to report under one."""
    words = _words(reason, "the reason")
    with _turn(place, id_) as (case, say, now):
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
    known = _anchor(rules.regimes, name)
    with _turn(place, id_) as (case, say, now):
        moment = now if at.at is None else at.at
        before = case.said.anchors.get(known, ())
        if before and abs(before[-1].at - moment) < 1:
            return case
        if before and not (reason or "").strip():
            was = stamp(before[-1].at)[:19] + "Z"
            raise UsageError(
                f"'{known}' is set already, to {was} by {before[-1].by}",
                hint="to move it, add --reason TEXT; both stay in the record, with both deadlines",
            )
        if moment < case.started:
            began = stamp(case.started)[:19] + "Z"
            raise UsageError(
                f"'{known}' would be at {stamp(moment)[:19]}Z, before the incident began ({began})",
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
    words = _words(text, "the answer")
    with _turn(place, id_) as (case, say, now):
        name = named(case, rules, report, now)
        return say(r.ANSWERED, {"report": name.address, "item": _item(name, item).id, "text": words})


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
    with _turn(place, id_) as (case, say, now):
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
    words = _words(reason, "the reason")
    with _turn(place, id_) as (case, say, now):
        name = named(case, rules, report, now)
        state = placed(case, rules, name, now).state
        if state is State.MET:
            raise Refused(f"{name.address} was filed, and there is nothing to waive")
        return say(r.WAIVED, {"report": name.address, "reason": words})


# --- what is held against what ---------------------------------------------------------------------------------


def _fileable(found: Obligation, name: Named, at: float) -> None:
    """Whether anybody may say that it was filed."""
    id_, regime = found.incident, name.version.regime.name
    if found.state in (State.UNDECIDED, State.NOT_APPLICABLE):
        said_ = "nobody has judged" if found.state is State.UNDECIDED else f"{_by(found)} judged"
        rest = (
            f"whether {name.address} applies"
            if found.state is State.UNDECIDED
            else f"that {name.address} does not apply"
        )
        what = regime if name.report.condition is None else name.address
        raise Refused(
            f"{said_} {rest}", hint=f"runbook obligations judge {id_} {what} --applies --reason TEXT, then file it"
        )
    last = found.filings[-1] if found.filings else None
    if last is not None and last.partial is None and not name.report.updates:
        number = f" as {last.reference}" if last.reference else ""
        raise Refused(f"{name.address} was filed at {stamp(last.at)[:19]}Z{number}, by {last.by}")
    if found.deadline is not None and at < found.deadline.since:
        since = f"'{found.deadline.anchor}' ({stamp(found.deadline.since)[:19]}Z)"
        raise UsageError(
            f"it would be filed at {stamp(at)[:19]}Z, before {since}",
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


def _item(name: Named, id_: str) -> Item:
    known = {item.id: item for item in name.report.information}
    if id_ not in known:
        hint = did_you_mean(id_, known, what="its items are") or "it asks for nothing"
        raise UsageError(f"{name.address} has no item {id_!r}", hint=hint)
    return known[id_]


def _anchor(regimes: Regimes, name: str) -> str:
    """An anchor that some regime counts from: `aware`, or of one regime alone `gdpr.aware`."""
    if name.startswith(FILED) or FILED in name:
        report = name.partition(FILED)[2] or "REPORT"
        raise UsageError(f"{name!r} is set by filing that report", hint=f"runbook obligations file INC {report} …")
    of, _, plain = name.rpartition(".")
    all_ = regimes.names if not of else (regimes.named(of).regime.name,)
    known = sorted({each for regime in all_ for each in regimes.named(regime).regime.anchors} - {"glass_broken"})
    if plain not in known:
        raise UsageError(f"{name!r} is no anchor", hint=did_you_mean(plain, known, what="anchors are"))
    return name


def _review(case: Case, version: Version, report: Report, run: str) -> Named:
    found = [each for each in case.broken if each.run.startswith(run)]
    if len(found) == 1:
        return Named(version, report, f"{GLASS}.{report.id}:{found[0].run}", found[0])
    if not found:
        raise UsageError(
            "no glass was broken in a run of this incident" + (f" that begins with {run!r}" if run else "")
        )
    names = ", ".join(f"{GLASS}:{each.run}" for each in found)
    raise UsageError("glasses were broken in several runs", hint=f"name one of {names}")


def _words(text: str, what: str) -> str:
    words = text.strip()
    if not words:
        raise UsageError(f"{what} is empty", hint="say it in words: it stands in the record")
    return words


class _Say:
    """Appends one record, and folds it."""

    def __init__(self, place: desk.Desk, writer: Writer, case: Case, records: list[Record]) -> None:
        self._place, self._writer, self._case, self._records = place, writer, case, records

    def __call__(self, type_: str, data: Mapping[str, Any]) -> Case:
        record = self._writer.append(desk.by_me(self._place, type_, data))
        return self._case._replace(said=said([*self._records, record]))


@contextmanager
def _turn(place: desk.Desk, id_: str) -> Iterator[tuple[Case, _Say, float]]:
    """An incident alone, with all that was said of it before."""
    found = glasses(place.journal, desk.told(place.journal, id_))
    with desk.speaking(place, id_) as (writer, incident):
        records = writer.tail(-1)
        case = Case(id_, said(records), incident.started, found)
        yield case, _Say(place, writer, case, records), place.journal.now()


def glasses(journal: Journal, incident: Incident) -> tuple[Broken, ...]:
    """The glasses that were broken in runs of an incident, as far as this store has them."""
    streams = [(each.run, RUNS + each.run) for each in incident.runs]
    found = (broken(run, journal.read(stream)) for run, stream in streams if journal.head(stream) is not None)
    return tuple(each for each in found if each is not None)
