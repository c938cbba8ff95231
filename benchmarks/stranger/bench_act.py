"""`bench.act`: a change that changes nothing, at once; each name is a target of its own."""

from __future__ import annotations

from runbook.core.changes import Change, DidNotApply, Outcome, Target
from runbook.core.words import Applied
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Role

SPEC = KindSpec(
    name="bench.act",
    summary="Change nothing.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {"name": {"type": "string"}},
    },
    outputs={"type": "object", "properties": {"value": {"type": "integer"}}},
    example={"id": "act", "uses": "bench.act", "with": {"name": "a"}},
)


def describe(inputs):
    return "act"


def by_hand(inputs):
    return "true"


def plan(inputs, world):
    return Change(
        kind="bench.act",
        target=Target(connection="bench", kind="Bench", name=inputs["name"]),
        summary="act",
        effect=Effect.CHANGE,
        inputs=dict(inputs),
        request={"name": inputs["name"]},
        irreversible="nothing happened",
    )


def apply(change, world):
    return Outcome(applied=Applied.YES, output={"value": 1})


def confirm(change, world):
    return DidNotApply(reason="nothing happens")


def rehearse(inputs, given):
    return plan(inputs, None)
