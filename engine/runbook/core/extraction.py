"""Declared outputs, read out of what a kind yielded: a path into JSON, the group of a pattern, a line.

What is not there takes the author's `default`; without one, and where it is of another type, the step has no answer
(error code `output`), and nothing is guessed. After a change it is null and a warning: the change did happen. Total:
no output of any kind makes this raise.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from runbook.core.changes import Error, Observation, Outcome, Value
from runbook.core.words import Verdict
from runbook.document import paths
from runbook.document.declared import type_of, way
from runbook.document.model import Output, Parameter
from runbook.document.parameters import from_text, value_problem
from runbook.document.regexes import compiled

_SHOWN: Final = 80  # characters of what was there
_NAMES: Final = 6  # keys of a map that a message lists

Outputs = Mapping[str, Value]


class _Absent(Exception):
    """It is not there: `default` may speak for it."""


class _Misfit(Exception):
    """What is there is something else; no default speaks for that."""


def observed(declared: Mapping[str, Output], seen: Observation, text: str | None) -> Observation:
    """What a probe saw, with its declared outputs. `text` is the kind's own text output.

    Where there is no answer to read (an error, an unknown, silence that the kind took for a `fail`), they are null.
    """
    if not declared:
        return seen
    if seen.error is not None or seen.unknown is not None or seen.verdict in (Verdict.FAIL, Verdict.UNKNOWN):
        return msgspec.structs.replace(seen, output={**seen.output, **dict.fromkeys(declared)})
    values, problems = read(declared, seen.output, text)
    error = failed([*problems, *_around(seen.output)]) if problems else None
    return msgspec.structs.replace(seen, output={**seen.output, **values}, error=error)


def failed(problems: Sequence[str]) -> Error:
    """The error of a step whose declared outputs could not be read."""
    return Error(code="output", message="; ".join(problems))


def resulted(declared: Mapping[str, Output], outcome: Outcome, text: str | None) -> Outcome:
    """What came of a change, with its declared outputs; what could not be read is null and a warning."""
    if not declared or not outcome.applied.touched:
        return outcome
    values, problems = read(declared, outcome.output, text)
    warnings = (*outcome.warnings, *problems)
    return msgspec.structs.replace(outcome, output={**outcome.output, **values}, warnings=warnings)


def read(declared: Mapping[str, Output], output: Outputs, text: str | None) -> tuple[dict[str, Value], list[str]]:
    """The value of each, null where it cannot be told, and why: which one, what was looked for, what was there."""
    values: dict[str, Value] = {}
    problems = []
    for name, one in declared.items():
        try:
            values[name] = _value(one, output, text)
        except (_Absent, _Misfit) as reason:
            values[name] = None
            problems.append(f"output '{name}': {reason}")
    return values, problems


def misfit(declared: Output, value: Value) -> str | None:
    """Why a value is none of the declared type, as the rest of a sentence; None if it is, or is null."""
    kind = type_of(declared)
    return value_problem(Parameter(type=kind), value) if kind is not None and value is not None else None


def _value(declared: Output, output: Outputs, text: str | None) -> Value:
    try:
        found = _found(declared, output, text)
    except _Absent:
        if declared.default is msgspec.UNSET:
            raise
        return declared.default
    return found


def _found(declared: Output, output: Outputs, text: str | None) -> Value:
    """The value, of the type that it must have; _Absent or _Misfit with the reason."""
    read_by = way(declared)
    if read_by == "path":
        where = declared.from_
        source = output if where is None else output.get(where)
        if where is not None and source is None:
            raise _Absent(f"there is no {where}")
        return _typed(declared, _followed(declared.path or "", source, where or "what it yields"))
    where = declared.from_ or text or "text"
    given = output.get(where)
    if given is None:
        raise _Absent(f"there is no {where}")
    if not isinstance(given, str):
        raise _Misfit(f"'{read_by}' reads text, and {where} is {_shown(given)}")
    if read_by == "json":
        return _typed(declared, _followed(declared.json or "", _parsed(given, where), where))
    part = (
        _matched(declared.regex or "", given, where) if read_by == "regex" else _line(declared.line or 1, given, where)
    )
    return _converted(declared, part)


# --- the ways ---------------------------------------------------------------------------------------------


def _parsed(text: str, where: str) -> Value:
    """Text as JSON (RFC 8259), each key once, no number that is none."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise _Misfit(f"{where} is not JSON ({said}): {_shown(text)}") from None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _followed(text: str, value: Value, where: str) -> Value:
    """What a path leads to. Null is not there: `default` speaks for both, as in expressions."""
    try:
        path = paths.parse(text)
    except paths.PathError as error:  # lint has said so; a journal's document may be older
        raise _Misfit(f"{text!r} is no path: {error}") from None
    found = _step(path, 0, value, where)
    if found is None:
        raise _Absent(f"'{text}' of {where} is null")
    return found


def _step(path: paths.Path, at: int, value: Value, where: str) -> Value:
    """What is left of a path, from its part number `at`, followed from a value."""
    while at < len(path.parts):
        part = path.parts[at]
        looked = f"no '{path.text}' in {where}" + (f": '{path.until(at)}'" if at else ": it")
        if value is None:
            raise _Absent(f"{looked} is null")
        if isinstance(part, str):
            if not isinstance(value, Mapping):
                raise _Misfit(f"{looked} is no map but {_shown(value)}")
            if part not in value:
                raise _Absent(f"{looked} has no '{part}', only {_keys(value)}")
        elif not isinstance(value, list | tuple):
            raise _Misfit(f"{looked} is no list but {_shown(value)}")
        elif isinstance(part, paths.Every):
            return [_step(path, at + 1, entry, f"{where} ({path.until(at)}[{n}])") for n, entry in enumerate(value)]
        elif not -len(value) <= part < len(value):
            raise _Absent(f"{looked} has {_counted(len(value), 'entry', 'entries')}")
        value = value[part]
        at += 1
    return value


def _matched(pattern: str, text: str, where: str) -> str:
    try:
        found = compiled(pattern).search(text.encode("utf-8", "replace").decode())
    except ValueError as error:
        raise _Misfit(f"the pattern cannot be used: {error}") from None
    part = (found[1] if found.re.groups else found[0]) if found else None
    if part is None:
        raise _Absent(f"nothing in {where} matches {pattern}: {_shown(text)}")
    return str(part)


def _line(number: int, text: str, where: str) -> str:
    lines = text.removesuffix("\n").split("\n") if text else []
    index = number - 1 if number > 0 else number
    if not -len(lines) <= index < len(lines):
        raise _Absent(f"{where} has {_counted(len(lines), 'line', 'lines')}, and no line {number}: {_shown(text)}")
    return lines[index].removesuffix("\r")


# --- types ------------------------------------------------------------------------------------------------


def _typed(declared: Output, value: Value) -> Value:
    if problem := misfit(declared, value):
        raise _Misfit(f"'{declared.json or declared.path}' {problem}")
    return value


def _converted(declared: Output, part: str) -> Value:
    """Text as the type that it stands for."""
    kind = type_of(declared) or "string"
    if kind in ("array", "object"):
        value = _parsed(part, "it")
    else:
        try:
            value = from_text(Parameter(type=kind), part.strip() if kind != "string" else part)
        except ValueError as error:
            raise _Misfit(f"it {error}") from None
    if problem := value_problem(Parameter(type=kind), value):
        raise _Misfit(f"it {problem}")
    return value


# --- words ------------------------------------------------------------------------------------------------


def _shown(value: Value) -> str:
    """What was there, on one line and cut."""
    if isinstance(value, Mapping):
        return f"a map with {_keys(value)}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    shown = json.dumps(value[: _SHOWN + 1] if isinstance(value, str) else value, ensure_ascii=False, default=str)
    return shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"


def _keys(value: Mapping[str, Any]) -> str:
    names = [str(name)[:_SHOWN] for name in value]
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return (", ".join(names[:_NAMES]) or "nothing") + more


def _counted(count: int, one: str, many: str) -> str:
    return f"{count or 'no'} {one if count == 1 else many}"


def _around(output: Outputs) -> list[str]:
    """What else was seen that explains it: how a command ended, what a server answered, that something was cut."""
    said = []
    code, status = output.get("exit_code"), output.get("status")
    if isinstance(code, int) and code != 0:
        words = str(output.get("stderr") or "").strip().split("\n")[-1].strip()
        said.append(f"it exited with {code}" + (f": {_shown(words)}" if words else ""))
    if isinstance(status, int) and not 200 <= status < 300:
        said.append(f"the server answered {status}")
    if output.get("truncated") is True:
        said.append("its text was longer than what is kept")
    return said
