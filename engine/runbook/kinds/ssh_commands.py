"""A command on another machine as a change: what is approved of it, and what became of it, by the host's own account.

`ssh_run.py` says what a step with it does; here is what its functions share.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from runbook.core.canonical import digest
from runbook.core.changes import Change, Error, Outcome, Target
from runbook.core.words import Applied
from runbook.document.words import Effect
from runbook.errors import ParameterError, WorldError
from runbook.kinds import commands, endings, invocations
from runbook.kinds.protocol import Inputs, World

if TYPE_CHECKING:
    from runbook.clients.ssh.hosts import Host, Remote

KIND = "ssh.run"
OUTPUTS = ("exit_code", "stdout", "stderr", "truncated", "duration_seconds", "host")
ENDING = 4.0  # seconds that a command gets between SIGTERM and SIGKILL, once nobody waits for it any more

REFUSED = {
    "folder": "there is no folder {cwd}",
    "state": "nothing can be written in /tmp, so a crash could not be told from a success; nothing was started",
    "again": "it was started before under this intent",
}
LIVES = ("running", "left")
LEFT_OPEN = {
    "rebooted": "the host was started anew since, and whether it had been done by then is not known",
    "old": "it is so long ago that the host need not remember it",
    "gone": "it was started, and how it ended is not known",
}


def described(inputs: Inputs) -> str:
    """`on db-1 run systemctl restart etcd`."""
    where = f"on {inputs['host']} " if inputs.get("host") else "over ssh "
    return invocations.shortened(f"{where}run {invocations.spelt(inputs['argv'])}")


def typed(inputs: Inputs) -> str:
    """The line that a person would type; the connection's options are the person's own."""
    line = invocations.spelt(inputs["argv"])
    if inputs.get("cwd"):
        line = f"cd {shlex.quote(str(inputs['cwd']))} && {line}"
    host = shlex.quote(str(inputs["host"])) if inputs.get("host") else '"$HOST"'
    typed = f"ssh {host} {shlex.quote(line)}"
    stdin = inputs.get("stdin")
    return typed if stdin is None else f"printf %s {shlex.quote(str(stdin))} | {typed}"


def host_of(inputs: Inputs, world: World) -> Host:
    """The host that a step means, by its connection. ParameterError where nothing names one."""
    found: Host = world.client("ssh").host(text_of(inputs, "host") or None, world.home, world.environ)
    return found


def change_of(inputs: Inputs, connection: str, *, undo: Change | None, path: str, host_keys: list[str]) -> Change:
    """The change; `connection` is the host's identity, `path` the program as the host finds it."""
    argv = argv_of(inputs)
    program = os.path.basename(argv[0])  # noqa: PTH119 - a word of an argv, not a path of ours
    return Change(
        kind=KIND,
        target=Target(connection=connection, kind="Command", name=f"{program}@{digest(list(argv))[:12]}"),
        summary=described(inputs),
        effect=Effect(inputs.get("effect", Effect.CHANGE)),
        inputs=invocations.in_words(inputs),
        request={
            "argv": list(argv),
            "path": path,
            "cwd": text_of(inputs, "cwd"),
            "stdin": inputs.get("stdin"),
            "host_keys": host_keys,
        },
        undo=undo,
        irreversible=None if undo else commands.IRREVERSIBLE,
        by_hand=typed(inputs),
    )


def outcome_of(change: Change, remote: Remote, host: Host) -> Outcome:
    """What became of it. One that nobody waits for any more is ended there first."""
    if remote.exit is not None:
        done = replace(remote.done, stderr=remote.stderr, exit_code=remote.exit, signal=None)
        outcome = commands.ended(change, remote.exit, endings.last_words(done))
        return replace(outcome, output=outputs_of(remote, host))
    if remote.refused:
        applied = Applied.UNKNOWN if remote.refused == "again" else Applied.NO
        message = f"{host.address}: {REFUSED[remote.refused].format(**change.inputs)}"
        return Outcome(applied=applied, error=Error(code="refused", message=message))
    if remote.started is False and remote.error is not None:
        return not_applied(remote.error.code, str(remote.error))
    error = unfinished(remote, host)
    return Outcome(
        applied=Applied.UNKNOWN,
        output=outputs_of(remote, host),
        error=Error(code=error.code, message=str(error)),
    )


def unfinished(remote: Remote, host: Host) -> WorldError:
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


def told_by(change: Change, world: World, host: Host) -> tuple[str, str]:
    """What the host says became of this attempt: a word, and what belongs to it."""
    was = change.precondition
    said, _, value = host.settle(world.remaining(), key_of(world), was.get("boot", ""), was.get("at", 0)).partition(" ")
    return said, value


def key_of(world: World) -> str:
    """What this attempt is called on the host: of the intent, which all attempts share, and the attempt's own name."""
    attempt = world.attempt.path.name if world.attempt else ""
    return hashlib.sha256(f"{world.intent}\n{attempt}".encode()).hexdigest()[:32]


def outputs_of(remote: Remote, host: Host) -> dict[str, Any]:
    """The outputs of a command whose end was seen here, as far as it was."""
    done = replace(remote.done, stdout=remote.stdout, stderr=remote.stderr)
    told = commands.output(done) | {"exit_code": remote.exit, "host": host.address}
    return {name: told[name] for name in OUTPUTS}


def unseen(code: int | None, host: Host) -> dict[str, Any]:
    """The outputs of a command whose end only the host saw, or nobody."""
    return dict.fromkeys(OUTPUTS) | {"exit_code": code, "host": host.address}


def not_applied(code: str, message: str) -> Outcome:
    """Nothing was started there, and why."""
    return Outcome(applied=Applied.NO, error=Error(code=code, message=message))


def argv_of(inputs: Inputs) -> tuple[str, ...]:
    """The program and its arguments, as text. ParameterError for anything else."""
    argv = inputs["argv"]
    if not isinstance(argv, list | tuple) or not argv:
        raise ParameterError("step input 'argv' must be a list with a program and its arguments")
    words = tuple(invocations.text(element, f"argv[{at}]") for at, element in enumerate(argv))
    if any("\0" in word for word in words):
        raise ParameterError("step input 'argv': an argument contains a NUL character, which no program can receive")
    return words


def text_of(inputs: Inputs, name: str) -> str:
    """Text of an input, empty where it is left out."""
    return invocations.optional_text(inputs, name) or ""


def stdin_of(inputs: Inputs) -> bytes | None:
    """The bytes of the standard input; None for none."""
    given = invocations.optional_text(inputs, "stdin")
    return None if given is None else given.encode("utf-8", "surrogateescape")
