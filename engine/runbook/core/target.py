"""The thing that a run works on: named once, when the run starts, and then a fact like its parameters.

    {"kind": "Deployment", "namespace": "shop", "name": "api"}      in words: Deployment shop/api

A runbook that declares none has none: then runs are told apart by their parameters, as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from runbook.core.changes import Target
from runbook.document.expressions import Unknown
from runbook.document.model import Runbook
from runbook.document.templates import render_value
from runbook.errors import ParameterError

_SHARED: Final = ("kind", "namespace", "name")  # what a declared target and that of a change both say


def named(
    book: Runbook,
    *,
    parameters: Mapping[str, Any],
    alert: Mapping[str, Any] | None = None,
    env: Mapping[str, Any] | None = None,
) -> dict[str, str] | None:
    """The runbook's target, its templates filled in; None where it declares none.

    ParameterError, with every key that has no text: a target that is half known would lock and count for another.
    """
    if book.target is None:
        return None
    scope: dict[str, object] = {
        "params": parameters,
        "alert": {"name": None, "labels": {}, "annotations": {}, **(alert or {})},
        "env": env or {},
    }
    found: dict[str, str] = {}
    problems: list[str] = []
    for key, template in book.target.items():
        try:
            value = render_value(template, scope)
        except Unknown as unknown:
            problems.append(f"'target.{key}' cannot be told: {unknown.reason}")
            continue
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            found[key] = str(value)
        else:
            problems.append(f"'target.{key}' is no name: {template} gives {_given(value)}")
    if problems:
        raise ParameterError("\n".join(problems), hint="give the parameter, or start it for the alert, that it names")
    return found


def _given(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    words = {bool: "true or false", dict: "a mapping", list: "a list"}
    return words.get(type(value), "something else")


def spoken(target: Mapping[str, str]) -> str:
    """A target in words: `Deployment shop/api`, and what else names it in brackets."""
    where = f"{target['namespace']}/" if target.get("namespace") else ""
    kind = f"{target['kind']} " if target.get("kind") else ""
    more = ", ".join(f"{key} {value}" for key, value in target.items() if key not in _SHARED)
    return f"{kind}{where}{target.get('name', '')}{f' ({more})' if more else ''}"


def answers_to(target: Mapping[str, str], words: str) -> bool:
    """Whether somebody who says so means this target: its name, `namespace/name`, or all of it in words."""
    name = target.get("name", "")
    near = f"{target.get('namespace', '')}/{name}"
    return words.casefold() in (name.casefold(), near.casefold(), spoken(target).casefold())


def elsewhere(target: Mapping[str, str], changed: Target) -> str | None:
    """What a change works on, where that is not the run's target: where a key that both have says another thing."""
    said = {"kind": changed.kind, "namespace": changed.namespace, "name": changed.name}
    for key in _SHARED:
        mine, its = target.get(key), said[key]
        if mine and its and mine.casefold() != its.casefold():
            return f"changes {changed}, which is not this runbook's target {spoken(target)}"
    return None
