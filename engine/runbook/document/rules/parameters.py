"""Parameters that contradict themselves: found when written, not when the pager goes off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from runbook.document import regexes
from runbook.document.model import EvidencePlan, Parameter, Runbook, Steps, Value
from runbook.document.parameters import TYPES, items_problem, pattern_problem, value_problem
from runbook.document.rules.walk import Checked, Pointer

if TYPE_CHECKING:
    from runbook.document.findings import Finding

_ONLY_FOR: Final = {
    "pattern": ("string",),
    "minLength": ("string",),
    "maxLength": ("string",),
    "minimum": ("integer", "number"),
    "maximum": ("integer", "number"),
    "items": ("array",),
}


def consistent_parameters(doc: Checked) -> Iterator[Finding]:
    """Every value that a parameter itself names is one that it accepts; its pattern and items can be used."""
    assert isinstance(doc.document, Runbook | Steps | EvidencePlan)  # noqa: S101
    for name, parameter in doc.document.parameters.items():
        place: Pointer = ("parameters", name)
        if parameter.type not in TYPES:
            continue
        yield from _misplaced_words(doc, place, parameter)
        usable = True
        for key, problem in (("pattern", pattern_problem(parameter)), ("items", items_problem(parameter))):
            if problem:
                usable = False
                hint = regexes.hint(problem) if key == "pattern" else None
                yield doc.source.finding((*place, key), "RB044", f"'{key}' of '{name}' cannot be used: {problem}", hint)
        if usable:
            yield from _own_values(doc, place, name, parameter)


def _misplaced_words(doc: Checked, place: Pointer, parameter: Parameter) -> Iterator[Finding]:
    for key, types in _ONLY_FOR.items():
        if key in doc.raw(place) and parameter.type not in types:
            message = f"'{key}' says nothing about a parameter of type '{parameter.type}'"
            hint = f"it is for {' and '.join(types)}; remove it, or correct the type"
            yield doc.source.finding((*place, key), "RB043", message, hint, key=True)


def _own_values(doc: Checked, place: Pointer, name: str, parameter: Parameter) -> Iterator[Finding]:
    without_enum = msgspec.structs.replace(parameter, enum=None)
    values: list[tuple[Pointer, Parameter, Value]] = []
    if parameter.default is not msgspec.UNSET:
        values.append((("default",), parameter, parameter.default))
    values += [(("enum", i), without_enum, value) for i, value in enumerate(parameter.enum or ())]
    values += [(("examples", i), parameter, value) for i, value in enumerate(parameter.examples)]
    for pointer, accepts, value in values:
        if problem := value_problem(accepts, value):
            message = f"'{pointer[0]}' of parameter '{name}' {problem}"
            yield doc.source.finding((*place, *pointer), "RB043", message)
