"""Where each report of an incident is at a time: whether it applies, whether its clock runs, whether it was filed.

People decide whether a regime applies; until one has, its reports are undecided, whatever the incident looks like. The
one exception is a broken glass, which the record of a run shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from runbook.document.regime import Item, Report
from runbook.incident.moments import second
from runbook.incident.obligations.deadlines import Deadline, Here, deadline, missing
from runbook.incident.obligations.history import Anchor, Answer, Extension, Filing, Judgement, Said, Waiver
from runbook.incident.obligations.regimes import GLASS, Regimes, Version
from runbook.journal.record import stamp

SOON: Final = 0.8  # of a report's time; from then on it is due soon
FILED: Final = "filed:"


class State(StrEnum):
    """Where a report is, the most urgent first."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    RUNNING = "running"
    NOT_STARTED = "not_started"
    UNDECIDED = "undecided"
    MET = "met"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"


TICKING: Final = (State.OVERDUE, State.DUE_SOON, State.RUNNING)
OPEN: Final = (*TICKING, State.NOT_STARTED, State.UNDECIDED)


class Broken(NamedTuple):
    """A glass that was broken in a run of the incident: by whom, when, and why."""

    run: str
    at: float
    by: str
    reason: str


class Case(NamedTuple):
    """An incident, as far as obligations are concerned: what was said of it, when it began, what was broken in it."""

    incident: str
    said: Said
    started: float
    broken: tuple[Broken, ...] = ()


class Obligation(NamedTuple):
    """One report of one incident. `before` is its deadline before the anchor `moved`; `absent` are anchors not set.

    `open_items` are what it must say and does not yet. `notes` are sentences that whoever looks at it should read.
    """

    incident: str
    version: Version
    report: Report
    address: str
    state: State
    deadline: Deadline | None = None
    before: Deadline | None = None
    moved: Anchor | None = None
    judgement: Judgement | None = None
    waiver: Waiver | None = None
    extensions: tuple[Extension, ...] = ()
    filings: tuple[Filing, ...] = ()
    answers: Mapping[str, Answer] = {}
    open_items: tuple[Item, ...] = ()
    absent: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def partly(self) -> bool:
        """Whether it was filed, and information is to follow."""
        return bool(self.filings) and self.filings[-1].partial is not None

    @property
    def late(self) -> bool:
        """Whether it was filed after its deadline."""
        due = self.deadline.ends if self.deadline else None
        return bool(self.filings) and due is not None and self.filings[0].at > due


def obligations(case: Case, regimes: Regimes, here: Here, now: float) -> list[Obligation]:
    """Every report that somebody is asked about, has judged, or that a broken glass set off; the nearest first."""
    return sorted(_all(case, regimes, here, now), key=urgency)


def urgency(obligation: Obligation) -> tuple[bool, float, int, str]:
    """What is ticking first, by its alarm; then the others by their state."""
    ticking = obligation.state in TICKING and obligation.deadline is not None
    alarm = obligation.deadline.alarm if ticking and obligation.deadline else 0.0
    return (not ticking, alarm, list(State).index(obligation.state), obligation.address)


def one(case: Case, version: Version, report: Report, here: Here, now: float) -> Obligation:
    """One report of an incident, whether anybody was asked about it or not."""
    return _placed(case, version, report, f"{version.regime.name}.{report.id}", _anchors(case, version), here, now)


def when(case: Case, regimes: Regimes, name: str, now: float) -> float:
    """The time whose version of a regime counts: that of the first of its anchors that is set, else now."""
    newest = regimes.named(name)
    return min(_anchors(case, newest).values(), default=now)


def forgotten(case: Case, regimes: Regimes) -> tuple[str, ...]:
    """Regimes that somebody judged, and that the project does not know any more: nobody counts their deadlines."""
    judged = {address.partition(".")[0] for address in case.said.judgements}
    return tuple(sorted(judged - set(regimes.names)))


def _all(case: Case, regimes: Regimes, here: Here, now: float) -> Iterator[Obligation]:
    asked = [version.regime.name for version in regimes.asked(now)]
    judged = [address.partition(".")[0] for address in case.said.judgements]
    known = set(regimes.names)
    for name in dict.fromkeys([*asked, *(name for name in judged if name in known and name != GLASS)]):
        version = regimes.named(name, when(case, regimes, name, now))
        for report in version.regime.reports:
            yield one(case, version, report, here, now)
    for broken in case.broken if GLASS in known else ():
        yield review(case, regimes.named(GLASS), broken, here, now)


def review(case: Case, version: Version, broken: Broken, here: Here, now: float) -> Obligation:
    """The review of one run's broken glass."""
    report = version.regime.reports[0]
    address = f"{GLASS}.{report.id}:{broken.run}"
    why = f"{broken.by} broke the glass in run {broken.run}: {broken.reason}"
    found = _placed(case, version, report, address, {"glass_broken": broken.at}, here, now)
    return found._replace(notes=(why, *found.notes))


def _anchors(case: Case, version: Version) -> dict[str, float]:
    """The moments that this regime counts from, as far as they are known."""
    regime = version.regime
    found = {name: set_[-1].at for name in regime.anchors if (set_ := case.said.anchor(regime.name, name))}
    for report in regime.reports:
        if filings := case.said.filings.get(f"{regime.name}.{report.id}"):
            found[FILED + report.id] = (filings[-1] if report.updates else filings[0]).at
    return found


def _placed(
    case: Case, version: Version, report: Report, address: str, anchors: dict[str, float], here: Here, now: float
) -> Obligation:
    said = case.said
    due = deadline(report, anchors, here, now)
    extension = said.extended(address)
    if due is not None and extension is not None:
        due = due._replace(extended=extension.until)
    filings = said.filings.get(address, ())
    answers = said.answers.get(address, {})
    late = not filings and due is not None and due.ends is not None and now > due.alarm
    found = Obligation(
        incident=case.incident,
        version=version,
        report=report,
        address=address,
        state=State.UNDECIDED,
        deadline=due,
        judgement=said.judged(address) or said.judged(version.regime.name),
        waiver=said.waived(address),
        extensions=said.extensions.get(address, ()),
        filings=filings,
        answers=answers,
        open_items=tuple(item for item in report.information if item.id not in answers and (late or not item.late)),
        absent=missing(report, anchors),
    )
    found = _moved(found, case, anchors, here, now)
    found = found._replace(state=_state(found, said, now))
    return found._replace(notes=tuple(_notes(found, case, now)))


def _moved(found: Obligation, case: Case, anchors: dict[str, float], here: Here, now: float) -> Obligation:
    """With the deadline that there was before the anchor was moved, where it was."""
    due, regime = found.deadline, found.version.regime
    set_ = case.said.anchor(regime.name, due.anchor) if due is not None else ()
    if due is None or len(set_) < 2:
        return found
    before = deadline(found.report, {**anchors, due.anchor: set_[-2].at}, here, now)
    return found._replace(before=before, moved=set_[-1])


def _state(found: Obligation, said: Said, now: float) -> State:
    if found.filings:
        return State.MET
    if found.waiver is not None:
        return State.WAIVED
    applies = _applies(found, said)
    if applies is None:
        return State.UNDECIDED
    if not applies:
        return State.NOT_APPLICABLE
    return State.NOT_STARTED if found.deadline is None else _ticking(found.deadline, now)


def _applies(found: Obligation, said: Said) -> bool | None:
    """What people said of the report, else of its regime; a no to the regime that came later holds for all of it."""
    name = found.version.regime.name
    own, whole = said.judged(found.address), said.judged(name)
    if whole is not None and not whole.applicable and (own is None or own.seq < whole.seq):
        return False
    if own is not None:
        return own.applicable
    if name == GLASS:
        return True
    return True if whole is not None and found.report.condition is None else None


def _ticking(due: Deadline, now: float) -> State:
    if due.ends is None:
        return State.DUE_SOON if now >= due.alarm else State.RUNNING
    if now > due.ends:
        return State.OVERDUE
    return State.DUE_SOON if now >= due.since + SOON * (due.alarm - due.since) else State.RUNNING


def _beyond(due: Deadline, now: float) -> Iterator[str]:
    """What lies beyond the number alone, where a reader could take it for more than it is."""
    if due.extended is not None and not due.reaches:
        yield f"it was extended to {second(due.extended)}, and is due later than that; that changes nothing"
    if due.raw is not None and not due.reaches and due.raw < now <= (due.adjusted or 0):
        yield "the deadline by the number alone has passed; only the adjusted one is left"


def _notes(found: Obligation, case: Case, now: float) -> Iterator[str]:
    due, regime = found.deadline, found.version.regime
    if found.state in TICKING and due is not None:
        yield from _beyond(due, now)
    if due is not None and due.unknown is not None and found.state in TICKING:
        yield f"not adjusted for public holidays: {due.unknown}"
    if due is not None and stamp(due.since)[:10] < regime.valid_from:
        yield f"this version counts from {regime.valid_from}, and '{due.anchor}' is before that"
    if due is not None and due.anchor in regime.anchors and due.since < case.started:
        yield f"'{due.anchor}' is before the incident began; one of the two is wrong"
    judged = found.judgement
    if judged is not None and judged.digest is not None and judged.digest != found.version.digest:
        yield f"the text of {regime.name} has changed since {judged.by} judged it; look again"
    if found.filings and found.filings[-1].partial is not None:
        missing_ = ", ".join(found.filings[-1].missing)
        yield f"filed in part ({found.filings[-1].partial}); still to follow: {missing_}"
