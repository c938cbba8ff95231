"""A stranger's kind that misbehaves as its input says: a probe with `effect: read`, else a change."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from typing import Any

from runbook.core.changes import CannotTell, Change, Confirmation, Observation, Outcome, Planned, Target
from runbook.core.words import Applied
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Role
from runbook.kinds.protocol import Inputs, World

RELEASED = threading.Event()

_WORD: dict[str, Any] = {"type": "string", "description": "What it does wrong.", "examples": ["raise"]}
SPEC = KindSpec(
    name="rude.act",
    summary="Misbehave.",
    timeout="1s",
    role=Role.ACTION,
    effect=None,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {"does": _WORD, "in": _WORD, "effect": _WORD},
    },
    outputs={"type": "object", "properties": {"seen": {"type": ["string", "null"], "description": "Seen."}}},
    example={"id": "rude", "uses": "rude.act"},
)


def _misbehave(inputs: Inputs, where: str, good: Any) -> Any:
    if inputs.get("in", where) != where:
        return good
    match inputs.get("does"):
        case "raise":
            raise ZeroDivisionError("as it was told")
        case "exit":
            sys.exit(3)
        case "none":
            return None
        case "garbage":
            return {"what": object()}
        case "hang":
            RELEASED.wait(60)
    return good


def describe(inputs: Inputs) -> str:
    return "misbehave"


def by_hand(inputs: Inputs) -> str:
    return "true"


def observe(inputs: Inputs, world: World) -> Observation:
    good: Observation = _misbehave(inputs, "observe", Observation(output={"seen": "yes"}))
    return good


def plan(inputs: Inputs, world: World) -> Planned:
    target = Target(connection="nowhere", kind="Rude", name="it")
    change = Change(
        kind=SPEC.name, target=target, summary="misbehave", effect=Effect.CHANGE, inputs=dict(inputs), request={}
    )
    good: Planned = _misbehave(inputs, "plan", change)
    return good


def apply(change: Change, world: World) -> Outcome:
    good: Outcome = _misbehave(change.inputs, "apply", Outcome(applied=Applied.YES))
    return good


def confirm(change: Change, world: World) -> Confirmation:
    return CannotTell(reason="nobody can")


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    raise NotImplementedError
