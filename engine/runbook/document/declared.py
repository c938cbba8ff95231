"""Declared outputs as data: which of its four ways one is read, and what is known of its type before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runbook.document import paths
from runbook.document.model import Output
from runbook.document.spec import JSONSchema

WAYS: Final = ("json", "path", "regex", "line")


def way(output: Output) -> str:
    """Which of the four it is read by: the first, where lint has found several."""
    return next((name for name in WAYS if getattr(output, name) is not None), WAYS[0])


def type_of(output: Output) -> str | None:
    """The type that its value must have; None for any."""
    return output.type or ("string" if way(output) in ("regex", "line") else None)


def schemas(outputs: Mapping[str, Output]) -> dict[str, JSONSchema]:
    """What is known of each, as a JSON Schema; `{}` is anything."""
    return {name: _schema(output) for name, output in outputs.items()}


def _schema(output: Output) -> JSONSchema:
    kind = type_of(output)
    if kind is None and _maps(output):
        kind = "array"
    return {"type": kind} if kind is not None else {}


def _maps(output: Output) -> bool:
    try:
        return paths.parse(output.json or output.path or "").maps
    except paths.PathError:
        return False
