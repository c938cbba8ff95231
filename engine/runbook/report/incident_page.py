"""An incident on one page of HTML: what it is, what happened when, what runs did, what is left to do.

Self-contained and printable. The other parts of an incident (messages, obligations) bring sections of their own, made
of the same pieces; this page knows none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from runbook.incident.actions import Action, State
from runbook.incident.declared import Agrees
from runbook.incident.history import Incident
from runbook.incident.leftovers import Leftover
from runbook.incident.postmortem.facts import Facts, Ran
from runbook.incident.words import TIMES, Status
from runbook.report import html, svg
from runbook.report.markup import Child, Markup, element, joined
from runbook.report.spans import Span, span_drawing
from runbook.report.timeline import Entry, happened
from runbook.report.times import minute, span
from runbook.report.values import value

_STATUS: Final = {Status.OPEN: "bad", Status.MITIGATED: "warn", Status.RESOLVED: "good"}
_OUTCOME: Final = {"resolved": "good", "not_needed": "good", "in_doubt": "bad", "not_resolved": "bad"}
_GIT: Final = {
    Agrees.SAME: ("Git says the same", "good"),
    Agrees.OTHER: ("Git says otherwise", "bad"),
    Agrees.SILENT: ("Git says nothing of it", "warn"),
    Agrees.UNKNOWN: ("not known", "plain"),
}


_STYLE: Final = "td time,td code{white-space:nowrap}"


class Section(NamedTuple):
    """A part of the page: what links name, its heading, and what stands below it."""

    anchor: str
    title: str
    body: Child


def incident_page(facts: Facts, timeline: Sequence[Entry], now: float, more: Iterable[Section] = ()) -> str:
    """The whole file, as of `now` (seconds since 1970, UTC)."""
    incident = facts.incident
    sections = [
        Section("times", "Times", _times(facts, now)),
        *more,
        Section("response", "What runbooks did", _runs(facts)),
        Section("left", "What is left changed", _left(facts.left)),
        Section("actions", "Action items", _actions(facts.actions, facts, now)),
        Section("timeline", "Timeline (UTC)", _timeline(timeline, facts)),
    ]
    marks = [f"TLP:{incident.tlp}"] if incident.tlp else []
    marks += ["Confidential: keep this among those who need to know"] if incident.confidential else []
    mark = " · ".join(marks)
    return html.page(
        f"{incident.id}: {incident.title}",
        html.banner(mark, role="warn") if mark else None,
        html.facts(_about(incident, facts)),
        *(html.section(each.title, each.body, anchor=each.anchor) for each in sections),
        head=[("Status", html.badge(str(incident.status), _STATUS[incident.status])), ("As of", minute(now))],
        mark=html.severity(incident.severity),
        nav=[(each.anchor, each.title) for each in sections],
        foot=mark or None,
        style=f"{svg.STYLE}\n{_STYLE}",
    )


def _about(incident: Incident, facts: Facts) -> list[tuple[str, Child]]:
    told = [
        ("Type", incident.type),
        ("Service", incident.service),
        ("Environment", incident.environment),
        ("Affected", incident.affected),
        ("Impact", incident.impact),
        ("Summary", incident.summary),
        ("War room", html.link(incident.war_room, incident.war_room) if incident.war_room else None),
        *((role.capitalize(), facts.people.of(holder.person)) for role, holder in incident.roles.items()),
    ]
    return [
        (label, what if isinstance(what, Markup) else facts.people.without_names(what)) for label, what in told if what
    ]


def _times(facts: Facts, now: float) -> Markup:
    """Every time, the unknown ones too, and what lasted how long."""
    incident = facts.incident
    rows = []
    for name in TIMES:
        moment = incident.times.get(name)
        if moment is None:
            rows.append((name.replace("_", " "), "not known", "", ""))
            continue
        source = facts.people.without_names(moment.source or "as it happened")
        rows.append((name.replace("_", " "), _when(moment.at), _after(moment.at - facts.started), source))
    drawn = span_drawing("spans", _spans(facts), now)
    table = html.table(("What", "When", "After the start", "Known from"), rows, heads=True)
    return joined([html.figure(drawn) if drawn else None, table])


def _after(seconds: float) -> str:
    return span(seconds) if seconds > 0 else "0s"


def _spans(facts: Facts) -> list[Span]:
    """The impact, until somebody was on it, until it stopped hurting, and each run."""
    incident, start = facts.incident, facts.started
    found = [Span("impact", start, incident.at("resolved"))]
    ends = (("until detected", "detected"), ("until acknowledged", "acknowledged"), ("until mitigated", "mitigated"))
    for name, end in ends:
        at = incident.at(end)
        found += [Span(name, start, at)] if at is not None and at >= start else []
    return [*found, *(Span(ran.runbook, ran.started, ran.ended) for ran in facts.runs)]


def _runs(facts: Facts) -> Child:
    if not facts.runs:
        return html.paragraph("No run of a runbook belongs to this incident.", soft=True)
    return joined([html.part(f"{ran.runbook}", *_run(ran, facts)) for ran in facts.runs])


def _run(ran: Ran, facts: Facts) -> list[Child]:
    outcome = (ran.outcome or "not ended").replace("_", " ")
    took = f" · {span(ran.ended - ran.started)}" if ran.ended is not None else ""
    how = "automatically" if ran.auto else "by people"
    said: list[Child] = [
        html.paragraph(
            html.badge(outcome, _OUTCOME.get(ran.outcome or "", "warn")),
            f" {minute(ran.started)}{took} · {how} · ",
            html.code(ran.run),
        )
    ]
    lines: list[Child] = [f"{step}: {facts.people.without_names(say)}" for step, say in ran.seen]
    lines += [
        joined(["option ", html.code(option), ": ", facts.people.without_names(came)]) for option, came in ran.tried
    ]
    for one in ran.approvals:
        who = "the policy" if one.policy else " and ".join(facts.people.of(name) for name in one.by) or "nobody"
        glass = " by breaking the glass" if one.break_glass else ""
        lines.append(joined([html.code(one.option), f" was {one.verdict} by {who} after {span(one.waited)}{glass}"]))
    lines += [f"{minute(one.at)} {one.summary}{' (taken back)' if one.undone else ''}" for one in ran.changes]
    return [*said, html.bullets(lines)] if lines else said


def _left(left: Sequence[Leftover]) -> Child:
    if not left:
        return html.paragraph("Nothing that a run changed is left as it was not before.", soft=True)
    rows = []
    for one in left:
        fields = joined([f"{field.path}: {value(field.before)} → {value(field.after)}" for field in one.fields], " · ")
        says = joined(
            [html.badge(*_GIT[agrees]) for agrees in dict.fromkeys(field.agrees for field in one.fields)], " "
        )
        due = html.badge(f"by {minute(one.due)}", "warn") if one.due is not None else "nobody said when"
        rows.append((one.summary, fields, says, due, html.code(one.undo) if one.undo else "by hand"))
    return html.table(("Change", "Was → is", "Git", "To be taken back", "How"), rows)


def _actions(items: Sequence[Action], facts: Facts, now: float) -> Child:
    if not items:
        return html.paragraph("None yet.", soft=True)
    today = datetime.fromtimestamp(now, UTC).date()
    rows = []
    for item in items:
        late = item.overdue(today)
        state = html.badge("overdue" if late else str(item.state), "bad" if late else _ACTION[item.state])
        owner = facts.people.without_names(item.owner or "nobody yet")
        ticket = html.link(item.ticket, item.ticket) if item.ticket else ""
        rows.append((item.id, item.title, str(item.aim), owner, str(item.due or "no day yet"), state, ticket))
    return html.table(("Id", "Action", "Type", "Owner", "Deadline", "State", "Ticket"), rows)


_ACTION: Final = {State.OPEN: "warn", State.DONE: "good", State.DROPPED: "plain"}


def _timeline(timeline: Sequence[Entry], facts: Facts) -> Child:
    """What matters, by when it happened; all of the record, in its order, behind a click."""

    def rows(entries: Iterable[Entry], *, written: bool) -> list[tuple[Child, ...]]:
        return [
            (
                _when(one.at if written else one.happened),
                facts.people.without_names(one.said),
                html.code(one.short),
            )
            for one in entries
        ]

    head = ("When", "What happened", "Record")
    told, every = rows(happened(timeline), written=False), rows(timeline, written=True)
    return joined([html.table(head, told), html.folded(f"All {len(every)} records", html.table(head, every))])


def _when(at: float) -> Markup:
    return element("time", minute(at))
