"""A step's inputs as far as they are known before a run: parameters, environment and target are, what steps see is not.

What cannot be told yet stands in its place as `Later`: text that says what it waits for, and is never sent anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runbook.document.expressions import Unknown, parse
from runbook.document.model import Parameter, Runbook
from runbook.document.model import Value as Data
from runbook.document.templates import references_of, render_value

RUN_TIME: Final = ("steps", "alert", "incident", "run")  # names that only a run can tell


class Later(str):
    """A value that is not known yet; as text, the names that it waits for."""

    __slots__ = ()


class NotYet(Mapping[str, object]):
    """A name of expressions of which nothing is known before a run, but for what is `known` of it."""

    def __init__(self, name: str, known: Mapping[str, object] | None = None) -> None:
        self._name = name
        self._known = known or {}

    def __getitem__(self, key: str) -> object:
        if key in self._known:
            return self._known[key]
        raise Unknown(f"{self._name}.{key}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def exemplary(declared: Mapping[str, Parameter], given: Mapping[str, Data]) -> dict[str, Data]:
    """Parameters as they are given, else by default, else their first example; those with neither are left out."""
    found = dict(given)
    for name, parameter in declared.items():
        if name in found:
            continue
        if not parameter.required:
            found[name] = parameter.default
        elif parameter.examples:
            found[name] = parameter.examples[0]
    return found


def scope_before(
    book: Runbook, parameters: Mapping[str, Data], environment: str | None, env: Mapping[str, Data]
) -> dict[str, object]:
    """The names that the texts of a runbook see before it is run."""
    scope: dict[str, object] = {
        "params": NotYet("params", parameters),
        "env": dict(env),
        "steps": NotYet("steps"),
        "alert": NotYet("alert"),
        "incident": NotYet("incident"),
        "run": NotYet("run", {"environment": environment}),
        "runbook": {"name": book.name, "title": book.title, "service": book.service, "severity": book.severity},
    }
    target = {key: filled(text, scope) for key, text in (book.target or {}).items()}
    scope["target"] = NotYet("target", {key: value for key, value in target.items() if not isinstance(value, Later)})
    return scope


def filled(value: Data, scope: Mapping[str, object]) -> Data:
    """A value with its templates filled in, deep; each text that cannot be told yet is `Later`."""
    if isinstance(value, str):
        try:
            return render_value(value, scope)
        except Unknown as unknown:
            return Later(_awaited(value, scope) or unknown.reason)
    if isinstance(value, Mapping):
        return {key: filled(entry, scope) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [filled(entry, scope) for entry in value]
    return value


def _awaited(text: str, scope: Mapping[str, object]) -> str:
    """The names in a text that only a run can tell: `steps.members.leader`, or an item of a loop not yet listed."""
    names = sorted(".".join(path[:3]) for path in references_of(text) if path[0] in RUN_TIME or path[0] not in scope)
    return ", ".join(dict.fromkeys(names))


def waits_for(value: Any) -> tuple[str, ...]:
    """What a value waits for, deep, each once; nothing where it is known."""
    if isinstance(value, Later):
        return (str(value),)
    entries = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return tuple(dict.fromkeys(name for entry in entries for name in waits_for(entry)))


def is_told_by_a_run(expression: str | None) -> bool:
    """Whether a bare expression compares with something that only a run can tell."""
    return expression is not None and any(path[0] in RUN_TIME for path in parse(expression).references)
