"""`notify.send`: tell a channel something in the middle of the steps.

The core announces it, as it does the messages of `communication`; nothing here runs.
"""

from __future__ import annotations

from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Role
from runbook.kinds.invocations import shortened
from runbook.kinds.protocol import Inputs

SPEC = KindSpec(
    name="notify.send",
    summary="Send a message to a channel.",
    role=Role.NOTICE,
    effect=Effect.NOTIFY,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["to", "message"],
        "properties": {
            "to": {
                "description": "Name of the channel, from `runbook.yaml`.",
                "type": "string",
                "minLength": 1,
                "examples": ["incidents"],
            },
            "message": {
                "description": "The text.",
                "type": "string",
                "minLength": 1,
                "examples": ["Rolling back {{ params.deployment }} now."],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "sent": {
                "description": "True when the channel took it; null when that is not known.",
                "type": ["boolean", "null"],
                "examples": [True],
            }
        },
    },
    example={
        "id": "tell_team",
        "uses": "notify.send",
        "with": {"to": "incidents", "message": "Rolling back {{ params.deployment }} now."},
    },
)


def describe(inputs: Inputs) -> str:
    """`tell incidents: Rolling back …`, shortened."""
    return shortened(f"tell {inputs['to']}: {inputs['message']}")


def by_hand(inputs: Inputs) -> str:
    """The message, and where it goes."""
    return f"tell {inputs['to']}: {inputs['message']}"
