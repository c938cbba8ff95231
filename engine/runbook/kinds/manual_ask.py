"""`manual.ask`: a person answers a question, and later steps use the answer.

The core asks and checks the answer's type; nothing here runs.
"""

from __future__ import annotations

from runbook.document.spec import KindSpec
from runbook.document.words import Role
from runbook.kinds.invocations import shortened
from runbook.kinds.protocol import Inputs

SPEC = KindSpec(
    name="manual.ask",
    summary="Ask a person a question; the answer is an output.",
    role=Role.MANUAL,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["question"],
        "properties": {
            "question": {
                "description": "The question.",
                "type": "string",
                "minLength": 1,
                "examples": ["Which region is affected?"],
            },
            "type": {
                "description": "What kind of answer is taken.",
                "enum": ["string", "number", "integer", "boolean"],
                "default": "string",
                "examples": ["integer"],
            },
            "choices": {
                "description": "The only answers that are taken.",
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"type": ["string", "number"]},
                "examples": [["eu-west-1", "us-east-1"]],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "value": {
                "description": "The answer, of the type asked for.",
                "type": ["string", "number", "boolean", "null"],
                "examples": ["eu-west-1"],
            },
            "note": {
                "description": "What the person added.",
                "type": ["string", "null"],
                "examples": ["seen on the map"],
            },
        },
    },
    timeout="1h",
    example={
        "id": "region",
        "uses": "manual.ask",
        "with": {"question": "Which region is affected?", "choices": ["eu-west-1", "us-east-1"]},
    },
)


def describe(inputs: Inputs) -> str:
    """The question, shortened."""
    return shortened(f"ask: {inputs['question']}")


def by_hand(inputs: Inputs) -> str:
    """The question, with the answers that are taken."""
    choices = inputs.get("choices")
    if not isinstance(choices, list | tuple):
        return str(inputs["question"])
    return f"{inputs['question']} ({', '.join(str(choice) for choice in choices)})"
