"""One local command as a step: planned to the byte, started once, and known afterwards by its attempt's file.

`command.run` and `shell.run` say how their inputs become an `Invocation`; everything else they share is here.
What of a command is exact, `command_requests.py` says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runbook.clients import processes
from runbook.clients.attempts import Look
from runbook.clients.programs import NotStarted
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
    Refused,
    Target,
)
from runbook.core.redrawn import PREVIEW
from runbook.core.words import Applied
from runbook.document.words import Effect
from runbook.errors import WorldError
from runbook.kinds import command_requests as requests
from runbook.kinds import confirming, endings, invocations, previews
from runbook.kinds.invocations import Invocation, beside, by_hand
from runbook.kinds.protocol import Inputs, World

IRREVERSIBLE = "the runbook gives no undo"


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How a kind puts its command: its name, what its inputs say is run, and how that reads in one line."""

    kind: str
    parse: Callable[[Inputs], Invocation]
    describe: Callable[[Inputs], str]


def observe(inputs: Inputs, world: World, form: Form) -> Observation:
    """Run it as a read; what it leaves running is ended. WorldError if it cannot be run to its end."""
    call = form.parse(inputs)
    done = processes.run(
        call.argv,
        env=requests.environment(call, world),
        cwd=requests.folder(call, world),
        timeout=world.remaining(),
        cancelled=world.cancelled,
        stdin=_bytes(call.stdin),
        limits=call.limited(),
        mask=world.mask,
    )
    if done.timed_out or done.cancelled:
        raise WorldError(
            endings.cut_short(form.describe(inputs), done),
            hint=None if done.cancelled else "give the step a longer timeout",
        )
    return Observation(output=output(done), warnings=(*_warnings(done), *endings.limited(call, done)))


def plan(inputs: Inputs, world: World, form: Form) -> Planned:
    """The exact change, its preview included; WorldError if the program, the folder or a secret is not there."""
    change = _planned(inputs, world, form)
    preview = previews.of_command(inputs, world, form.parse)
    return preview if isinstance(preview, Refused) else previews.joined(change, preview)


def _planned(inputs: Inputs, world: World, form: Form) -> Change:
    call = form.parse(inputs)
    undo = inputs.get("undo")
    return _change(
        form,
        inputs,
        call,
        requests.exact(call, world),
        host=os.uname().nodename,
        undo=_planned(beside(inputs, undo), world, form) if undo else None,
    )


def rehearse(inputs: Inputs, given: Mapping[str, Any], form: Form) -> Change:
    """The change from its inputs alone, and the preview that is given: nothing is looked up or read."""
    typed = by_hand(form.parse(beside(inputs, inputs[PREVIEW]))) if PREVIEW in inputs else ""
    return previews.joined(_rehearsed(inputs, form), previews.simulated(inputs, given.get(PREVIEW), typed))


def _rehearsed(inputs: Inputs, form: Form) -> Change:
    call = form.parse(inputs)
    undo = inputs.get("undo")
    return _change(
        form,
        inputs,
        call,
        requests.rehearsed(call),
        host="rehearsal",
        undo=_rehearsed(beside(inputs, undo), form) if undo else None,
    )


def apply(change: Change, world: World, form: Form) -> Outcome:
    """Start it once and see it end. What it leaves running stays: a restarted service is meant to."""
    call = form.parse(change.inputs)
    try:
        if changed := requests.changed(change, call, world):
            return _not_applied("changed", changed)
        environment = requests.environment(call, world)
    except WorldError as error:
        return _not_applied(error.code, str(error))
    try:
        done = processes.run(
            change.request["argv"],
            executable=change.request["path"],
            env=environment,
            cwd=change.request["cwd"],
            timeout=world.remaining(),
            cancelled=world.cancelled,
            stdin=_bytes(call.stdin),
            attempt=world.attempt,
            limits=call.limited(),
            mask=world.mask,
            keep_leftovers=True,
        )
    except NotStarted as error:
        return _not_applied(error.code, str(error))
    if done.timed_out or done.cancelled:
        code = "timeout" if done.timed_out else "cancelled"
        error_ = Error(code=code, message=endings.cut_short(change.summary, done))
        return Outcome(applied=Applied.UNKNOWN, output=output(done), error=error_)
    said = "; ".join((endings.last_words(done), *endings.limited(call, done)))
    outcome = ended(change, done.exit_code, said)
    return msgspec.structs.replace(outcome, output=output(done))


def confirm(change: Change, world: World, form: Form) -> Confirmation:
    """What became of an attempt: by its file, and once nothing of it lives, by the step's `confirm` command.

    An exit code that was seen makes the result that the runner had no time to record, be it that of a failure.
    """
    look = world.attempt.look() if world.attempt else Look()
    if look.never_started:
        return DidNotApply(reason="no process was started")
    if look.exit is not None:
        code = look.exit if look.exit >= 0 else 128 - look.exit
        return DidApply(outcome=msgspec.structs.replace(ended(change, code, ""), output=_unseen(code)))
    if look.locked:
        group = f"process group {look.group}" if look.group else "a process that had just been started"
        return CannotTell(reason="the command outlived its runner and still runs", running=group)
    return _asked(change, world, form, look)


def _change(
    form: Form, inputs: Inputs, call: Invocation, request: dict[str, Any], *, host: str, undo: Change | None
) -> Change:
    program = os.path.basename(call.argv[0])  # noqa: PTH119 - a word of an argv, not a path of ours
    return Change(
        kind=form.kind,
        # two runs of the same command on one machine lock each other, whatever else they differ in
        target=Target(connection=f"local:{host}", kind="Command", name=f"{program}@{digest(list(call.argv))[:12]}"),
        summary=form.describe(inputs),
        effect=Effect(inputs.get("effect", Effect.CHANGE)),
        inputs=invocations.in_words(inputs),
        request=request,
        undo=undo,
        irreversible=None if undo else IRREVERSIBLE,
        precondition={"files": request["files"]} if request["files"] else {},
        by_hand=by_hand(call),
    )


def ended(change: Change, code: int, said: str) -> Outcome:
    """What an exit code says of a change; `said` are the command's last words."""
    if code == 0:
        return Outcome(applied=Applied.YES)
    left = Applied.NO if change.inputs.get("on_error") == "not_applied" else Applied.PARTLY
    return Outcome(applied=left, error=Error(code="exit", message=f"exited with {code}{said}"))


_ENDED = {
    "timeout": "it was ended because its time was over",
    "cancelled": "it was ended because its run was called off",
}


def _asked(change: Change, world: World, form: Form, look: Look) -> Confirmation:
    why = _ENDED.get(look.ended or "", "it was started, and how it ended is not known")
    question = change.inputs.get("confirm")
    if not question:
        return CannotTell(reason=f"{why}; the step has no `confirm` command")
    try:
        seen = observe(beside(change.inputs, question), world, form)
    except WorldError as error:
        return CannotTell(reason=f"{why}; the `confirm` command could not say: {error}")
    applied, said = confirming.applied(question, seen.output)
    if applied is None:
        return CannotTell(reason=f"{why}; {said}")
    if applied:
        return DidApply(outcome=Outcome(applied=Applied.YES, output=_unseen(None)))
    if look.pid is None:
        return CannotTell(reason="it is not applied yet, but whether the command still runs cannot be seen from here")
    return DidNotApply(reason=f"{said}, and no process of the attempt is left")


def output(done: processes.Completed) -> dict[str, Any]:
    """The outputs of a command that was run to its end."""
    return {
        "exit_code": done.exit_code,
        "stdout": done.stdout.decode("utf-8", "replace"),
        "stderr": done.stderr.decode("utf-8", "replace"),
        "truncated": done.truncated,
        "duration_seconds": round(done.duration, 3),
        "leftovers": list(done.leftovers),
    }


def _unseen(code: int | None) -> dict[str, Any]:
    """The outputs of a command whose end another runner saw, or nobody."""
    names = ("stdout", "stderr", "truncated", "duration_seconds", "leftovers")
    return {"exit_code": code, **dict.fromkeys(names)}


def _warnings(done: processes.Completed) -> tuple[str, ...]:
    if not done.leftovers:
        return ()
    return (f"it left processes running, which were ended: {', '.join(map(str, done.leftovers))}",)


def _not_applied(code: str, message: str) -> Outcome:
    return Outcome(applied=Applied.NO, error=Error(code=code, message=message))


def _bytes(stdin: str | None) -> bytes | None:
    return None if stdin is None else stdin.encode("utf-8", "surrogateescape")
