"""`shell.run`: a script for a shell. Its text is constant; values reach it as environment variables only.

So no value is ever read as shell, as long as the script quotes its variables (`"$NAME"`). Kept apart from
`command.run` so that a reader, a policy and lint see where a shell is at work. `kinds/commands.py` does the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.core.changes import Change, Confirmation, Observation, Outcome, Planned
from runbook.document.spec import KindSpec
from runbook.document.words import Role
from runbook.errors import ParameterError
from runbook.kinds import command_inputs as schema
from runbook.kinds import commands, invocations
from runbook.kinds.invocations import Invocation
from runbook.kinds.needs import Program, programs
from runbook.kinds.protocol import Inputs, World

SHELL = ("/bin/sh", "-eu", "-c")
NAME = "runbook"  # the script's $0

_SCRIPT: dict[str, Any] = {
    "description": 'The script, as it stands: no templates. Pass values by `values`, and quote them as "$NAME".',
    "type": "string",
    "minLength": 1,
    "examples": ['test -e "$LOCK" && rm -- "$LOCK"\n'],
}
_VALUES = schema.variables(
    "Values for the script, as environment variables; a value may be a reference to a secret.",
    {"LOCK": "/var/run/api.lock"},
    "^[A-Z_][A-Z0-9_]*$",
)
_SHELL: dict[str, Any] = {
    "description": "The interpreter and its arguments; the script follows as one more.",
    "type": "array",
    "minItems": 1,
    "items": {"type": "string"},
    "default": list(SHELL),
    "examples": [["bash", "-euo", "pipefail", "-c"]],
}
_COMMAND: dict[str, Any] = {
    "script": _SCRIPT,
    "values": _VALUES,
    "shell": _SHELL,
    "cwd": schema.CWD,
    "stdin": schema.STDIN,
    "limits": schema.LIMITS,
}
_CONFIRM = schema.question(_COMMAND, ["script"], {"script": 'test ! -e "$LOCK"'})
_UNDO = {**_COMMAND, "confirm": _CONFIRM}

SPEC = KindSpec(
    name="shell.run",
    summary="Run a constant script in a shell; values arrive as environment variables.",
    role=Role.ACTION,
    effect=None,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["script"],
        "properties": {
            **_COMMAND,
            "effect": schema.EFFECT,
            "on_error": schema.ON_ERROR,
            "undo": schema.part(schema.UNDO, _UNDO, ["script"], {"script": 'touch -- "$LOCK"'}),
            "confirm": _CONFIRM,
            "preview": schema.part(
                schema.PREVIEW, _COMMAND, ["script"], {"script": 'helm diff upgrade "$RELEASE" ./chart'}
            ),
        },
    },
    outputs=schema.OUTPUTS,
    expect="exit_code == 0",
    text="stdout",
    example={
        "id": "unlock",
        "title": "Remove the stale lock",
        "uses": "shell.run",
        "with": {
            "script": 'rm -f -- "$LOCK"',
            "values": {"LOCK": "{{ params.lock_file }}"},
            "confirm": {"script": 'test ! -e "$LOCK"'},
        },
    },
)


def describe(inputs: Inputs) -> str:
    """`run shell script: rm -f -- "$LOCK"`: its first line that says something."""
    lines = [line.strip() for line in str(inputs["script"]).splitlines()]
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return invocations.describe(f"shell script: {first}")


def by_hand(inputs: Inputs) -> str:
    """The shell with the script as its argument."""
    return invocations.by_hand(
        Invocation(
            argv=_argv(inputs.get("shell", SHELL), inputs["script"]),
            env=inputs.get("values", {}),
            cwd=inputs.get("cwd"),
            stdin=inputs.get("stdin"),
            limits=inputs.get("limits"),
        )
    )


def needs(inputs: Inputs) -> tuple[Program, ...]:
    """Its shell, and those of its undo, confirm and preview."""
    return programs(inputs, SHELL[0])


def observe(inputs: Inputs, world: World) -> Observation:
    """Run it as a read."""
    return commands.observe(inputs, world, _FORM)


def plan(inputs: Inputs, world: World) -> Planned:
    """The resolved shell, the script, its values, folder and files."""
    return commands.plan(inputs, world, _FORM)


def apply(change: Change, world: World) -> Outcome:
    """Run it once; returns when it has ended."""
    return commands.apply(change, world, _FORM)


def confirm(change: Change, world: World) -> Confirmation:
    """What became of an attempt that nobody saw end."""
    return commands.confirm(change, world, _FORM)


def rehearse(inputs: Inputs, given: Mapping[str, Any]) -> Change:
    """The change as its inputs say it."""
    return commands.rehearse(inputs, given, _FORM)


def _parse(inputs: Inputs) -> Invocation:
    script = inputs["script"]
    if not isinstance(script, str):
        raise ParameterError("step input 'script' must be text")
    return Invocation(
        argv=_argv(inputs.get("shell", SHELL), script),
        env=invocations.variables(inputs.get("values", {}), "values"),
        cwd=invocations.optional_text(inputs, "cwd"),
        stdin=invocations.optional_text(inputs, "stdin"),
        limits=inputs.get("limits"),
    )


def _argv(shell: Any, script: str) -> tuple[str, ...]:
    return (*shell, script, NAME)


_FORM = commands.Form(kind=SPEC.name, parse=_parse, describe=describe)
