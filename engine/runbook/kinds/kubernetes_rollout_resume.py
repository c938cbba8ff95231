"""Resume the rollouts of a paused Deployment, and roll out what was changed in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, NothingToDo, Observation, Outcome, Planned, Refused
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.kinds import kubernetes, pausing
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name=pausing.RESUME,
    summary="Resume the rollouts of a paused Deployment.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs=pausing.INPUTS,
    outputs=pausing.OUTPUTS,
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    timeout="5m",
    example={
        "id": "resume",
        "title": "Let the rollout go on",
        "uses": "kubernetes.rollout_resume",
        "with": {"deployment": "api", "namespace": "production"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Resume the rollouts of {kubernetes.name_of(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return pausing.by_hand(inputs, pause=False)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Its revisions are read, and it is resumed."""
    return needed.changed(inputs)


def plan(inputs: Inputs, world: World) -> Planned:
    """Show what would be rolled out, and try it out on the server. Reads only."""
    name, where = kubernetes.named(inputs, "deployment"), kubernetes.namespace(inputs, world)
    seen = kubernetes.read_history(name, where, world)
    if not seen.paused:
        return NothingToDo(reason=f"the rollouts of Deployment {where}/{name} are not paused")
    change = pausing.change(seen, inputs, world, pause=False)
    tried = patches.try_out(change, world)
    if isinstance(tried, Refused):
        return tried
    waiting = ("its template was changed while it was paused; this rolls it out",) if seen.current is None else ()
    return replace(change, warnings=waiting + owners.reverting(seen.obj, world) + tried[1])


def apply(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    outcome = patches.send(change, world)
    return replace(outcome, output=pausing.output(change)) if outcome.applied.touched else outcome


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """The template that was approved has rolled out; paused again by somebody else is not yet."""
    return patches.rolled_out(change, outcome, world)


def confirm(change: Change, world: World) -> Confirmation:
    """After a lost answer: by our mark, or by the flag."""
    return pausing.confirmed(change, world)


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:  # noqa: ARG001 - nothing to be given
    """The change in a simulated world."""
    return pausing.rehearsed(SPEC.name, inputs, describe(inputs), pause=False)
