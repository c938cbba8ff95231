"""Declared outputs, read out of what a kind yielded: a path into JSON, the group of a pattern, a line.

What is not there takes the author's `default`; without one, and where it is of another type, the step has no answer
(error code `output`), and nothing is guessed. After a change it is null and a warning: the change did happen. Total:
no output of any kind makes this raise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from runbook.core import exits, readings
from runbook.core.changes import Error, Observation, Outcome, Value
from runbook.core.readings import Absent, Misfit, Outputs
from runbook.core.words import Verdict
from runbook.document.declared import type_of, way
from runbook.document.model import Output, Parameter
from runbook.document.parameters import from_text, value_problem


def observed(
    declared: Mapping[str, Output], seen: Observation, text: str | None, silent: str | None = None
) -> Observation:
    """What a probe saw, with its declared outputs. `text` is the kind's own text output, `silent` why it says nothing.

    Where there is no answer to read (an error, an unknown, silence that the kind took for a `fail`), they are null.
    """
    if not declared:
        return seen
    if seen.error is not None or seen.unknown is not None or seen.verdict in (Verdict.FAIL, Verdict.UNKNOWN):
        return msgspec.structs.replace(seen, output={**seen.output, **dict.fromkeys(declared)})
    values, problems = read(declared, seen.output, text)
    for name in unspoken(declared, text) if silent else ():
        values[name] = None
        problems.append(f"output '{name}': {silent}, which its default does not stand for")
    error = failed([*problems, *_around(seen.output)]) if problems else None
    return msgspec.structs.replace(seen, output={**seen.output, **values}, error=error)


def unspoken(declared: Mapping[str, Output], text: str | None) -> list[str]:
    """The declared outputs that a default would speak for, though their text comes from a command that failed."""
    return [
        name
        for name, one in declared.items()
        if one.default is not msgspec.UNSET and way(one) != "path" and (one.from_ or text) == exits.TEXT
    ]


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


def awaited(declared: Mapping[str, Output], outcome: Outcome) -> Outcome:
    """An accepted change that takes time: its declared outputs are null until they are read of what `arrived` saw."""
    return msgspec.structs.replace(outcome, output={**outcome.output, **dict.fromkeys(declared)})


def arrived(declared: Mapping[str, Output], seen: Observation, text: str | None) -> Observation:
    """What is seen of a change once it has taken effect, or failed to, with its declared outputs."""
    if not declared or seen.verdict not in (Verdict.PASS, Verdict.FAIL):
        return seen
    values, problems = read(declared, seen.output, text)
    return msgspec.structs.replace(seen, output={**seen.output, **values}, warnings=(*seen.warnings, *problems))


def completed(output: Outputs, seen: Outputs) -> dict[str, Value]:
    """The outputs of a change, with those that were known only when it had taken effect."""
    return {**output, **{name: value for name, value in seen.items() if value is not None}}


def read(declared: Mapping[str, Output], output: Outputs, text: str | None) -> tuple[dict[str, Value], list[str]]:
    """The value of each, null where it cannot be told, and why: which one, what was looked for, what was there."""
    values: dict[str, Value] = {}
    problems = []
    for name, one in declared.items():
        try:
            values[name] = _value(one, output, text)
        except (Absent, Misfit) as reason:
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
    except Absent:
        if declared.default is msgspec.UNSET:
            raise
        return declared.default
    return found


def _found(declared: Output, output: Outputs, text: str | None) -> Value:
    """The value, of the type that it must have; Absent or Misfit with the reason."""
    read_by = way(declared)
    if read_by == "path":
        where = declared.from_
        source = output if where is None else output.get(where)
        if where is not None and source is None:
            raise Absent(f"there is no {where}")
        return _typed(declared, readings.followed(declared.path or "", source, where or "what it yields"))
    where = declared.from_ or text or "text"
    given = output.get(where)
    if given is None:
        raise Absent(f"there is no {where}")
    if not isinstance(given, str):
        raise Misfit(f"'{read_by}' reads text, and {where} is {readings.shown(given)}")
    kept = readings.kept(given, output)
    if read_by == "json" and not kept.whole:
        raise Misfit(f"{where} is not JSON as it was kept")
    if read_by == "json":
        return _typed(declared, readings.followed(declared.json or "", readings.parsed(given, where), where))
    if read_by == "regex":
        return _converted(declared, readings.matched(declared.regex or "", kept, where))
    return _converted(declared, readings.line(declared.line or 1, kept, where))


# --- types ------------------------------------------------------------------------------------------------


def _typed(declared: Output, value: Value) -> Value:
    if problem := misfit(declared, value):
        raise Misfit(f"'{declared.json or declared.path}' {problem}")
    return value


def _converted(declared: Output, part: str) -> Value:
    """Text as the type that it stands for."""
    kind = type_of(declared) or "string"
    if kind in ("array", "object"):
        value = readings.parsed(part, "it")
    else:
        try:
            value = from_text(Parameter(type=kind), part.strip() if kind != "string" else part)
        except ValueError as error:
            raise Misfit(f"it {error}") from None
    if problem := value_problem(Parameter(type=kind), value):
        raise Misfit(f"it {problem}")
    return value


def _around(output: Outputs) -> list[str]:
    """What else was seen that explains it: how a command ended, what a server answered, that something was cut."""
    said = []
    code, status = output.get("exit_code"), output.get("status")
    if isinstance(code, int) and code != 0:
        words = str(output.get("stderr") or "").strip().split("\n")[-1].strip()
        said.append(f"it exited with {code}" + (f": {readings.shown(words)}" if words else ""))
    if isinstance(status, int) and not 200 <= status < 300:
        said.append(f"the server answered {status}")
    if output.get("truncated") is True:
        said.append("its text was longer than what is kept")
    return said
