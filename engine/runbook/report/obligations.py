"""Obligations in the terminal: what is due and by when, what nobody has decided, and what to type next.

Each deadline is shown in the reader's zone and in UTC, with how it was counted. None of it is legal advice, and every
page says who decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from runbook.incident.obligations.standing import TICKING, Obligation, State
from runbook.report.layout import command, heading, labelled, marked, paragraph
from runbook.report.safe import shown
from runbook.report.times import by_when, minute, moment

if TYPE_CHECKING:
    from runbook.incident.history import Incident
    from runbook.incident.obligations.deadlines import Deadline
    from runbook.incident.obligations.history import Extension
    from runbook.report.style import Style

_MANY: Final = 4  # regimes to decide about, from which on somebody should say which can matter
NOT_ADVICE: Final = "Not legal advice: the tool counts, people judge."
_SIGNS: Final = {
    State.OVERDUE: ("OVERDUE", "danger"),
    State.DUE_SOON: ("DUE SOON", "warn"),
    State.RUNNING: ("running", "busy"),
    State.NOT_STARTED: ("not started", "warn"),
    State.UNDECIDED: ("undecided", "warn"),
    State.MET: ("met", "good"),
    State.WAIVED: ("waived", "dim"),
    State.NOT_APPLICABLE: ("does not apply", "dim"),
}


def obligations_text(incident: Incident | None, found: Sequence[Obligation], style: Style, now: float) -> str:
    """All of one incident, or, without one, what is ticking in any; the nearest first."""
    lines: list[str] = []
    if incident is not None:
        lines += [heading(shown(f"Obligations of {incident.id} · {incident.title}"), style)]
    for state in State:
        mine = [one for one in found if one.state is state and not _whole(one)]
        for one in mine if state in TICKING or state is State.NOT_STARTED else ():
            lines += ["", *_entry(one, style, now)]
    lines += _undecided(found, style)
    lines += _settled(found, style)
    return "\n".join([*lines, *_footer(found, style)]).strip("\n")


def one_text(one: Obligation, style: Style, now: float) -> str:
    """One report, as after something was said of it."""
    return "\n".join(_entry(one, style, now))


def _entry(one: Obligation, style: Style, now: float) -> list[str]:
    word, role = _SIGNS[one.state]
    lines = marked(word, role, f"{style.paint('heading', one.address)}  {shown(one.report.title)}", style, indent=0)
    where = f"{one.incident}, {one.report.to}" + (f", {one.report.article}" if one.report.article else "")
    lines += labelled("to", where, style)
    lines += [line for due in [one.deadline] if due is not None for line in _due(due, one, style, now)]
    if one.state is State.NOT_STARTED:
        known = ", ".join(f"{name} ({_meaning(one, name)})" for name in one.absent)
        lines += labelled("waits for", known, style)
    if one.before is not None and one.moved is not None and one.before.raw is not None:
        was = moment(one.before.raw, style.zone, now)
        why = f"{was}, before {one.moved.by} moved '{_anchor(one)}': {one.moved.reason or 'no reason given'}"
        lines += labelled("was due", why, style, role="dim")
    if one.open_items and one.state in (*TICKING, State.NOT_STARTED):
        lines += labelled("to say", ", ".join(item.id for item in one.open_items), style)
    lines += _judged(one, style)
    lines += [line for note in one.notes for line in labelled("note", note, style, role="warn")]
    return [*lines, *(line for text in _next(one) for line in command(text, style))]


def _due(due: Deadline, one: Obligation, style: Style, now: float) -> Iterator[str]:
    role = _SIGNS[one.state][1] if one.state in TICKING else "plain"
    first = "dim" if due.reaches else role
    if due.raw is not None:
        yield from labelled("due", by_when(due.raw, now, style.zone), style, role=first)
        if due.adjusted is not None and due.adjusted != due.raw:
            yield from labelled("adjusted", by_when(due.adjusted, now, style.zone), style)
    elif due.aim is not None and one.state in TICKING:
        when = "now" if due.aim <= now else f"as soon as can be; reminded {by_when(due.aim, now, style.zone)}"
        yield from labelled("due", when, style, role=first)
    yield from _extended(due, one, style, now, role)
    since = f"from '{due.anchor}', {moment(due.since, style.zone, now)}"
    yield from labelled("counted", "; ".join((since, *due.basis)), style, role="dim")


def _extended(due: Deadline, one: Obligation, style: Style, now: float, role: str) -> Iterator[str]:
    """Until when an authority gave more time, and who did; what that takes the place of stands above it."""
    if due.extended is None:
        return
    yield from labelled("extended", by_when(due.extended, now, style.zone), style, role=role if due.reaches else "dim")
    yield from labelled("granted", f"by {granted(one.extensions[-1])}", style, role="dim")


def granted(extension: Extension) -> str:
    """Who gave an extension, where that can be found, and who wrote it down."""
    number = f", {extension.reference}" if extension.reference else ""
    source = f", says {extension.source}" if extension.source else ""
    return f"{extension.authority}{number}{source}; recorded by {extension.by}"


def _judged(one: Obligation, style: Style) -> list[str]:
    if one.version.contract:
        return labelled("contract", one.version.contract, style)
    if one.judgement is None:
        return []
    return labelled("judged", f"by {one.judgement.by}: {one.judgement.reason}", style, role="dim")


def _next(one: Obligation) -> Iterator[str]:
    """What to type next."""
    if one.state is State.NOT_STARTED:
        name = one.absent[0]
        if name.startswith("filed:"):
            yield f"runbook obligations file {one.incident} {one.version.regime.name}.{name[6:]} --how TEXT"
        else:
            yield f"runbook obligations anchor {one.incident} {name} --at TIME --source TEXT"
    elif one.state in TICKING and one.open_items:
        yield f"runbook obligations draft {one.incident} {one.address}"
        yield f"runbook obligations answer {one.incident} {one.address} {one.open_items[0].id} TEXT"
    elif one.state in TICKING:
        yield f"runbook obligations file {one.incident} {one.address} --reference NUMBER"


def _undecided(found: Iterable[Obligation], style: Style) -> list[str]:
    """Regimes that nobody has judged, and reports that ask for a judgement of their own."""
    open_ = [one for one in found if asked(one)]
    if not open_:
        return _later(found, style)
    lines = ["", heading("Nobody has decided yet whether these apply", style)]
    for one in open_:
        if not _whole(one):
            lines += marked("?", "warn", f"{one.address}  {shown(str(one.report.condition))}", style)
    regimes = {one.version.regime.name: one.version.regime for one in open_ if _whole(one)}
    for name, regime in regimes.items():
        lines += marked("?", "warn", f"{name}  {shown(regime.questions[0])}", style)
    if len(regimes) > _MANY:
        lines += paragraph("Name those that can concern you: obligations, scope in runbook.yaml.", style, role="dim")
    names = [*(one.address for one in open_ if not _whole(one)), *regimes]
    what = names[0] if len(names) == 1 else "REGIME"
    incident = open_[0].incident
    lines += command(f"runbook obligations explain {what.partition('.')[0]}", style)
    lines += command(f"runbook obligations judge {incident} {what} --applies --reason TEXT", style)
    lines += command(f"runbook obligations judge {incident} {what} --does-not-apply --reason TEXT", style)
    return [*lines, *_later(found, style)]


def _later(found: Iterable[Obligation], style: Style) -> list[str]:
    """What is only asked once something has happened that its time would count from."""
    later = [one for one in found if one.state is State.UNDECIDED and not asked(one)]
    texts = ", ".join(f"{one.address} ({' or '.join(one.absent)})" for one in later)
    return ["", *paragraph(f"Not asked before these are set: {texts}.", style, indent=0, role="dim")] if texts else []


def asked(one: Obligation) -> bool:
    """Whether somebody should decide about it now: a report with a condition of its own waits for its anchor."""
    return one.state is State.UNDECIDED and (_whole(one) or one.deadline is not None)


def _whole(one: Obligation) -> bool:
    """Whether it is undecided because its whole regime is."""
    return one.state is State.UNDECIDED and one.judgement is None


def _settled(found: Iterable[Obligation], style: Style) -> list[str]:
    lines: list[str] = []
    for one in found:
        word, role = _SIGNS[one.state]
        text = _outcome(one)
        if text is not None:
            lines += marked(word, role, f"{one.address}  {shown(text)}", style)
            lines += [line for note in one.notes for line in labelled("note", note, style, indent=4, role="warn")]
    return ["", heading("Settled", style), *lines] if lines else []


def _outcome(one: Obligation) -> str | None:
    if one.state is State.MET:
        last = one.filings[-1]
        late = ", late" if one.late else ""
        part = ", in part" if last.partial else ""
        by = f"{last.reference or last.how}, by {last.by}"
        return f"filed {minute(last.at)}{late}{part}, {by}"
    if one.state is State.WAIVED and one.waiver is not None:
        return f"by {one.waiver.by}: {one.waiver.reason}"
    if one.state is State.NOT_APPLICABLE and one.judgement is not None:
        return f"says {one.judgement.by}: {one.judgement.reason}"
    return None


def _footer(found: Iterable[Obligation], style: Style) -> list[str]:
    who = sorted({one.judgement.by for one in found if one.judgement is not None})
    said = f"Decided by {', '.join(who)}." if who else "Nobody has decided anything yet."
    return ["", *paragraph(f"{NOT_ADVICE} {said}", style, indent=0, role="dim")]


def _anchor(one: Obligation) -> str:
    return one.deadline.anchor if one.deadline is not None else ""


def _meaning(one: Obligation, name: str) -> str:
    return one.version.regime.anchors.get(name, "the filing of that report").rstrip(".")


def across_text(rows: Sequence[tuple[Incident, Sequence[Obligation]]], style: Style, now: float) -> str:
    """What is open over all incidents: what ticks, the nearest first; then by incident what nobody has decided."""
    all_ = [one for _, found in rows for one in found]
    ticking = [one for one in all_ if one.state in TICKING]
    ticking.sort(key=lambda one: one.deadline.alarm if one.deadline else 0.0)
    lines = [line for one in ticking for line in _short(one, style, now)]
    for incident, found in rows:
        waiting = [one.address for one in found if one.state is State.NOT_STARTED]
        undecided = list(dict.fromkeys(_asked(one) for one in found if asked(one)))
        partly = [one.address for one in found if one.partly]
        if waiting:
            text = f"{incident.id}: not begun, for want of what their times count from: {', '.join(waiting)}"
            lines += ["", *marked("◌", "warn", shown(text), style, indent=0)]
        if undecided:
            text = f"{incident.id}: nobody has decided about {', '.join(undecided)}"
            lines += ["", *marked("?", "warn", shown(text), style, indent=0)]
        if partly:
            text = f"{incident.id}: filed in part, the rest is to follow: {', '.join(partly)}"
            lines += ["", *marked("◌", "warn", shown(text), style, indent=0)]
        lines += command(f"runbook obligations {incident.id}", style)
    if not lines:
        return ""
    return "\n".join([*lines, *_footer(all_, style)]).strip("\n")


def _short(one: Obligation, style: Style, now: float) -> list[str]:
    """A report whose time runs: what, of which incident, by when."""
    word, role = _SIGNS[one.state]
    title = f"{one.incident} {style.paint('heading', shown(one.address))}  {shown(one.report.title)}"
    lines = marked(word, role, title, style, indent=0)
    due = one.deadline
    if due is not None and due.reaches and due.extended is not None:
        return [*lines, *labelled("extended", by_when(due.extended, now, style.zone), style, role=role)]
    if due is None or due.raw is None or due.adjusted is None:
        return [*lines, *labelled("due", "as soon as can be; no number is named", style)]
    lines += labelled("due", by_when(due.raw, now, style.zone), style, role=role)
    moved = labelled("adjusted", by_when(due.adjusted, now, style.zone), style) if due.adjusted != due.raw else []
    return [*lines, *moved]


def pressing_line(one: Obligation, style: Style, now: float) -> str:
    """One report whose time runs, in a line."""
    word, role = _SIGNS[one.state]
    deadline = one.deadline
    due = None if deadline is None else deadline.extended if deadline.reaches else deadline.raw
    when = f"due {by_when(due, now, style.zone)}" if due is not None else "due as soon as can be"
    return f"{style.paint(role, word)} {one.incident} {shown(one.address)}, {when}"


def _asked(one: Obligation) -> str:
    return one.version.regime.name if _whole(one) else one.address
