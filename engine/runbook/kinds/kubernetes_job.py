"""Run a Job to its end: from an image and arguments, a pod template, or what a CronJob would make.

Sending it twice cannot make two: its name is made of the intent (`job_specs.py`), and an API server makes a name once.
It does not end with its run. Whoever aborts is told that it goes on, and the line that stops it; deleting it is never
done unasked, since its pods and their logs would go with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from shlex import quote
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
    Planned,
    Refused,
    Target,
)
from runbook.core.words import Applied
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import Forbidden, WorldError
from runbook.kinds import cronjobs, deployments, job_inputs, job_outputs, job_specs, jobs, kubernetes
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.answers import Answer

SPEC = KindSpec(
    name="kubernetes.job",
    summary="Run a Job to its end: an image, a pod template, or what a CronJob would run.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs=job_inputs.INPUTS,
    outputs={"type": "object", "properties": job_outputs.OUTPUTS},
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    arrives=True,
    irreversible=True,
    text="log",
    timeout="5m",
    example={
        "id": "migrate",
        "title": "Migrate the database",
        "uses": "kubernetes.job",
        "with": {
            "namespace": "production",
            "name": "migrate",
            "image": "registry.example.com/shop/migrate:4.2.0",
            "argv": ["./manage.py", "migrate", "--noinput"],
        },
        "timeout": "20m",
    },
)

STAYS_DONE = "what a Job has done stays done; deleting it would only stop it, and take its logs along"
FORGOTTEN = 30 * 60  # seconds after which the events of a Job that is gone need not be there any more


def describe(inputs: Inputs) -> str:
    """One line for people."""
    where = f"{inputs['namespace']}/" if inputs.get("namespace") else ""
    if inputs.get("from_cronjob"):
        return f"Run a Job of CronJob {where}{inputs['from_cronjob']}"
    what = f"of {inputs['image']}" if inputs.get("image") else "of a template"
    return f"Run Job {where}{job_specs.beginning(inputs)} {what}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    return _typed(inputs, str)


def _typed(inputs: Inputs, at: Callable[[str], str]) -> str:
    """The same; `at` names the cluster in its kubectl part."""
    name = f"{job_specs.beginning(inputs)}-by-hand"
    if inputs.get("from_cronjob"):
        return at(kubernetes.kubectl(inputs, "create", "job", name, f"--from=cronjob/{inputs['from_cronjob']}"))
    if inputs.get("template"):
        made = {"metadata": {"name": name}, "spec": {"backoffLimit": 0, "template": inputs["template"]}}
        typed = json.dumps({"apiVersion": "batch/v1", "kind": "Job", **made})
        return f"printf %s {quote(typed)} | " + at(kubernetes.kubectl(inputs, "create", "-f", "-"))
    words = ["--", *map(str, inputs["argv"])] if isinstance(inputs.get("argv"), list) else []
    return at(kubernetes.kubectl(inputs, "create", "job", name, f"--image={inputs.get('image')}", *words))


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:
    """It is made and looked at; its pods say why it waits and what it said; events, whether it ever was."""
    cronjob = needed.to("get", "CronJob", inputs["from_cronjob"]) if inputs.get("from_cronjob") else ()
    seen = needed.to("list", "Pod", without="why it waits, and what it said, is not known")
    seen += needed.to("get", "Pod", sub="log", without="what it said is not known")
    events = needed.to("list", "Event", without="after a lost answer, whether it ever ran may not be known")
    return cronjob + needed.to("create get", "Job") + seen + events


def plan(inputs: Inputs, world: World) -> Planned:
    """Build the Job and try it out on the server. Reads only."""
    from runbook.clients.kubernetes.errors import NoDryRun, Rejected

    where = kubernetes.namespace(inputs, world)
    cronjob = None
    if job_specs.source(inputs) == "from_cronjob":
        cronjob = kubernetes.read("CronJob", kubernetes.named(inputs, "from_cronjob"), where, world)
        why = cronjobs.forbids(cronjob)
        if why:
            return Refused(reason=why)
    body, said = job_specs.built(inputs, cronjob, world.limit)
    change = _change(body, where, cronjob, inputs, world)
    trial = job_specs.marked(body, job_specs.named(job_specs.beginning(inputs), world.run), world)
    try:
        answer = _post(change, trial, world, dry_run=True)
    except NoDryRun as error:
        warnings: tuple[str, ...] = (f"not tried out on the server: {error.message}",)
        at = kubernetes.clock(world)
    except Rejected as error:
        return Refused(reason=error.message)
    else:
        warnings, at = answer.warnings + job_specs.altered(body, answer.body), answer.at
    return _planned(change, at, (*(cronjobs.warnings(cronjob) if cronjob else ()), *said, *warnings))


def apply(change: Change, world: World) -> Outcome:
    """Send it once; an exception means that it may have been made."""
    from runbook.clients.kubernetes.errors import AlreadyExists, refused

    name = job_specs.named(change.request["begins"], world.intent or "")
    try:
        answer = _post(change, job_specs.marked(change.request["job"], name, world), world)
    except AlreadyExists as error:
        there = kubernetes.client(world).read(_path(change, name), timeout=kubernetes.patience(world))
        if _is_ours(there.body, world):
            return _accepted(change, there, world)
        return Outcome(applied=Applied.NO, error=Error(code=error.code, message=_anothers(change, name)))
    except WorldError as error:
        if refused(error):
            return Outcome(applied=Applied.NO, error=Error(code=error.code, message=str(error)))
        raise
    return _accepted(change, answer, world)


def arrived(change: Change, outcome: Outcome, world: World) -> Observation:
    """Complete or Failed, by its conditions; with its logs once it has ended, or no time is left to see it end."""
    from runbook.clients.kubernetes.errors import NotFound

    name, stop = outcome.state.get("name"), outcome.state.get("stop")
    if not name:
        return job_outputs.unseen(outcome, "a person settled that it was made, and which Job that is, is not recorded")
    try:
        answer = kubernetes.client(world).read(_path(change, name), timeout=kubernetes.patience(world))
    except NotFound:
        return job_outputs.unseen(outcome, f"Job {name} is gone, so how it ended is not known")
    job = answer.body
    if deployments.uid(job) != outcome.state["uid"]:
        return job_outputs.unseen(outcome, f"Job {name} was deleted, and made anew by somebody else")
    over = jobs.ended(job)
    pods = job_outputs.pods_of(job, change.target.namespace or "", world)
    if over is None:
        verdict, said = jobs.waits(job, pods)
        said += job_outputs.not_made(job, pods, world)
        said += f"; it does not end with this run, to stop it: {stop}"
    else:
        verdict, said = over
    logs = job_outputs.logs_of(pods, change.target.namespace or "", world, closing=over is not None)
    return job_outputs.told(outcome, job, pods, logs, verdict, said)


def confirm(change: Change, world: World) -> Confirmation:
    """A Job with our mark says that it was made. That there is none says so only while it could not have gone again."""
    name = job_specs.named(change.request["begins"], world.intent or "")
    until = monotonic() + kubernetes.client(world).server_timeout
    while True:
        found = _seen(change, name, world)
        if found is not None:
            return found
        if monotonic() >= until:
            return _never_was(change, name, world)
        if world.cancelled() or world.remaining() <= 2 * patches.LOOK_EVERY:
            return CannotTell(reason=f"Job {name} is not there yet, and may still be made")
        sleep(patches.LOOK_EVERY)


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:  # noqa: ARG001 - the host plays what is given
    """The change in a simulated world; what a CronJob would run is not known in it."""
    cronjob: Any = {"spec": {"jobTemplate": {"spec": {"template": {}}}}} if inputs.get("from_cronjob") else None
    known = {key: value for key, value in inputs.items() if cronjob is None or key not in ("argv", "env")}
    body, _ = job_specs.built(known, cronjob, 300.0)
    return _made(body, inputs, Target(connection="rehearsal", kind="Job", **_called(inputs, None)), by_hand(inputs))


def _change(
    body: dict[str, Any], where: str, cronjob: Mapping[str, Any] | None, inputs: Inputs, world: World
) -> Change:
    target = Target(connection=kubernetes.client(world).identity, kind="Job", **_called(inputs, where))
    typed = _typed({**inputs, "namespace": where}, lambda line: kubernetes.there(line, world))
    change = _made(body, inputs, target, typed)
    if cronjob is None:
        return change
    about = {"name": cronjob["metadata"]["name"], "uid": deployments.uid(cronjob)}
    return replace(change, request={**change.request, "cronjob": about})


def _made(body: dict[str, Any], inputs: Inputs, target: Target, typed: str) -> Change:
    from runbook.clients.kubernetes.paths import PLACES

    images = {one.get("name"): one.get("image") for one in job_specs.containers(body)}
    return Change(
        kind=SPEC.name,
        target=target,
        summary=describe(inputs),
        effect=Effect(inputs.get("effect") or Effect.CHANGE),
        inputs=dict(inputs),
        request={
            "method": "POST",
            "path": PLACES["Job"].path(target.namespace),
            "begins": job_specs.beginning(inputs),
            "job": body,
        },
        fields=tuple(
            Field(path=f"/spec/template/spec/containers/{name}", after=image) for name, image in images.items()
        ),
        irreversible=STAYS_DONE,
        by_hand=typed,
    )


def _planned(change: Change, at: datetime, warnings: tuple[str, ...]) -> Change:
    import yaml

    shown = yaml.safe_dump(change.request["job"]["spec"], sort_keys=False, default_flow_style=False)
    return replace(
        change,
        precondition={"at": at.isoformat()},
        warnings=warnings,
        diff=patches.drawn("", shown, was="no such Job", becomes="its spec"),
    )


def _called(inputs: Inputs, where: str | None) -> dict[str, Any]:
    return {"namespace": where or inputs.get("namespace"), "name": job_specs.beginning(inputs)}


def _post(change: Change, body: Mapping[str, Any], world: World, *, dry_run: bool = False) -> Answer:
    path, timeout = change.request["path"], kubernetes.patience(world)
    return kubernetes.client(world).post(path, body, timeout=timeout, dry_run=dry_run)


def _path(change: Change, name: str) -> str:
    return f"{change.request['path']}/{name}"


def _is_ours(job: Mapping[str, Any], world: World) -> bool:
    return deployments.notes(job).get(deployments.INTENT) == world.intent


def _anothers(change: Change, name: str) -> str:
    return f"there is a Job {change.target.namespace}/{name} already, and it is not this run's"


def _accepted(change: Change, answer: Answer, world: World) -> Outcome:
    job = answer.body
    name, where = job["metadata"]["name"], change.target.namespace
    stop = kubernetes.there(kubernetes.kubectl({"namespace": where}, "delete", "job", name), world)
    return Outcome(
        applied=Applied.YES,
        state={"name": name, "uid": deployments.uid(job), "stop": stop},
        output=job_outputs.begun(name),
    )


def _seen(change: Change, name: str, world: World) -> Confirmation | None:
    """One look; None where there is no such Job."""
    from runbook.clients.kubernetes.errors import NotFound

    try:
        answer = kubernetes.client(world).read(_path(change, name), timeout=kubernetes.patience(world))
    except NotFound:
        return None
    if not _is_ours(answer.body, world):
        return DidNotApply(reason=_anothers(change, name))
    return DidApply(outcome=_accepted(change, answer, world))


def _never_was(change: Change, name: str, world: World) -> Confirmation:
    """A Job that is not there was never made, or has gone again: by its time to live, or by somebody's hand."""
    keep = change.request["job"]["spec"]["ttlSecondsAfterFinished"]
    age = (kubernetes.clock(world) - datetime.fromisoformat(change.precondition["at"])).total_seconds()
    if age > min(keep, FORGOTTEN):
        return CannotTell(reason=f"there is no Job {name}; it is so long ago that it may have ended and been removed")
    try:
        events = job_outputs.events_of(name, change.target.namespace or "", world)
    except Forbidden:
        return CannotTell(
            reason=f"there is no Job {name}; whether there was one its events say, which may not be read here (`list`)"
        )
    if events:
        return CannotTell(reason=f"Job {name} was made and is gone; whether it did its work is not known")
    return DidNotApply(reason=f"there is no Job {name}, none is known to have been, and the server has had its time")
