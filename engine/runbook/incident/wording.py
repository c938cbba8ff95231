"""The words of messages about an incident: what a template sees, and the templates that are built in.

A template is looked for by its name with severity and audience, the most special first, and in the project before it
is built in: `templates/initial-sev1-customers.md`, `initial-customers.md`, then ours. For the team `initial-sev1.md`,
`initial.md`, ours. A customers' message never falls back to one that was written for the team.

What customers are told is the incident's `public` text and what follows from its times. Their scope holds nothing
else, so that no template, ours or the project's, can let out a name or what only the team may know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from runbook.document.catalog import Catalog
from runbook.document.durations import spoken
from runbook.document.words import Audience
from runbook.errors import UsageError
from runbook.incident.history import Incident
from runbook.incident.words import Status, Tlp
from runbook.messages.outgoing import LEVELS
from runbook.messages.templates import Lookup, render

KINDS: Final = ("initial", "update", "resolution")
CAN: Final = "can"

_HEAD = "{{ incident.severity }}{% if incident.major %}, MAJOR{% endif %}: {{ incident.title }} ({{ incident.id }})\n\n"
_FACTS = """\
- Impact: {{ incident.impact | default('not known yet') }}
- Started: {{ incident.started }}
- Affected: {{ incident.affected | default('not known yet') }}
- Lead: {{ incident.lead | default('nobody yet') }}
"""
_ROOM = "{% if incident.war_room %}- War room: {{ incident.war_room }}\n{% endif %}"
_ROOM_ASKED = "- War room: {{ incident.war_room | default('none yet') }}\n"
_NEXT = "- Next update: {{ next_update | default('when something changes') }}\n"
_SAID = "{% if message %}\n\n{{ message }}\n{% endif %}\n"

# How each severity is told to the team, by its place in the catalog; what comes after the fourth is told as the fourth.
_CALLS: Final = (
    "Whoever has a role: join the war room now. Whoever has none: stay reachable, and ask here, not there.",
    "Whoever has a role: join the war room. Others follow here.",
    "The team of the service works on it. Say here what you see.",
    "It is worked on in business hours. Nobody needs to get up for it.",
)
_AGAIN: Final = ("", "", "", "\nNo further update is due unless it gets worse.\n")


def _team(rank: int) -> dict[str, str]:
    room = _ROOM_ASKED if rank < 2 else _ROOM
    return {
        "initial": f"{_HEAD}- Status: {{{{ state }}}}\n{_FACTS}{room}{_NEXT}{_SAID}\n{_CALLS[rank]}\n",
        "update": f"{_HEAD}- Status: {{{{ state }}}}\n{_FACTS}{room}{_NEXT}{_SAID}{_AGAIN[rank]}",
        "resolution": f"RESOLVED: {_HEAD}{_ENDED}{_LATER if rank < 2 else ''}{_SAID}",
    }


_ENDED = """\
- Duration: {{ incident.duration }}
- Impact: {{ incident.impact | default('not recorded') }}
- Affected: {{ incident.affected | default('not recorded') }}
- Resolution: {{ incident.summary | default('not recorded') }}
- Next steps: {{ given.next_steps | default('none were named') }}
"""
_LATER = "{% if incident.review %}- Review: the meeting is due {{ incident.review }}\n{% endif %}"

_NEWS = "Next update: {{ next_update | default('as soon as there is news') }}.\n"
_CUSTOMERS: Final = {
    "initial": f"{{{{ incident.public }}}}\n\nWe are looking into it{{{{ since }}}}. {_NEWS}",
    "update": f"{{{{ incident.public }}}}\n\n{{{{ state }}}} {_NEWS}",
    "resolution": "{{ incident.public }}\n\nThis is resolved. It lasted {{ incident.duration }}.\n",
}
_CAN: Final = """\
CAN for {{ incident.id }} ({{ incident.severity }}), by {{ by }} at {{ now }}

- Condition: {{ given.condition }}
- Actions: {{ given.actions }}
- Needs: {{ given.needs }}
"""
BUILT_IN: Final[Mapping[str, str]] = {
    **{f"{name}-sev{rank + 1}": text for rank in range(4) for name, text in _team(rank).items()},
    **{f"{name}-customers": text for name, text in _CUSTOMERS.items()},
    CAN: _CAN,
}


class Wording(NamedTuple):
    """The words of one message: what it is called, its text, and which template gave it."""

    subject: str
    text: str
    template: str


class Said(NamedTuple):
    """What whoever sends it says: free text, named values, when the next update is, who they are, and when it is."""

    message: str | None
    given: Mapping[str, str]
    next_update: float | None
    by: str
    now: float


def worded(incident: Incident, catalog: Catalog, name: str, audience: Audience, said: Said, lookup: Lookup) -> Wording:
    """The message of a template. UsageError for one that there is not, and where a text that it needs is missing."""
    customers = audience is Audience.CUSTOMERS
    if not name or "/" in name or "\\" in name or name.startswith("."):
        raise UsageError(f"{name!r} is no name of a template", hint="templates/shift-change.md is called shift-change")
    if customers and not (incident.public or "").strip():
        raise UsageError(
            f"{incident.id} has no text for customers, and they are told nothing else",
            hint=f'write it: runbook notify {incident.id} --public "what customers may read" …',
        )
    if name == CAN and (missing := [word for word in ("condition", "actions", "needs") if not said.given.get(word)]):
        raise UsageError(
            f"a CAN report says condition, actions and needs; missing: {', '.join(missing)}",
            hint=" ".join(f'--with {word}="…"' for word in missing),
        )
    if customers and name == CAN:
        raise UsageError("a CAN report is for the team, not for customers")
    values = scope(incident, catalog, audience, said)
    rank = min(catalog.rank(incident.severity), 3)
    found, text = _rendered(tuple(names(name, incident.severity, rank, customers=customers)), values, lookup)
    if not text.strip():
        raise UsageError(f"the template {found} says nothing of {incident.id}", hint="`--dry-run` shows what would go")
    return Wording(_subject(incident, name, customers=customers), marked(incident, text, customers=customers), found)


def names(name: str, severity: str, rank: int, *, customers: bool) -> Iterator[tuple[str, bool]]:
    """Names under which a template is looked for, and whether the project's file of it counts."""
    own = severity.casefold()
    if customers:
        yield f"{name}-{own}-customers", True
        yield f"{name}-customers", True
        return
    yield f"{name}-{own}", True
    yield name, True
    yield f"{name}-sev{rank + 1}", False


def _rendered(wanted: tuple[tuple[str, bool], ...], values: Mapping[str, object], lookup: Lookup) -> tuple[str, str]:
    for one, in_project in wanted:
        if in_project and lookup(one) is not None:
            return one, render(one, None, values, lookup).text
    for one, _ in wanted:
        if one in BUILT_IN:
            return one, render(None, BUILT_IN[one], values, lookup).text
    first = wanted[0][0] if wanted[0][0].endswith("-customers") else wanted[1][0]
    raise UsageError(
        f"no message template for this: there is no templates/{first}.md",
        hint=f"built in are {', '.join((*KINDS, CAN))}",
    )


# --- what templates see -----------------------------------------------------------------------------------------------


def scope(incident: Incident, catalog: Catalog, audience: Audience, said: Said) -> dict[str, object]:
    """The names that a template for this audience may use."""
    due = when(said.next_update, said.now) if said.next_update is not None else None
    if audience is Audience.CUSTOMERS:
        known: dict[str, object] = {
            "public": (incident.public or "").strip(),
            "started": when(incident.started, said.now),
            "duration": duration(incident, said.now),
            "status": str(incident.status),
        }
        state = _STATES[incident.status][1]
        since = f" since {known['started']}" if "impact_started" in incident.times else ""
        return {"incident": known, "next_update": due, "state": state, "since": since}
    return {
        "incident": _for_the_team(incident, catalog, said.now),
        "state": _STATES[incident.status][0],
        "next_update": due,
        "message": said.message,
        "given": dict(said.given),
        "by": said.by,
        "now": when(said.now, said.now),
        "run": None,
        "runbook": None,
        "params": {},
        "alert": None,
    }


_STATES: Final = {  # what the team is told, and customers
    Status.OPEN: ("open, being worked on", "We are still working on it."),
    Status.MITIGATED: ("mitigated, being watched", "It works again, and we are watching it."),
    Status.RESOLVED: ("resolved", "This is resolved."),
}


def _for_the_team(incident: Incident, catalog: Catalog, now: float) -> dict[str, Any]:
    level = catalog.level(incident.severity)
    ended = incident.at("resolved")
    review = level.response.review if level is not None else None
    return {
        "id": incident.id,
        "title": incident.title,
        "severity": incident.severity,
        "severity_title": level.title if level is not None else None,
        "major": level is not None and level.major,
        "type": incident.type,
        "status": str(incident.status),
        "service": incident.service,
        "environment": incident.environment,
        "affected": incident.affected,
        "impact": incident.impact,
        "public": incident.public,
        "war_room": incident.war_room,
        "tlp": incident.tlp,
        "confidential": incident.confidential,
        "lead": incident.who("commander"),
        "roles": {role: holder.person for role, holder in incident.roles.items()},
        "started": when(incident.started, now),
        "duration": duration(incident, now),
        "summary": incident.summary,
        "review": None if review is None or ended is None else when(ended + review, now)[:10],
    }


def when(at: float, now: float) -> str:
    """A time for people: `14:23 UTC`, with its day where that is not today's."""
    there, here = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(now, UTC)
    return f"{there:%H:%M} UTC" if there.date() == here.date() else f"{there:%Y-%m-%d %H:%M} UTC"


def duration(incident: Incident, now: float) -> str:
    """How long it lasted, or has lasted so far: `45m (14:23–15:08 UTC)`."""
    start, end = incident.started, incident.at("resolved")
    long = spoken(max(0, round(((end or now) - start) / 60) * 60))
    until = when(end, start) if end is not None else "now"
    return f"{long} ({when(start, end or now).removesuffix(' UTC')}–{until})"


# --- around the text --------------------------------------------------------------------------------------------------


def level_of(incident: Incident, catalog: Catalog) -> str:
    """How badly what is affected is hurt, in the words of status pages."""
    if incident.status is Status.RESOLVED:
        return LEVELS[0]
    return ("major", "partial", "degraded", "degraded")[min(catalog.rank(incident.severity), 3)]


def _subject(incident: Incident, name: str, *, customers: bool) -> str:
    """What a mail, or an incident of a status page, is called. It stays the same, or threads would fall apart."""
    if customers:
        first = next(line for line in (incident.public or "").splitlines() if line.strip())
        return first.strip()[:120]
    over = "resolved: " if name == "resolution" else ""
    return f"[{incident.severity}] {incident.id} {over}{incident.title}"


def marked(incident: Incident, text: str, *, customers: bool) -> str:
    """The mark of the Traffic Light Protocol stands above and below (TLP 2.0); a public text needs none."""
    lines = [text.strip("\n")]
    if incident.tlp and not (customers and incident.tlp == Tlp.CLEAR):
        lines = [f"TLP:{incident.tlp}\n", *lines, f"\nTLP:{incident.tlp}"]
    if incident.confidential:
        lines.insert(0, "CONFIDENTIAL: do not pass this on.\n")
    return "\n".join(lines)
