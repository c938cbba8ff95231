"""The frame of a catalog: the words that a team has for incidents, and what it has set itself to reach."""

from __future__ import annotations

from runbook.document.frames.common import Schema, closed, document, duration, flag, items, one_of, text
from runbook.document.frames.patterns import CLASS, ID, LEVEL, RESPONSE


def frame() -> Schema:
    """JSON Schema of a catalog."""
    return document(
        "Catalog",
        "Severities, types and roles of incidents, and how soon what is to be reached.",
        {
            "severities": items(
                "Severities, the worst first.",
                _severity(),
                [{"name": "SEV1", "title": "Complete outage", "response": {"acknowledge": "immediately"}}],
                minItems=1,
            ),
            "types": items(
                "Types of incidents: who responds, who is told.",
                _type(),
                [{"name": "Service", "team": ["DevOps", "SRE"], "escalation": ["Engineering VP"]}],
            ),
            "roles": items(
                "Roles beside commander, deputy, scribe, operations, communications and liaison; one holder each.",
                _role(),
                [{"name": "legal", "title": "Legal counsel"}],
            ),
            "targets": _targets(),
        },
        required=("severities",),
        defs={},
    )


def _severity() -> Schema:
    return closed(
        "One severity.",
        {
            "name": text("Its name, as runbooks and commands say it.", "SEV1", pattern=LEVEL),
            "title": text("What it is, in a few words.", "Complete outage"),
            "description": text("How to tell it from the next.", "Nobody can do what the service is for."),
            "major": flag("It is a major incident: more people are told, and a postmortem is due."),
            "response": _response(),
            "examples": items("Incidents that were one.", text("One of them.", "Database down"), ["Database down"]),
        },
        required=("name", "title"),
    )


def _response() -> Schema:
    return closed(
        "What is aimed at.",
        {
            "acknowledge": text(
                "How soon somebody works on it: a duration, 'immediately' or 'business hours'.",
                "15m",
                "immediately",
                "business hours",
                pattern=RESPONSE,
            ),
            "first_update": duration("How soon the first message goes out.", "5m"),
            "update_every": duration("Time between two messages while it lasts.", "15m"),
            "review": duration("How soon after its end the review is held.", "3d"),
        },
        examples=[{"acknowledge": "immediately", "update_every": "15m"}],
    )


def _type() -> Schema:
    return closed(
        "One type.",
        {
            "name": text("Its name, as commands say it.", "Security", pattern=CLASS),
            "description": text("What belongs to it.", "Somebody is where they must not be."),
            "examples": items("Incidents that were one.", text("One of them.", "Data leak"), ["Data leak"]),
            "team": items("Who responds.", text("A team.", "Security"), ["Security", "DevOps"]),
            "escalation": items("Who is called in beyond the team.", text("Somebody.", "CISO"), ["CISO", "Legal"]),
            "tell": items("Channels that are told of each.", text("A channel of the config.", "incidents"), ["secops"]),
            "confidential": flag("Only those who need to know are told; nothing of it goes to the public."),
            "tlp": one_of(
                "The mark of TLP 2.0 that each begins with.", *("RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR")
            ),
            "checklist": items(
                "What is not to be forgotten, in this order.",
                text("One line.", "Cut the affected systems off"),
                ["Cut the affected systems off"],
            ),
        },
        required=("name",),
    )


def _role() -> Schema:
    return closed(
        "One role.",
        {
            "name": text("Its name, as commands say it.", "legal", pattern=ID),
            "title": text("What it is called.", "Legal counsel"),
            "description": text("What its holder does.", "Says what may be said to whom."),
        },
        required=("name",),
    )


def _targets() -> Schema:
    return closed(
        "What the medians over many incidents are held against.",
        {
            "mttd": duration("From the start of the impact until it is detected.", "5m"),
            "mtta": duration("From the alert until somebody has acknowledged it.", "5m"),
            "mttm": duration("From the start of the impact until it is mitigated.", "20m"),
            "mttr": duration(
                "From its detection until it is resolved; `runbook metrics --mttr` tells of other MTTRs.", "30m"
            ),
        },
        examples=[{"mttd": "5m", "mtta": "5m", "mttr": "30m"}],
    )
