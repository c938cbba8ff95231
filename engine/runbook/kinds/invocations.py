"""What the inputs of a step say is to be run, and how a person reads and types it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from typing import Any

import msgspec

from runbook.clients.limits import Limits
from runbook.clients.secrets import is_reference
from runbook.document.durations import Duration
from runbook.errors import ParameterError
from runbook.kinds.protocol import Inputs
from runbook.kinds.quantities import number

SHORT = 60

_TAKEN_OVER = ("env", "values", "shell", "cwd", "host", "limits")


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """One command as its inputs say it: `env` has text, or references to secrets; `cwd` None is the project.

    `limits` are those of the step as they are written, or None.
    """

    argv: tuple[str, ...]
    env: Mapping[str, Any] = {}
    cwd: str | None = None
    stdin: str | None = None
    limits: Mapping[str, Any] | None = None

    def limited(self) -> Limits | None:
        """The limits in bytes, seconds and numbers; ParameterError for what is none."""
        return _limits(self.limits) if self.limits else None


def describe(argv: Any) -> str:
    """`run git log …`, on one line and short."""
    return shortened(f"run {spelt(argv)}")


def shortened(line: str) -> str:
    """On one line and within 60 characters; what cannot be printed is a space."""
    shown = "".join(character if character.isprintable() else " " for character in line)
    return shown if len(shown) <= SHORT else shown[: SHORT - 1] + "…"


def by_hand(call: Invocation) -> str:
    """What a person would type; a secret is named, not shown."""
    names = [f"{name}={_typed(value)}" for name, value in call.env.items()]
    line = _within(call, " ".join([*names, *_few_processes(call), spelt(call.argv)]))
    if call.stdin is not None:
        line = f"printf %s {shlex.quote(call.stdin)} | {line}"
    return f"cd {shlex.quote(call.cwd)} && {line}" if call.cwd else line


def spelt(argv: Any) -> str:
    """An argv as a shell would take it; a template that stands for the whole list, as it is."""
    return shlex.join(str(element) for element in argv) if isinstance(argv, list | tuple) else str(argv)


def beside(inputs: Inputs, other: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a step's `undo`, `confirm` or `preview`: what they do not say they have from the step."""
    return {name: inputs[name] for name in _TAKEN_OVER if name in inputs} | dict(other)


def text(value: Any, name: str) -> str:
    """Text of a rendered input; numbers and booleans become text. ParameterError for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return _receivable(value, name)
    raise ParameterError(f"step input '{name}' must be text or a number, got {msgspec.json.encode(value).decode()}")


def _receivable(value: str, name: str) -> str:
    try:
        value.encode("utf-8", "surrogateescape")  # as it is handed to a program, whatever the locale
    except UnicodeEncodeError as error:
        half = f"U+{ord(value[error.start]):04X}, half of a pair of surrogates"
        raise ParameterError(f"step input '{name}' has {half}, which no program can receive") from error
    return value


def variables(value: Any, name: str) -> dict[str, Any]:
    """Environment variables of a step: text, or references to secrets."""
    if not isinstance(value, Mapping):
        raise ParameterError(f"step input '{name}' must be a map of names to values")
    return {k: v if is_reference(v) else text(v, f"{name}.{k}") for k, v in value.items()}


def in_words(value: Any) -> Any:
    """Inputs of a command with each fraction as the text that it is received as: `1.0` would be read back as `1`."""
    if isinstance(value, Mapping):
        return {name: in_words(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [in_words(item) for item in value]
    return str(value) if isinstance(value, float) else value


def optional_text(inputs: Inputs, name: str) -> str | None:
    """Text of an input that may be left out."""
    value = inputs.get(name)
    return None if value is None else text(value, name)


def _typed(value: Any) -> str:
    """A variable as a person would type it: a secret from where it is kept."""
    if not is_reference(value):
        return shlex.quote(str(value))
    how, what = next(iter(value.items()))
    if how == "env":
        return f'"${what}"'
    return f'"$(cat {shlex.quote(str(what))})"' if how == "file" else f'"$({spelt(what)})"'


def _limits(given: Mapping[str, Any]) -> Limits:
    try:
        return Limits(
            memory=int(number(str(given["memory"]))) if "memory" in given else None,
            cpu=float(Duration.parse(given["cpu"])) if "cpu" in given else None,
            processes=int(given["processes"]) if "processes" in given else None,
            open_files=int(given["open_files"]) if "open_files" in given else None,
        )
    except (TypeError, ValueError) as error:
        raise ParameterError(f"step input 'limits' cannot be used: {error}") from error


def _known(call: Invocation) -> Limits | None:
    try:
        return call.limited()
    except ParameterError:  # a template stands where a value will be
        return None


def _few_processes(call: Invocation) -> list[str]:
    """The words before a program that limit processes: no option of `ulimit` does in every shell.

    The kernel counts all threads of the user, so the limit is added to those that run when the line is typed.
    """
    limits = _known(call)
    if limits is None or limits.processes is None:
        return []
    return [f'prlimit --nproc=$(($(ps -LU "$(id -u)" -o lwp= | wc -l) + {limits.processes}))']


def _within(call: Invocation, line: str) -> str:
    """A line under the limits that every shell can set."""
    limits = _known(call)
    if limits is None:
        return line
    wanted = {
        "d": None if limits.memory is None else limits.memory // 1024,
        "t": None if limits.cpu is None else math.ceil(limits.cpu),
        "n": limits.open_files,
    }
    words = [f"ulimit -{letter} {value}" for letter, value in wanted.items() if value is not None]
    return f"({' && '.join([*words, line])})" if words else line
