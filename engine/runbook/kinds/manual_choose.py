"""`manual.choose`: a person picks one of what the run has found, and later steps use it.

The core asks, and judges the choices when they are known; nothing here runs.
"""

from __future__ import annotations

from runbook.document.spec import KindSpec
from runbook.document.words import Role
from runbook.kinds.invocations import shortened
from runbook.kinds.protocol import Inputs

SPEC = KindSpec(
    name="manual.choose",
    summary="Have a person pick one of a list, often of what was found; the pick is an output.",
    role=Role.MANUAL,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["question", "choices"],
        "properties": {
            "question": {
                "description": "The question.",
                "type": "string",
                "minLength": 1,
                "examples": ["Which member is to be taken out?"],
            },
            "choices": {
                "description": "What can be picked: a list, or a template that gives one.",
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"type": ["string", "number", "boolean"]},
                "examples": [["etcd-1", "etcd-2"], "{{ steps.members.names }}"],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "value": {
                "description": "What was picked, as it stands in the list.",
                "type": ["string", "number", "boolean", "null"],
                "examples": ["etcd-1"],
            },
            "note": {
                "description": "What the person added.",
                "type": ["string", "null"],
                "examples": ["it is the one with the full disk"],
            },
        },
    },
    timeout="1h",
    example={
        "id": "member",
        "uses": "manual.choose",
        "with": {"question": "Which member is to be taken out?", "choices": ["etcd-1", "etcd-2"]},
    },
)


def describe(inputs: Inputs) -> str:
    """The question, shortened."""
    return shortened(f"choose: {inputs['question']}")


def by_hand(inputs: Inputs) -> str:
    """The question, with what can be picked where that is known."""
    choices = inputs.get("choices")
    if not isinstance(choices, list | tuple):
        return str(inputs["question"])
    return f"{inputs['question']} ({', '.join(str(choice) for choice in choices)})"
