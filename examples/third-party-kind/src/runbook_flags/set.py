"""`flags.set`: switch a feature on or off. An action: planned exactly, applied once, confirmed, taken back.

What makes it safe: `plan` reads and says everything that will happen; `apply` writes only if the flag still is what
the plan saw, in the write itself; `confirm` finds out by looking whether a write whose answer was lost has happened.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from runbook.core.changes import (
    CannotTell,
    Change,
    Confirmation,
    DidApply,
    DidNotApply,
    Error,
    Field,
    NothingToDo,
    Outcome,
    Planned,
    Refused,
    Target,
)
from runbook.core.words import Applied
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Role
from runbook.errors import ParameterError
from runbook.kinds.protocol import Inputs, World

from runbook_flags import file
from runbook_flags.get import FILE, FLAG, name

TAKES_BACK = "takes_back"  # an input of undoes only: they have no undo of their own
NO_UNDO = "it takes another change back"

SPEC = KindSpec(
    name="flags.set",
    summary="Switch a feature flag.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["flag", "enabled"],
        "properties": {
            "flag": FLAG,
            "file": FILE,
            "enabled": {"type": "boolean", "description": "Whether the feature shall be on.", "examples": [False]},
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "before": {"type": ["boolean", "null"], "description": "What the flag was."},
            "enabled": {"type": ["boolean", "null"], "description": "What it is now."},
        },
    },
    timeout="5s",
    example={"id": "switch_off", "uses": "flags.set", "with": {"flag": "checkout-v2", "enabled": False}},
)


def describe(inputs: Inputs) -> str:
    """`switch checkout-v2 off in flags.json`."""
    return f"switch {inputs['flag']} {'on' if inputs['enabled'] else 'off'} in {name(inputs)}"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type instead."""
    path, on = name(inputs), str(inputs["enabled"]).lower()
    return f"jq '.[\"{inputs['flag']}\"] = {on}' {path} > {path}.new && mv {path}.new {path}"


def plan(inputs: Inputs, world: World) -> Planned:
    """The exact change with its undo; nothing to do where the flag is so already; refused where there is none."""
    flag, on = inputs["flag"], inputs["enabled"]
    if not isinstance(on, bool):  # a template may have made anything of it
        raise ParameterError(f"step input 'enabled' must be true or false, got {on!r}")
    path = world.project / name(inputs)
    flags = file.read(path)
    if flag not in flags:
        return Refused(reason=f"{path} has no flag {flag!r}; it has {', '.join(sorted(flags)) or 'none'}")
    if flags[flag] is on:
        return NothingToDo(reason=f"{flag} is {'on' if on else 'off'} already")
    target = Target(connection=f"file:{os.uname().nodename}", kind="Flag", namespace=str(path), name=flag)
    return _change(inputs, target, before=flags[flag])


def apply(change: Change, world: World) -> Outcome:
    """Write it, if the flag still is what the plan saw. Any exception from here would be a doubt."""
    [field] = change.fields
    path = world.project / name(change.inputs)
    try:
        file.switch(path, change.target.name, expected=field.before, on=field.after)
    except file.Moved as moved:
        return Outcome(applied=Applied.NO, error=Error(code="precondition", message=str(moved)))
    return _done(change)


def confirm(change: Change, world: World) -> Confirmation:
    """After a crash: the flag says it, once the attempt that was writing is known to be over."""
    [field] = change.fields
    on = file.read(world.project / name(change.inputs)).get(change.target.name)
    if on is field.after:
        return DidApply(outcome=_done(change))
    if world.attempt is not None and world.attempt.look().locked:
        return CannotTell(reason="the attempt is not over yet")
    if on is field.before:
        return DidNotApply(reason=f"{change.target.name} is still {on}")
    return CannotTell(reason=f"{change.target.name} is neither what it was nor what it was to become")


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change in a simulated world, in which a scenario may say what the flag was: `given: {before: true}`."""
    target = Target(connection="rehearsal", kind="Flag", namespace=name(inputs), name=inputs["flag"])
    return _change(inputs, target, before=given.get("before", not inputs["enabled"]))


def _change(inputs: Inputs, target: Target, *, before: bool) -> Change:
    on = inputs["enabled"]
    back = {**inputs, "enabled": before, TAKES_BACK: True}
    return Change(
        kind=SPEC.name,
        target=target,
        summary=describe(inputs),
        effect=Effect.CHANGE,
        inputs=dict(inputs),
        request={"file": name(inputs), "flag": target.name, "enabled": on},
        fields=(Field(path=target.name, before=before, after=on),),
        undo=None if inputs.get(TAKES_BACK) else _change(back, target, before=on),
        irreversible=NO_UNDO if inputs.get(TAKES_BACK) else None,
        precondition={target.name: before},
        diff=f"- {target.name}: {before}\n+ {target.name}: {on}".lower(),
        by_hand=by_hand(inputs),
    )


def _done(change: Change) -> Outcome:
    [field] = change.fields
    return Outcome(
        applied=Applied.YES, state={"enabled": field.after}, output={"before": field.before, "enabled": field.after}
    )
