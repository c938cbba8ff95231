"""`wait.until`: let time pass, for so long or until an instant.

The core waits, by the time of records; nothing here runs.
"""

from __future__ import annotations

from runbook.document import durations
from runbook.document.spec import KindSpec
from runbook.document.words import Role
from runbook.kinds.protocol import Inputs

INSTANT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$"

SPEC = KindSpec(
    name="wait.until",
    summary="Wait for a length of time, or until an instant.",
    role=Role.PAUSE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {
            "for": {
                "description": "How long, counted from when the step begins.",
                "type": "string",
                "pattern": durations.PATTERN,
                "examples": ["90s", "10m"],
            },
            "time": {
                "description": "Until when: an instant in UTC (RFC 3339). One that has passed ends at once.",
                "type": "string",
                "pattern": INSTANT,
                "examples": ["2026-12-24T06:00:00Z"],
            },
        },
    },
    outputs={"type": "object", "additionalProperties": False, "properties": {}},
    example={"id": "cool_down", "uses": "wait.until", "with": {"for": "90s"}},
)


def describe(inputs: Inputs) -> str:
    """`wait 90s` or `wait until 2026-12-24T06:00:00Z`."""
    return f"wait {inputs['for']}" if "for" in inputs else f"wait until {inputs['time']}"


def by_hand(inputs: Inputs) -> str:
    """The same, as an instruction."""
    return describe(inputs)
