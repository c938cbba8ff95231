"""`command.run`: a program with its arguments, as a list. No shell reads them, so a value can only be a value.

With `effect: read` it is a probe, otherwise a change. `kinds/commands.py` does the work.
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

_ARGV: dict[str, Any] = {
    "description": "The program and its arguments. An element is one argument, whatever it contains.",
    "type": "array",
    "minItems": 1,
    "items": {"type": ["string", "number"]},
    "examples": [["systemctl", "restart", "api"]],
}
_ENV = schema.variables(
    "Variables added to the environment; a value may be a reference to a secret.",
    {"REGION": "eu-west-1", "API_TOKEN": {"file": "/run/secrets/token"}},
    "^[A-Za-z_][A-Za-z0-9_]*$",
)
_COMMAND: dict[str, Any] = {
    "argv": _ARGV,
    "env": _ENV,
    "cwd": schema.CWD,
    "stdin": schema.STDIN,
    "limits": schema.LIMITS,
}
_CONFIRM = schema.question(_COMMAND, ["argv"], {"argv": ["systemctl", "is-active", "api"]})
_UNDO = {**_COMMAND, "confirm": _CONFIRM}

SPEC = KindSpec(
    name="command.run",
    summary="Run a program with a list of arguments, without a shell.",
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
            "undo": schema.part(schema.UNDO, _UNDO, ["argv"], {"argv": ["systemctl", "stop", "api"]}),
            "confirm": _CONFIRM,
            "preview": schema.part(schema.PREVIEW, _COMMAND, ["argv"], {"argv": ["terraform", "plan", "-no-color"]}),
        },
    },
    outputs=schema.OUTPUTS,
    expect="exit_code == 0",
    text="stdout",
    example={
        "id": "restart",
        "title": "Restart the API",
        "uses": "command.run",
        "with": {
            "argv": ["systemctl", "restart", "{{ params.unit }}"],
            "confirm": {"argv": ["systemctl", "is-active", "--quiet", "{{ params.unit }}"]},
        },
        "timeout": "1m",
    },
)


def describe(inputs: Inputs) -> str:
    """`run systemctl restart api`."""
    return invocations.describe(inputs["argv"])


def by_hand(inputs: Inputs) -> str:
    """The command as a shell takes it."""
    return invocations.by_hand(
        Invocation(
            argv=inputs["argv"],
            env=inputs.get("env", {}),
            cwd=inputs.get("cwd"),
            stdin=inputs.get("stdin"),
            limits=inputs.get("limits"),
        )
    )


def needs(inputs: Inputs) -> tuple[Program, ...]:
    """Its program, and those of its undo, confirm and preview."""
    return programs(inputs)


def observe(inputs: Inputs, world: World) -> Observation:
    """Run it as a read."""
    return commands.observe(inputs, world, _FORM)


def plan(inputs: Inputs, world: World) -> Planned:
    """The resolved program, its arguments, variables, folder and files."""
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
    argv = inputs["argv"]
    if not isinstance(argv, list | tuple) or not argv:
        raise ParameterError("step input 'argv' must be a list with a program and its arguments")
    return Invocation(
        argv=tuple(invocations.text(element, f"argv[{at}]") for at, element in enumerate(argv)),
        env=invocations.variables(inputs.get("env", {}), "env"),
        cwd=invocations.optional_text(inputs, "cwd"),
        stdin=invocations.optional_text(inputs, "stdin"),
        limits=inputs.get("limits"),
    )


_FORM = commands.Form(kind=SPEC.name, parse=_parse, describe=describe)
