"""`ssh.run`: a program with its arguments on another machine, through the system's `ssh`.

As with `command.run` a value can only be a value: each argument is quoted whole for the shell of the other side. The
host is known by its pinned key, which is part of what is approved. What is done there is in `clients/ssh`.

A change is made at most once: a folder on the host, made under the intent before the command is started, says who was
first. After a lost answer `confirm` asks the host, which knows how the command ended, or that it never began and now
never will.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import sleep
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    DidNotApply,
    Observation,
    Outcome,
    Planned,
)
from runbook.core.words import Applied
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import WorldError
from runbook.kinds import command_inputs as schema
from runbook.kinds import commands, confirming, invocations
from runbook.kinds import ssh_commands as there
from runbook.kinds.needs import Machine
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.ssh.hosts import Host

ASK_EVERY = 2.0  # seconds between two looks at a command that still runs there
LAST_LOOK = 10.0  # seconds that a look may take: with less time left, there is no further one
_HOST = {
    "description": "The host, where it is not that of the connection. Its key must be pinned.",
    "type": "string",
    "minLength": 1,
    "examples": ["db-1.example.com", "{{ member.host }}"],
}
_COMMAND: dict[str, Any] = {
    "argv": {
        "description": "The program and its arguments. An element is one argument, whatever it contains.",
        "type": "array",
        "minItems": 1,
        "items": {"type": ["string", "number"]},
        "examples": [["systemctl", "restart", "etcd"]],
    },
    "host": _HOST,
    "cwd": {
        "description": "Folder on the host to run in. Default: where the host's login puts us.",
        "type": "string",
        "minLength": 1,
        "examples": ["/srv/app"],
    },
    "stdin": schema.STDIN,
}
_OUTPUTS = {name: told for name, told in schema.OUTPUTS["properties"].items() if name != "leftovers"}
_CONFIRM = schema.question(_COMMAND, ["argv"], {"argv": ["systemctl", "is-active", "etcd"]})
_UNDO = {**_COMMAND, "confirm": _CONFIRM}

SPEC = KindSpec(
    name="ssh.run",
    summary="Run a program on another machine, through ssh.",
    role=Role.ACTION,
    effect=None,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["argv"],
        "properties": {
            **_COMMAND,
            "effect": schema.EFFECT,
            "on_error": schema.ON_ERROR,
            "undo": schema.part(schema.UNDO, _UNDO, ["argv"], {"argv": ["systemctl", "stop", "etcd"]}),
            "confirm": _CONFIRM,
        },
    },
    outputs={
        **schema.OUTPUTS,
        "properties": {
            **_OUTPUTS,
            "host": {
                "description": "Which host: user@name:port.",
                "type": ["string", "null"],
                "examples": ["me@db-1:22"],
            },
        },
    },
    expect="exit_code == 0",
    reach=Reach.READS_THROUGH,
    connection="ssh",
    text="stdout",
    example={
        "id": "restart",
        "title": "Restart etcd on the member that lags",
        "uses": "ssh.run",
        "with": {
            "host": "{{ params.member }}",
            "argv": ["sudo", "systemctl", "restart", "etcd"],
            "confirm": {"argv": ["systemctl", "is-active", "--quiet", "etcd"]},
        },
        "timeout": "2m",
    },
)


def describe(inputs: Inputs) -> str:
    """`on db-1 run systemctl restart etcd`."""
    return there.described(inputs)


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type; the connection's options are the person's own."""
    return there.typed(inputs)


def needs(inputs: Inputs) -> tuple[Machine, ...]:
    """Its host; the program there is looked for when it is planned."""
    return (Machine(inputs.get("host")),)


def observe(inputs: Inputs, world: World) -> Observation:
    """Run it as a read. WorldError if it could not be run to its end."""
    host = there.host_of(inputs, world)
    remote = host.run(
        there.argv_of(inputs),
        folder=there.text_of(inputs, "cwd"),
        timeout=world.remaining(),
        cancelled=world.cancelled,
        stdin=there.stdin_of(inputs),
        mask=world.mask,
    )
    if remote.refused:
        raise WorldError(f"{host.address}: {there.REFUSED[remote.refused].format(**inputs)}")
    if remote.exit is None:
        raise there.unfinished(remote, host)
    return Observation(output=there.outputs_of(remote, host))


def plan(inputs: Inputs, world: World) -> Planned:
    """The host by its pinned key, the program as the host finds it. WorldError where either is not there."""
    return _planned(inputs, world)


def apply(change: Change, world: World) -> Outcome:
    """Start it there once, and see it end."""
    inputs = change.inputs
    try:
        host = there.host_of(inputs, world)
        if host.identity != change.target.connection:
            message = f"{host.address} has another pinned key than when this was approved; nothing was started"
            return there.not_applied("changed", message)
        remote = host.run(
            change.request["argv"],
            key=there.key_of(world),
            folder=there.text_of(inputs, "cwd"),
            timeout=world.remaining(),
            cancelled=world.cancelled,
            stdin=there.stdin_of(inputs),
            attempt=world.attempt,
            mask=world.mask,
        )
    except WorldError as error:  # NotStarted among them: no ssh was started
        return there.not_applied(error.code, str(error))
    return there.outcome_of(change, remote, host)


def confirm(change: Change, world: World) -> Confirmation:
    """Ask the host what became of it; where it cannot say, the step's own `confirm`."""
    look = world.attempt.look() if world.attempt else None
    if look is not None and look.never_started:
        return DidNotApply(reason="no ssh was started")
    if look is not None and look.locked:
        return CannotTell(reason="the ssh that runs it outlived its runner", running=f"process group {look.group}")
    host = there.host_of(change.inputs, world)
    said, value = there.told_by(change, world, host)
    while said in there.LIVES and world.remaining() > LAST_LOOK and not world.cancelled():
        sleep(ASK_EVERY)
        said, value = there.told_by(change, world, host)
    if said == "exit" and value.isdecimal():
        outcome = commands.ended(change, int(value), "")
        return DidApply(outcome=replace(outcome, output=there.unseen(int(value), host)))
    if said == "never":
        return DidNotApply(reason=f"it was never started on {host.address}, and now cannot be any more")
    if said in there.LIVES:
        return CannotTell(reason=f"it still runs on {host.address}, as process group {value}")
    return _asked(change, world, host, there.LEFT_OPEN.get(said, "the host does not know it"))


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:  # noqa: ARG001 - the host plays what is given
    """The change as its inputs say it."""
    undo = inputs.get("undo")
    taken_back = rehearse(invocations.beside(inputs, undo), {}) if undo else None
    return there.change_of(inputs, "rehearsal", undo=taken_back, path=there.argv_of(inputs)[0], host_keys=[])


def _planned(inputs: Inputs, world: World) -> Change:
    host, argv, undo = there.host_of(inputs, world), there.argv_of(inputs), inputs.get("undo")
    seen = host.ask(world.remaining(), argv[0], there.text_of(inputs, "cwd"))
    if not seen.folder:
        raise WorldError(f"{host.address}: {there.REFUSED['folder'].format(**inputs)}")
    if seen.program is None:
        raise WorldError(f"{host.address} has no program {argv[0]}", hint="install it there, or give its full path")
    change = there.change_of(
        inputs,
        host.identity,
        undo=_planned(invocations.beside(inputs, undo), world) if undo else None,
        path=seen.program,
        host_keys=list(host.keys),
    )
    by_hand_there = by_hand(dict(inputs) | {"host": f"ssh://{host.address}"})
    return replace(change, precondition={"boot": seen.boot, "at": seen.at}, by_hand=by_hand_there)


def _asked(change: Change, world: World, host: Host, why: str) -> Confirmation:
    question = change.inputs.get("confirm")
    if not question:
        return CannotTell(reason=f"{why}; the step has no `confirm` command")
    try:
        seen = observe(invocations.beside(change.inputs, question), world)
    except WorldError as error:
        return CannotTell(reason=f"{why}; the `confirm` command could not say: {error}")
    applied, said = confirming.applied(question, seen.output)
    if applied is None:
        return CannotTell(reason=f"{why}; {said}")
    if applied:
        return DidApply(outcome=Outcome(applied=Applied.YES, output=there.unseen(None, host)))
    if why in (there.LEFT_OPEN["gone"], there.LEFT_OPEN["rebooted"]):
        return DidNotApply(reason=f"{said}, and nothing of it runs any more")
    return CannotTell(reason=f"{why}; it is not applied yet, but whether it still runs cannot be seen")
