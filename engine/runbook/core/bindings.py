"""What a step's own names mean: the item of its loop, the parameters and the steps of the part that it was taken from.

A `Local` is a layer over the names that every expression sees. Layers nest through `outer`: the parameters of an
included part are written in the words of the place that includes it, so they are read there, when they are touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runbook.document.expressions import Unknown
from runbook.document.meanings import meant
from runbook.document.model import Local, Parameter
from runbook.document.parameters import value_problem
from runbook.document.templates import render_value

__all__ = ["bound", "meant"]


def bound(scope: Mapping[str, object], local: Local | None) -> Mapping[str, object]:
    """The names of a scope as a step with this `Local` sees them."""
    if local is None:
        return scope
    around = bound(scope, local.outer)
    names = {**around, **local.values}
    if local.params is not None:
        names["params"] = _Given(local.params, local.accepts, around)
    if local.steps:
        names["steps"] = _Called(around["steps"], local.steps)
    return names


class _Given(Mapping[str, object]):
    """Parameters that are templates, each rendered in the scope around when it is touched; that may raise Unknown.

    So does a value that the parameter does not accept: what it would lead to is not what its author meant.
    """

    __slots__ = ("_accepts", "_around", "_templates")

    def __init__(
        self, templates: Mapping[str, Any], accepts: Mapping[str, Parameter], around: Mapping[str, object]
    ) -> None:
        self._templates = templates
        self._accepts = accepts
        self._around = around

    def __getitem__(self, name: str) -> object:
        value: object = render_value(self._templates[name], self._around)
        if name in self._accepts and (problem := value_problem(self._accepts[name], value)):
            raise Unknown(f"the parameter '{name}' {problem}")
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._templates)

    def __len__(self) -> int:
        return len(self._templates)


class _Called(Mapping[str, object]):
    """Steps, some of which have a name of their own here."""

    __slots__ = ("_names", "_steps")

    def __init__(self, steps: Any, names: Mapping[str, str]) -> None:
        self._steps: Mapping[str, object] = steps
        self._names = names

    def __getitem__(self, id_: str) -> object:
        return self._steps[self._names.get(id_, id_)]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._names, *self._steps)))

    def __len__(self) -> int:
        return len(self._names.keys() | self._steps.keys())
