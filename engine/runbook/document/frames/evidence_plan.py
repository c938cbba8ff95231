"""The frame of an evidence plan."""

from __future__ import annotations

from runbook.document.frames.common import (
    Schema,
    document,
    duration,
    flag,
    items,
    parameter,
    parameters,
    retry,
    step,
    text,
)
from runbook.document.frames.patterns import NAME


def frame() -> Schema:
    """JSON Schema of an evidence plan, without the kinds of steps."""
    return document(
        "EvidencePlan",
        "An evidence plan: what is preserved before a change destroys it.",
        {
            "name": text("Name of the plan, unique in its library.", "standard-kubernetes", pattern=NAME),
            "title": text("What it preserves.", "What a rollback would destroy"),
            "timeout": duration("Longest time that the first change waits for it. Default 2m.", "2m"),
            "required": flag("Without all of it, no change is made."),
            "parameters": parameters(),
            "items": items(
                "What is collected, most volatile first.",
                {"$ref": "#/$defs/item"},
                [{"id": "events", "uses": "kubernetes.events"}],
                minItems=1,
            ),
        },
        required=("name", "items"),
        defs={
            "retry": retry(),
            "parameter": parameter(),
            "item": _item(),
        },
    )


def _item() -> Schema:
    item = step("Something to preserve: a probe.")
    for key in ("signal", "expect", "series"):
        del item["properties"][key]
    del item["if"], item["else"]
    return {**item, "required": ["id", "uses"], "examples": [{"id": "events", "uses": "kubernetes.events"}]}
