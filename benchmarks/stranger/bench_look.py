"""`bench.look`: a probe that sees nothing, at once."""

from __future__ import annotations

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Role

SPEC = KindSpec(
    name="bench.look",
    summary="See nothing.",
    role=Role.PROBE,
    effect=Effect.READ,
    inputs={"type": "object", "additionalProperties": False, "properties": {}},
    outputs={"type": "object", "properties": {"value": {"type": "integer"}}},
    expect="value == 1",
    example={"id": "look", "uses": "bench.look"},
)


def describe(inputs):
    return "look"


def by_hand(inputs):
    return "true"


def observe(inputs, world):
    return Observation(output={"value": 1})
