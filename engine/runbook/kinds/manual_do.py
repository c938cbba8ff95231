"""`manual.do`: a person does something and says that it is done, or that it could not be.

The core asks; nothing here runs.
"""

from __future__ import annotations

from runbook.document.spec import KindSpec
from runbook.document.words import Role
from runbook.kinds.invocations import shortened
from runbook.kinds.protocol import Inputs

SPEC = KindSpec(
    name="manual.do",
    summary="Have a person do something, and say that it is done.",
    role=Role.MANUAL,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["text"],
        "properties": {
            "text": {
                "description": "What is to be done, as an instruction.",
                "type": "string",
                "minLength": 1,
                "examples": ["Turn off the payment provider in its dashboard."],
            },
            "expect": {
                "description": "What the person should see when it is done.",
                "type": "string",
                "minLength": 1,
                "examples": ["The dashboard says: degraded mode."],
            },
            "may_skip": {
                "description": "Whether the person may pass over it by answering skipped; nothing is waited for then.",
                "type": "boolean",
                "default": False,
                "examples": [True],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "done": {
                "description": "True when the person said done, false when they could not.",
                "type": ["boolean", "null"],
                "examples": [True],
            },
            "note": {
                "description": "What they added.",
                "type": ["string", "null"],
                "examples": ["took two attempts"],
            },
        },
    },
    timeout="1h",
    example={
        "id": "provider_off",
        "uses": "manual.do",
        "with": {
            "text": "Turn off the payment provider in its dashboard.",
            "expect": "The dashboard says: degraded mode.",
        },
    },
)


def describe(inputs: Inputs) -> str:
    """The instruction, shortened."""
    return shortened(f"by hand: {inputs['text']}")


def by_hand(inputs: Inputs) -> str:
    """The instruction, and what should be seen then."""
    expected = inputs.get("expect")
    return f"{inputs['text']} (expect: {expected})" if expected else str(inputs["text"])
