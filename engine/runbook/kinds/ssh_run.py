"""`ssh.run`: a program with its arguments on another machine, through the system's `ssh`.

As with `command.run` a value can only be a value: each argument is quoted whole for the shell of the other side. The
host is known by its pinned key, which is part of what is approved. What is done there is in `clients/ssh`.

A change is made at most once: a folder on the host, made under the intent before the command is started, says who was
first. After a lost answer `confirm` asks the host, which knows how the command ended, or that it never began and now
never will.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from runbook.core.canonical import digest
from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    DidNotApply,
    Error,
    Observation,
    Outcome,
    Planned,
    Target,
)
from runbook.core.words import Applied
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Reach, Role
from runbook.errors import ParameterError, WorldError
from runbook.kinds import command_inputs as schema
from runbook.kinds import commands, endings, invocations
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.ssh.hosts import Host, Remote

ENDING = 4.0  # seconds that a command gets between SIGTERM and SIGKILL, once nobody waits for it any more

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
            "undo": schema.part(schema.UNDO, _COMMAND, ["argv"], {"argv": ["systemctl", "stop", "etcd"]}),
            "confirm": schema.part(schema.CONFIRM, _COMMAND, ["argv"], {"argv": ["systemctl", "is-active", "etcd"]}),
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
    where = f"on {inputs['host']} " if inputs.get("host") else "over ssh "
    return invocations.shortened(f"{where}run {invocations.spelt(inputs['argv'])}")


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type; the connection's options are the person's own."""
    import shlex

    line = invocations.spelt(inputs["argv"])
    if inputs.get("cwd"):
        line = f"cd {shlex.quote(str(inputs['cwd']))} && {line}"
    host = shlex.quote(str(inputs["host"])) if inputs.get("host") else '"$HOST"'
    typed = f"ssh {host} {shlex.quote(line)}"
    stdin = inputs.get("stdin")
    return typed if stdin is None else f"printf %s {shlex.quote(str(stdin))} | {typed}"


def observe(inputs: Inputs, world: World) -> Observation:
    """Run it as a read. WorldError if it could not be run to its end."""
    host = _host(inputs, world)
    remote = host.run(
        _argv(inputs),
        folder=_text(inputs, "cwd"),
        timeout=world.remaining(),
        cancelled=world.cancelled,
        stdin=_stdin(inputs),
        mask=world.mask,
    )
    if remote.refused:
        raise WorldError(f"{host.address}: {_REFUSED[remote.refused].format(**inputs)}")
    if remote.exit is None:
        raise _unfinished(remote, host)
    return Observation(output=_output(remote, host))


def plan(inputs: Inputs, world: World) -> Planned:
    """The host by its pinned key, the program as the host finds it. WorldError where either is not there."""
    return _planned(inputs, world)


def apply(change: Change, world: World) -> Outcome:
    """Start it there once, and see it end."""
    inputs = change.inputs
    try:
        host = _host(inputs, world)
        if host.identity != change.target.connection:
            message = f"{host.address} has another pinned key than when this was approved; nothing was started"
            return _not_applied("changed", message)
        remote = host.run(
            change.request["argv"],
            key=key_of(world),
            folder=_text(inputs, "cwd"),
            timeout=world.remaining(),
            cancelled=world.cancelled,
            stdin=_stdin(inputs),
            attempt=world.attempt,
            mask=world.mask,
        )
    except WorldError as error:  # NotStarted among them: no ssh was started
        return _not_applied(error.code, str(error))
    return _outcome(change, remote, host)


def confirm(change: Change, world: World) -> Confirmation:
    """Ask the host what became of it; where it cannot say, the step's own `confirm`."""
    look = world.attempt.look() if world.attempt else None
    if look is not None and look.never_started:
        return DidNotApply(reason="no ssh was started")
    if look is not None and look.locked:
        return CannotTell(reason="the ssh that runs it outlived its runner", running=f"process group {look.group}")
    host, was = _host(change.inputs, world), change.precondition
    said, _, value = host.settle(world.remaining(), key_of(world), was.get("boot", ""), was.get("at", 0)).partition(" ")
    if said == "exit" and value.isdecimal():
        outcome = commands.ended(change, int(value), "")
        return DidApply(outcome=replace(outcome, output=_unseen(int(value), host)))
    if said == "never":
        return DidNotApply(reason=f"it was never started on {host.address}, and now cannot be any more")
    if said in ("running", "left"):
        return CannotTell(reason=f"it still runs on {host.address}, as process group {value}")
    return _asked(change, world, host, _LEFT_OPEN.get(said, "the host does not know it"))


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:  # noqa: ARG001 - the host plays what is given
    """The change as its inputs say it."""
    undo = inputs.get("undo")
    taken_back = rehearse(invocations.beside(inputs, undo), {}) if undo else None
    return _change(inputs, "rehearsal", undo=taken_back, path=_argv(inputs)[0], host_keys=[])


_REFUSED = {
    "folder": "there is no folder {cwd}",
    "state": "nothing can be written in /tmp, so a crash could not be told from a success; nothing was started",
    "again": "it was started before under this intent",
}
_LEFT_OPEN = {
    "rebooted": "the host was started anew since, and whether it had been done by then is not known",
    "old": "it is so long ago that the host need not remember it",
    "gone": "it was started, and how it ended is not known",
}


def _host(inputs: Inputs, world: World) -> Host:
    found: Host = world.client("ssh").host(_text(inputs, "host") or None, world.project, world.environ)
    return found


def _planned(inputs: Inputs, world: World) -> Change:
    host, argv, undo = _host(inputs, world), _argv(inputs), inputs.get("undo")
    seen = host.ask(world.remaining(), argv[0], _text(inputs, "cwd"))
    if not seen.folder:
        raise WorldError(f"{host.address}: {_REFUSED['folder'].format(**inputs)}")
    if seen.program is None:
        raise WorldError(f"{host.address} has no program {argv[0]}", hint="install it there, or give its full path")
    change = _change(
        inputs,
        host.identity,
        undo=_planned(invocations.beside(inputs, undo), world) if undo else None,
        path=seen.program,
        host_keys=list(host.keys),
    )
    by_hand_there = by_hand(dict(inputs) | {"host": f"ssh://{host.address}"})
    return replace(change, precondition={"boot": seen.boot, "at": seen.at}, by_hand=by_hand_there)


def _change(inputs: Inputs, connection: str, *, undo: Change | None, path: str, host_keys: list[str]) -> Change:
    argv = _argv(inputs)
    program = os.path.basename(argv[0])  # noqa: PTH119 - a word of an argv, not a path of ours
    return Change(
        kind=SPEC.name,
        target=Target(connection=connection, kind="Command", name=f"{program}@{digest(list(argv))[:12]}"),
        summary=describe(inputs),
        effect=Effect(inputs.get("effect", Effect.CHANGE)),
        inputs=dict(inputs),
        request={
            "argv": list(argv),
            "path": path,
            "cwd": _text(inputs, "cwd"),
            "stdin": inputs.get("stdin"),
            "host_keys": host_keys,
        },
        undo=undo,
        irreversible=None if undo else commands.IRREVERSIBLE,
        by_hand=by_hand(inputs),
    )


def _outcome(change: Change, remote: Remote, host: Host) -> Outcome:
    if remote.exit is not None:
        done = replace(remote.done, stderr=remote.stderr, exit_code=remote.exit, signal=None)
        outcome = commands.ended(change, remote.exit, endings.last_words(done))
        return replace(outcome, output=_output(remote, host))
    if remote.refused:
        applied = Applied.UNKNOWN if remote.refused == "again" else Applied.NO
        message = f"{host.address}: {_REFUSED[remote.refused].format(**change.inputs)}"
        return Outcome(applied=applied, error=Error(code="refused", message=message))
    if remote.started is False and remote.error is not None:
        return _not_applied(remote.error.code, str(remote.error))
    error = _unfinished(remote, host)
    return Outcome(
        applied=Applied.UNKNOWN,
        output=_output(remote, host),
        error=Error(code=error.code, message=str(error)),
    )


def _unfinished(remote: Remote, host: Host) -> WorldError:
    """Why its end was not seen. What we stopped waiting for is ended there, as far as it can be."""
    if not remote.cut_off:
        return remote.error or WorldError(f"{host.address}: how it ended is not known")
    within = f"within {remote.done.duration:.0f}s"
    if remote.started is None:
        return WorldError(
            f"{host.address} did not answer {within if remote.done.timed_out else 'before the run ended'}"
        )
    why = f"did not end {within}" if remote.done.timed_out else "was called off with its run"
    return WorldError(f"it {why} on {host.address}; {host.end(remote, ENDING)}")


def _asked(change: Change, world: World, host: Host, why: str) -> Confirmation:
    question = change.inputs.get("confirm")
    if not question:
        return CannotTell(reason=f"{why}; the step has no `confirm` command")
    try:
        seen = observe(invocations.beside(change.inputs, question), world)
    except WorldError as error:
        return CannotTell(reason=f"{why}; the `confirm` command could not say: {error}")
    code = seen.output["exit_code"]
    if code == 0:
        return DidApply(outcome=Outcome(applied=Applied.YES, output=_unseen(None, host)))
    if code == 1 and why in (_LEFT_OPEN["gone"], _LEFT_OPEN["rebooted"]):
        return DidNotApply(reason="the `confirm` command says so, and nothing of it runs any more")
    return CannotTell(reason=f"{why}; the `confirm` command exited with {code}")


def key_of(world: World) -> str:
    """What this attempt is called on the host: of the intent, which all attempts share, and the attempt's own name."""
    attempt = world.attempt.path.name if world.attempt else ""
    return hashlib.sha256(f"{world.intent}\n{attempt}".encode()).hexdigest()[:32]


def _output(remote: Remote, host: Host) -> dict[str, Any]:
    done = replace(remote.done, stdout=remote.stdout, stderr=remote.stderr)
    told = commands.output(done) | {"exit_code": remote.exit, "host": host.address}
    return {name: told[name] for name in SPEC.output_names}


def _unseen(code: int | None, host: Host) -> dict[str, Any]:
    return dict.fromkeys(SPEC.output_names) | {"exit_code": code, "host": host.address}


def _not_applied(code: str, message: str) -> Outcome:
    return Outcome(applied=Applied.NO, error=Error(code=code, message=message))


def _argv(inputs: Inputs) -> tuple[str, ...]:
    argv = inputs["argv"]
    if not isinstance(argv, list | tuple) or not argv:
        raise ParameterError("step input 'argv' must be a list with a program and its arguments")
    words = tuple(invocations.text(element, f"argv[{at}]") for at, element in enumerate(argv))
    if any("\0" in word for word in words):
        raise ParameterError("step input 'argv': an argument contains a NUL character, which no program can receive")
    return words


def _text(inputs: Inputs, name: str) -> str:
    return invocations.optional_text(inputs, name) or ""


def _stdin(inputs: Inputs) -> bytes | None:
    given = invocations.optional_text(inputs, "stdin")
    return None if given is None else given.encode()
