"""Pause the rollouts of a Deployment: what is under way stops, and what is changed from now on waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from runbook.core.changes import Change, Confirmation, NothingToDo, Observation, Outcome, Planned, Refused
from runbook.core.words import Verdict
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.kinds import deployments, kubernetes, pausing, rollouts
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.deployments import History
from runbook.kinds.protocol import Inputs, World

SPEC = KindSpec(
    name=pausing.PAUSE,
    summary="Pause the rollouts of a Deployment.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs=pausing.INPUTS,
    outputs=pausing.OUTPUTS,
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    timeout="1m",
    example={
        "id": "pause",
        "title": "Stop the rollout where it is",
        "uses": "kubernetes.rollout_pause",
        "with": {"deployment": "api", "namespace": "production"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    return f"Pause the rollouts of {kubernetes.name_of(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return pausing.by_hand(inputs, pause=True)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """Its revisions are read, and it is paused."""
    return needed.changed(inputs)


def plan(inputs: Inputs, world: World) -> Planned:
    """Say what a pause would stop, and try it out on the server. Reads only."""
    name, where = kubernetes.named(inputs, "deployment"), kubernetes.namespace(inputs, world)
    seen = kubernetes.read_settled_history(name, where, world)
    if seen.paused:
        return NothingToDo(reason=f"the rollouts of Deployment {where}/{name} are paused already")
    change = pausing.change(seen, inputs, world, pause=True)
    tried = patches.try_out(change, world)
    if isinstance(tried, Refused):
        return tried
    return replace(change, warnings=pausing.under_way(seen) + owners.reverting(seen.obj, world) + tried[1])


def apply(change: Change, world: World) -> Outcome:
    """Send the patch once; an exception means that it may have been done."""
    outcome = patches.send(change, world)
    return replace(outcome, output=pausing.output(change)) if outcome.applied.touched else outcome


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """Its controller has seen that it is paused."""
    from runbook.clients.kubernetes.errors import NotFound

    try:
        seen = kubernetes.read_history(change.target.name, change.target.namespace or "", world)
    except NotFound:
        said = f"{change.target} is gone"
        return Observation(verdict=Verdict.FAIL, output=outcome.output | {"message": said}, unknown=said)
    verdict, message = _look(seen, outcome)
    said = f"{change.target}: {message}"
    output = outcome.output | rollouts.counts(seen) | {"paused": seen.paused, "message": said}
    return Observation(output=output, verdict=verdict, unknown=None if verdict is Verdict.PASS else said)


def confirm(change: Change, world: World) -> Confirmation:
    """After a lost answer: by our mark, or by the flag."""
    return pausing.confirmed(change, world)


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:  # noqa: ARG001 - nothing to be given
    """The change in a simulated world."""
    return pausing.rehearsed(SPEC.name, inputs, describe(inputs), pause=True)


def _look(seen: History, outcome: Outcome) -> tuple[Verdict, str]:
    if deployments.uid(seen.obj) != outcome.state["uid"]:
        return Verdict.FAIL, "it was deleted, and made anew by somebody else"
    if not seen.paused:
        return Verdict.FAIL, "superseded: somebody else has resumed its rollouts since"
    if deployments.observed(seen.obj) < outcome.state["generation"]:
        return Verdict.UNKNOWN, "waiting for its controller to see the change"
    return Verdict.PASS, "paused"
