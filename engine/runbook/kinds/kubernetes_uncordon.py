"""Put pods on a node again. What was evicted from it does not come back for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.core.changes import Change, Confirmation, Outcome, Planned
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import nodes
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name=nodes.UNCORDON,
    summary="Put pods on a node again.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs=nodes.INPUTS,
    outputs=nodes.OUTPUTS,
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    timeout="1m",
    example={
        "id": "uncordon",
        "title": "The node takes pods again",
        "uses": nodes.UNCORDON,
        "with": {"node": "{{ params.node }}"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Uncordon Node {inputs.get('node')}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return nodes.by_hand(inputs, cordon=False)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """The node is read and changed."""
    return nodes.needs(inputs)


def plan(inputs: Inputs, world: World) -> Planned:
    """Read the node and try the change out on the server. Reads only."""
    return nodes.planned(inputs, world, cordon=False)


def apply(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    return nodes.applied(change, world)


def confirm(change: Change, world: World) -> Confirmation:
    """After a lost answer: by our mark, or by the flag."""
    return nodes.confirmed(change, world)


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:  # noqa: ARG001 - nothing to be given
    """The change in a simulated world."""
    return nodes.rehearsed(SPEC.name, inputs, cordon=False)
