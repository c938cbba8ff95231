"""How an action changes an object: one JSON Patch, tested, marked, and looked for afterwards.

Planned   the operations are rehearsed by the server itself (`dryRun=All`): admission, validation, defaults
Sent      once, behind `test` operations on what the plan read. The API server applies a JSON Patch inside its
          compare-and-swap loop, so a test that holds there holds at the moment of the change
Marked    with the intent's key in an annotation, and in another one if it rolls out a template; controllers copy
          both to the revision, and from there to its successors (`deployments.settled` finds the first bearer)
Found     after a lost answer by that mark. "Not applied" is said only when nothing can still arrive: a test no
          longer holds, or the server, which was told how long to try, has had that time again

A Change's `precondition` is `{JSON pointer: value}`: the tests. `takes_back` among the inputs of a planned undo
marks it as one; an undo has no undo of its own, or the digest of each would contain the other's for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    DidNotApply,
    Error,
    Field,
    Observation,
    Outcome,
    Refused,
    Target,
)
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import WorldError
from runbook.kinds import admission, deployments, json_patches, kubernetes, rollouts
from runbook.kinds.deployments import INTENT, ROLLED_OUT_BY
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.answers import Answer

RUN = "runbook-engine/run"
TAKES_BACK = "takes_back"
NO_UNDO = "it takes a change back; to have it again, run the step again"

LOOK_EVERY = 0.25  # seconds between two looks for a change whose answer was lost

Operations = list[dict[str, Any]]
See = Callable[[Mapping[str, Any]], Any]

TEMPLATE = "/spec/template"


def request(path: str, operations: Operations, **about: Any) -> dict[str, Any]:
    """What is sent, less its tests and marks; `about` says more of it for people and for the digest."""
    return {"method": "PATCH", "path": path, "operations": operations, **about}


def target(obj: Mapping[str, Any], kind: str, world: World) -> Target:
    """The object that a change touches, with its uid and its cluster's."""
    return Target(
        connection=kubernetes.client(world).identity,
        kind=kind,
        namespace=obj["metadata"].get("namespace"),
        name=obj["metadata"]["name"],
        uid=deployments.uid(obj),
    )


def noting(notes: Mapping[str, str], wanted: Mapping[str, str | None]) -> Operations:
    """Operations that set annotations, and remove those whose value is None."""
    made: Operations = [] if notes else [{"op": "add", "path": "/metadata/annotations", "value": {}}]
    for name, value in wanted.items():
        path = "/metadata/annotations/" + pointer(name)
        if value is not None:
            made.append({"op": "add", "path": path, "value": value})
        elif name in notes:
            made.append({"op": "remove", "path": path})
    return made


def pointer(part: str) -> str:
    """One part of a JSON pointer."""
    return json_patches.pointer(part)[1:]


def try_out(
    change: Change, world: World, *, compares: bool = True
) -> tuple[dict[str, Any] | None, tuple[str, ...]] | Refused:
    """Let the server do it without keeping it: the object as it would be, and warnings, also of what webhooks change.

    `compares` is False for who compares the whole object, and may have to keep to itself what is in it.
    None in its place where an admission webhook does not take dry runs. Refused where the server says no.
    Raises Forbidden, Unreachable.
    """
    from runbook.clients.kubernetes.errors import NoDryRun, Precondition, Rejected

    tests = [{"op": "test", "path": "/metadata/uid", "value": change.target.uid}]
    operations = tests + change.request["operations"]
    try:
        answer = kubernetes.client(world).patch(
            change.request["path"], operations, timeout=kubernetes.patience(world), dry_run=True
        )
    except NoDryRun as error:
        return None, (f"not tried out on the server: {error.message}",)
    except (Rejected, Precondition) as error:
        return Refused(reason=error.message)
    altered = admission.altered(change.request["operations"], answer.body) if compares else ()
    return answer.body, answer.warnings + altered


def send(change: Change, world: World, see: See | None = None) -> Outcome:
    """Send a change once. A refusal is an outcome; what may have been done is raised, and is a doubt.

    What `see` says of the object as it was left is kept as `Outcome.state["seen"]`.
    """
    tests = [{"op": "test", "path": path, "value": value} for path, value in change.precondition.items()]
    marks = {INTENT: world.intent, RUN: world.run}
    if any(one["path"].startswith(TEMPLATE) for one in change.request["operations"]):
        marks[ROLLED_OUT_BY] = world.intent
    marking = [
        {"op": "add", "path": f"/metadata/annotations/{pointer(name)}", "value": value} for name, value in marks.items()
    ]
    operations = [*tests, *change.request["operations"], *marking]
    return sent(
        lambda: kubernetes.client(world).patch(change.request["path"], operations, timeout=kubernetes.patience(world)),
        see,
    )


def sent(ask: Callable[[], Answer], see: See | None = None) -> Outcome:
    """What came of one request that changes an object."""
    from runbook.clients.kubernetes.errors import refused

    try:
        answer = ask()
    except WorldError as error:
        if refused(error):
            return Outcome(applied=Applied.NO, error=Error(code=error.code, message=str(error)))
        raise
    return Outcome(applied=Applied.YES, state=_left(answer, see))


def _left(answer: Answer, see: See | None) -> dict[str, Any]:
    """What a change left on its target: `uid`, `generation`, `resource_version`, `template` (digest), `at`, `seen`.

    `template` is None for what has none. `at` is when the server accepted it, by its own record of who changed what.
    """
    from runbook.clients.kubernetes import MANAGER

    obj = answer.body
    template = (obj.get("spec") or {}).get("template")
    ours = [one for one in obj["metadata"].get("managedFields") or [] if one.get("manager") == MANAGER]
    return {
        "uid": deployments.uid(obj),
        "generation": deployments.generation(obj),
        "resource_version": obj["metadata"]["resourceVersion"],
        "template": deployments.template_digest(template) if isinstance(template, Mapping) else None,
        "at": max((one["time"] for one in ours if one.get("time")), default=answer.at.isoformat()),
        **({"seen": see(obj)} if see else {}),
    }


def rolled_out(change: Change, outcome: Outcome, world: World) -> Observation:
    """One look whether a changed workload has rolled out; its output completes that of the outcome."""
    from runbook.clients.kubernetes.errors import NotFound

    try:
        seen = kubernetes.read_history(change.target.name, change.target.namespace or "", world, change.target.kind)
    except NotFound:
        said = f"{change.target} is gone"
        return Observation(verdict=Verdict.FAIL, output=outcome.output | {"message": said}, unknown=said)
    looked = rollouts.look(seen, outcome.state)
    return replace(looked, output=outcome.output | looked.output)


def find(
    change: Change, world: World, *, untouched: Callable[[Mapping[str, Any]], bool], see: See | None = None
) -> Confirmation:
    """Look for a change whose answer was lost; `untouched` tells whether an object is still as it was before.

    A target without a uid was not there when the change was planned: it is made by it, if nobody else makes it. Takes
    up to the connection's timeout: as long as a request that is still under way may take.
    """
    until = monotonic() + kubernetes.client(world).server_timeout
    while True:
        found = _seen(change, world, untouched, see)
        if found is not None:
            return found
        if monotonic() >= until:
            return DidNotApply(reason="it is not there, and the server has had its time to do it")
        if world.cancelled() or world.remaining() <= 2 * LOOK_EVERY:
            return CannotTell(reason="it is not there yet, and may still arrive")
        sleep(LOOK_EVERY)


def _seen(
    change: Change, world: World, untouched: Callable[[Mapping[str, Any]], bool], see: See | None
) -> Confirmation | None:
    """One look; None where the change is not there and could still arrive."""
    from runbook.clients.kubernetes.errors import NotFound

    uid = change.target.uid
    try:
        answer = kubernetes.client(world).read(change.request["path"], timeout=kubernetes.patience(world))
    except NotFound:
        return DidNotApply(reason=f"{change.target} is gone") if uid else None
    obj = answer.body
    if uid and deployments.uid(obj) != uid:
        return DidNotApply(reason=f"{change.target} was deleted and made anew")
    if deployments.notes(obj).get(INTENT) == world.intent:
        return DidApply(outcome=Outcome(applied=Applied.YES, state=_left(answer, see)))
    if uid is None:
        return DidNotApply(reason=f"somebody else has made {change.target}, so it can no longer arrive")
    if all(json_patches.at(obj, path) == value for path, value in change.precondition.items()):
        return None
    if untouched(obj):
        return DidNotApply(reason="it is not there, and the object has changed since, so it can no longer arrive")
    return CannotTell(reason=f"{change.target} is neither as it was nor as we would have left it")


def with_output(found: Confirmation, output: Mapping[str, Any]) -> Confirmation:
    """A confirmation whose outcome, if there is one, says what `apply` would have said."""
    if isinstance(found, DidApply):
        return DidApply(outcome=replace(found.outcome, output=dict(output)))
    return found


def rehearsed(
    kind: str,
    inputs: Inputs,
    *,
    summary: str,
    request: Mapping[str, Any],
    fields: tuple[Field, ...],
    by_hand: str,
    effect: Effect = Effect.CHANGE,
    named: tuple[str, str] | None = None,
) -> Change:
    """A change of a simulated object, with a simulated undo; `named` is its kind and name, if not by the inputs."""
    object_kind, name = named or kubernetes.workload(inputs, kubernetes.ROLLED)
    about: dict[str, Any] = {
        "kind": kind,
        "target": Target(connection="rehearsal", kind=object_kind, namespace=inputs.get("namespace"), name=name),
        "inputs": dict(inputs),
        "by_hand": by_hand,
    }
    turned = tuple(Field(path=one.path, before=one.after, after=one.before) for one in fields)
    undo = Change(**about, summary=f"Take back: {summary}", effect=Effect.CHANGE, fields=turned, irreversible=NO_UNDO)
    return Change(**about, summary=summary, effect=effect, request=dict(request), fields=fields, undo=undo)


def drawn(before: str, after: str, *, was: str, becomes: str) -> str:
    """A unified diff of two texts."""
    import difflib

    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), was, becomes, lineterm="", n=2)
    return "\n".join(lines)


def taken_back(inputs: Inputs) -> bool:
    """True where inputs are those of a planned undo."""
    return inputs.get(TAKES_BACK) is True
