"""An incident in the terminal: at a glance, in a list, its times, and what to type next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from runbook.incident.order import spoken
from runbook.incident.words import TIMES, Status
from runbook.report.layout import command, heading, labelled, marked, paragraph, table
from runbook.report.safe import first_line, shown
from runbook.report.times import minute, span

if TYPE_CHECKING:
    from runbook.document.catalog import Catalog
    from runbook.incident.history import Incident
    from runbook.report.style import Style

HIDDEN = "confidential"
_NOTES = 5  # the newest that are shown at a glance
_ROLE = {Status.OPEN: "bad", Status.MITIGATED: "warn", Status.RESOLVED: "good"}


def incident_text(
    incident: Incident,
    style: Style,
    now: float,
    *,
    runs: Mapping[str, str] | None = None,
    overlapping: Sequence[Incident] = (),
    told: Sequence[tuple[str, str]] = (),
) -> str:
    """The whole page; `runs` says of each run what came of it, `overlapping` are others of the service.

    `told` are rows about what was said of it.
    """
    lines = [heading(shown(f"{incident.severity} · {incident.title}"), style)]
    lines += labelled("status", _status(incident, now), style, role=_ROLE[incident.status])
    lines += _about(incident, style)
    sections = {
        "Roles": _roles(incident),
        "Times": _times(incident),
        "Severity": [
            (minute(one.at), f"{one.from_} → {one.to}, {one.by}: {one.reason}") for one in incident.severities
        ],
        "Type": [(minute(one.at), f"{one.from_} → {one.to}, {one.by}: {one.reason}") for one in incident.types],
        "Runs": [(one.run, f"{one.runbook or 'by hand'}{_came((runs or {}).get(one.run))}") for one in incident.runs],
        "Messages": list(told),
        "Links": [(one.what, _linked(one.id, one.relation, one.note)) for one in incident.links],
        "Notes": [(minute(one.at), f"{one.by}: {one.text}") for one in incident.notes[-_NOTES:]],
    }
    for title, rows in sections.items():
        if rows:
            lines += ["", heading(title, style)]
        width = max((len(label) for label, _ in rows), default=0) + 2
        for label, text in rows:
            lines += labelled(label, text, style, width=max(10, width))
    if len(incident.notes) > _NOTES:
        more = len(incident.notes) - _NOTES
        lines += paragraph(f"and {more} earlier: runbook incident timeline {incident.id}", style, role="dim")
    for one in overlapping:
        name = f"{one.id}, {HIDDEN}" if one.confidential else f"{one.id}, {one.title} ({one.status})"
        lines += marked("!", "warn", shown(f"its impact overlaps with that of {name}"), style)
    return "\n".join(line.rstrip() for line in lines)


def _status(incident: Incident, now: float) -> str:
    end = incident.at("resolved") if incident.status is Status.RESOLVED else None
    lasts = span(max(0.0, (now if end is None else end) - incident.started))
    again = f"; reopened {len(incident.reopened)}×" if incident.reopened else ""
    return f"{incident.status}, {'after' if end is not None else 'for'} {lasts}{again}"


def _about(incident: Incident, style: Style) -> list[str]:
    marks = [f"TLP:{incident.tlp}"] if incident.tlp else []
    marks += [HIDDEN] if incident.confidential else []
    came = incident.imported or {}
    about = {
        "incident": ", ".join(filter(None, (incident.id, incident.type, *marks))),
        "declared": f"by {incident.declared_by}",
        "imported": f"from {came.get('from')}, {came.get('id')}" if came else None,
        "service": incident.service,
        "where": incident.environment,
        "affected": incident.affected,
        "impact": incident.impact,
        "users": {True: "notice it", False: "do not notice it", None: None}[incident.user_facing],
        "war room": incident.war_room,
        "public": incident.public,
        "summary": incident.summary,
    }
    return [line for label, text in about.items() if text for line in labelled(label, text, style)]


def _roles(incident: Incident) -> list[tuple[str, str]]:
    return [(role, f"{one.person}, since {minute(one.since)}") for role, one in incident.roles.items()]


def _times(incident: Incident) -> list[tuple[str, str]]:
    known = sorted(incident.times.items(), key=lambda entry: entry[1].at)
    return [(spoken(name), minute(one.at) + (f", says {one.source}" if one.source else "")) for name, one in known]


def _came(outcome: str | None) -> str:
    return f", {outcome}" if outcome else ""


def _linked(id_: str, relation: str | None, note: str | None) -> str:
    return "".join((id_, f", {relation}" if relation else "", f": {note}" if note else ""))


def times_text(incident: Incident, style: Style) -> str:
    """Its times, in the order in which they were; those that are not known are named."""
    lines = [line for label, text in _times(incident) for line in labelled(label, text, style, width=16)]
    missing = [spoken(name) for name in TIMES if name not in incident.times]
    if missing:
        lines += paragraph(f"not known: {', '.join(missing)}", style, role="dim")
    return "\n".join(lines)


def incidents_text(rows: Sequence[tuple[Incident, bool]], style: Style, now: float) -> str:
    """A list; each with whether it may be told, else only its id, severity and status."""
    cells = []
    for incident, told in rows:
        lead = incident.who("commander") if told else None
        cells.append(
            (
                incident.id,
                incident.severity,
                str(incident.status),
                minute(incident.times["declared"].at),
                _lasted(incident, now),
                lead or "-",
                incident.title if told else HIDDEN,
            )
        )
    header = ("incident", "severity", "status", "declared", "lasted", "lead", "title")
    return "\n".join(table(cells, style, header=header))


def _lasted(incident: Incident, now: float) -> str:
    end = incident.at("resolved")
    return span(max(0.0, (now if end is None else end) - incident.started))


def hidden_text(incident: Incident, style: Style) -> str:
    """A confidential incident for somebody who is not named in it."""
    lines = [heading(f"{incident.severity} · {HIDDEN}", style)]
    lines += labelled("status", str(incident.status), style)
    lines += labelled("declared", minute(incident.times["declared"].at), style)
    lines += paragraph(
        "It names neither you nor a group that you are in. Whoever can read this store can read its record: "
        "add --confidential to be shown it.",
        style,
    )
    return "\n".join(lines)


def class_lines(incident: Incident, catalog: Catalog, style: Style) -> list[str]:
    """Who responds to an incident of its type, and what is not to be forgotten."""
    class_ = catalog.class_(incident.type)
    if class_ is None:
        return []
    who = {"responds": class_.team, "escalate to": class_.escalation, "tell": class_.tell}
    lines = [
        line for label, names in who.items() if names for line in labelled(label, ", ".join(names), style, width=13)
    ]
    if incident.confidential:
        lines += paragraph("It is confidential: nothing of it goes to customers or the public.", style, role="warn")
    lines += [line for text in class_.checklist for line in marked("□", "plain", shown(text), style, indent=4)]
    return lines


def first_steps(incident: Incident, catalog: Catalog, style: Style) -> list[str]:
    """What is aimed at, who responds, and what to type first."""
    level = catalog.level(incident.severity)
    lines: list[str] = []
    if level is not None and level.response.spoken:
        every = f"; an update every {level.response.update_every}" if level.response.update_every else ""
        lines += paragraph(f"Work on a {level.name} begins {level.response.spoken}{every}.", style)
    lines += class_lines(incident, catalog, style)
    if incident.who("commander") is None:
        lines += paragraph("Nobody leads it yet:", style)
        lines += command(f"runbook incident assign {incident.id} commander me", style)
    lines += paragraph("Runs join by themselves:", style)
    lines += command(f"runbook run NAME --incident {incident.id}", style)
    lines += paragraph("Law or a contract may have set a deadline already; people decide that:", style)
    lines += command(f"runbook obligations {incident.id}", style)
    return lines


def open_line(incident: Incident, now: float, *, told: bool, due: float | None = None) -> str:
    """One line about an incident that is not over, for `runbook` alone; `due` is when the next update is."""
    title = first_line(incident.title) if told else HIDDEN
    lead = incident.who("commander")
    who = f"{lead} leads" if lead else "nobody leads"
    late = f" (an update is overdue since {span(now - due)})" if due is not None and due < now else ""
    text = f"{incident.id} {incident.severity} {incident.status} for {_lasted(incident, now)}, {who}: {title}{late}"
    return shown(text)
