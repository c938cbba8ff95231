"""What a simulated world answers: of the entries given for a step, the last one that applies.

An entry applies from `at` on (counted from the run's start), or once the change named by `after` has been applied; one
with neither always does. What is not given is not simulated, and that is never a yes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from runbook.core import extraction
from runbook.core.addresses import called
from runbook.core.changes import Error, Observation
from runbook.core.history import short
from runbook.core.words import Verdict
from runbook.document import paths
from runbook.document.declared import way
from runbook.document.durations import Duration
from runbook.document.model import Output

NOT_SIMULATED = Error(code="not_simulated", message="not simulated: the scenario gives nothing for this step")

_ABOUT = frozenset({"at", "after", "verdict", "error"})


def names(path: str) -> tuple[str, ...]:
    """What a scenario may call a step: its full address, its address without the option, its id; without item, all."""
    exact, *others = called(path)
    return tuple(dict.fromkeys((exact, short(path), *others)))


def answer(
    given: Mapping[str, Any], path: str, *, since_start: float, applied: Collection[str]
) -> Mapping[str, Any] | None:
    """The entry for a step at this moment; None where nothing is given. `applied` are paths of applied changes."""
    for name in names(path):
        if name not in given:
            continue
        entries = given[name] if isinstance(given[name], list) else [given[name]]
        done = {alias for change in applied for alias in names(change)}
        holding = [entry for entry in entries if _applies(entry, since_start, done)]
        if holding:
            return dict(holding[-1])
    return None


def _applies(entry: Mapping[str, Any], since_start: float, applied: Collection[str]) -> bool:
    if "at" in entry and since_start < Duration.parse(entry["at"]):
        return False
    return "after" not in entry or entry["after"] in applied


def observation(entry: Mapping[str, Any] | None) -> Observation:
    """What a probe sees in the simulated world."""
    if entry is None:
        return Observation(error=NOT_SIMULATED)
    if "error" in entry:
        return Observation(error=Error(code="simulated", message=str(entry["error"])))
    output = {name: value for name, value in entry.items() if name not in _ABOUT}
    verdict = Verdict(entry["verdict"]) if "verdict" in entry else None
    unknown = "the scenario says so" if verdict is Verdict.UNKNOWN else None
    return Observation(output=output, verdict=verdict, unknown=unknown)


def declared(
    outputs: Mapping[str, Output], seen: Observation, text: str | None, failed: str | None = None
) -> Observation:
    """What a simulated probe saw, with the declared outputs: given as they are, or what they are read from."""
    if not outputs or seen.error is not None:
        return seen
    raw = {name: output for name, output in outputs.items() if name not in seen.output}
    given, problems = declared_values(outputs, seen.output, text)
    for name in extraction.unspoken(raw, text) if failed else ():
        given[name] = None
        problems.append(f"output '{name}': {failed}, which its default does not stand for")
    silent = seen.verdict in (Verdict.FAIL, Verdict.UNKNOWN)
    error = extraction.failed(problems) if problems and not silent else None
    nulls = dict.fromkeys(raw) if silent else {}
    return msgspec.structs.replace(seen, output={**seen.output, **given, **nulls}, error=error)


def declared_values(
    outputs: Mapping[str, Output], given: Mapping[str, Any], text: str | None
) -> tuple[dict[str, Any], list[str]]:
    """Declared outputs of a scenario's answer, and what is wrong with them. What it does not give is the default."""
    direct: dict[str, Any] = {name: given[name] for name in outputs if name in given}
    raw = {name: one for name, one in outputs.items() if name not in given and _source(one, text) in given}
    values, problems = extraction.read(raw, given, text)
    for name, value in direct.items():
        if problem := extraction.misfit(outputs[name], value):
            problems.append(f"output '{name}' {problem}")
            direct[name] = None
    silent = {
        name: None if one.default is msgspec.UNSET else one.default
        for name, one in outputs.items()
        if name not in direct and name not in raw
    }
    return {**silent, **values, **direct}, problems


def _source(output: Output, text: str | None) -> str | None:
    """Which of the kind's outputs a declared one is read from."""
    if output.from_ is not None or way(output) != "path":
        return output.from_ or text
    return str(paths.parse(output.path or "").parts[0])
