"""Where no change may go, and when: the policy's `blast_radius` and `freeze`.

A limit is judged when a change is planned, and nothing overrides it. A freeze closes the gates of a window in
time; breaking the glass opens them. A limit that does not fit the change it is about (a bound on a value that
the plan does not have, a word that is not known here) refuses: what was meant to hold must not be passed in
silence.

    blast_radius:
      namespaces: {deny: ["kube-*"]}            allow or deny, by where the change goes; `*` is any text
      connections: {deny: [production-db]}
      kinds: {deny: [shell.run]}
      kubernetes.scale: {max_replicas: 50}      max_ or min_ of a value, by what the change sets
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from runbook.core.changes import Change
from runbook.document.model import Freeze, Policy

_PLACES: dict[str, Callable[[Change, str | None], tuple[str | None, ...]]] = {
    "namespaces": lambda change, _: (_namespace(change),),
    "connections": lambda change, default: (change.connection or default, change.target.connection),
    "kinds": lambda change, _: (change.kind,),
}


def refusal(change: Change, policy: Policy | None, default: str | None = None) -> str | None:
    """Why the policy's limits forbid this change; None when they do not.

    `default` is the connection of a step that names none.
    """
    for name, rule in (policy.blast_radius if policy else {}).items():
        if name in _PLACES:
            why = _misplaced(name, rule, _PLACES[name](change, default))
        elif "." not in name:
            why = f"`blast_radius.{name}` is not a limit that is known here"
        else:
            why = _out_of_bounds(rule, change) if name == change.kind else None
        if why is not None:
            return f"beyond the policy's limits: {why}"
    return None


def _namespace(change: Change) -> str | None:
    """Where a change goes; what is done to a namespace itself is done to all that is in it."""
    return change.target.namespace or (change.target.name if change.target.kind == "Namespace" else None)


def _misplaced(name: str, rule: Mapping[str, Any], found: tuple[str | None, ...]) -> str | None:
    here = [place for place in found if place is not None]
    for word, places in rule.items():
        if word not in ("deny", "allow") or not isinstance(places, list | tuple):
            return f"`{name}.{word}` is not a limit that is known here"
        met = [place for place in here if any(fnmatchcase(place, pattern) for pattern in places)]
        if word == "deny" and met:
            return f"{met[0]} is denied by `{name}`"
        if word == "allow" and here and not met:
            return f"{here[0]} is not allowed by `{name}`, which names {', '.join(places) or 'nothing'}"
    return None


def _out_of_bounds(rule: Mapping[str, Any], change: Change) -> str | None:
    for word, bound in rule.items():
        side, _, value_name = word.partition("_")
        if side not in ("max", "min") or not value_name or not _is_number(bound):
            return f"`{change.kind}.{word}` is not a limit that is known here"
        planned = _planned(value_name, change)
        if not planned or not all(_is_number(value) for value in planned):
            return f"`{change.kind}` has `{word}: {bound}`, and the plan does not say how many {value_name}"
        worst = max(planned) if side == "max" else min(planned)
        if (worst > bound) if side == "max" else (worst < bound):
            limit = "at most" if side == "max" else "at least"
            return f"{limit} {bound} {value_name} by {change.kind}, and this plan has {worst}"
    return None


def _planned(name: str, change: Change) -> list[Any]:
    """What a change makes of a value, by its name: as asked for, and as the touched fields say."""
    asked = [change.inputs[name]] if change.inputs.get(name) is not None else []
    fields = (field for field in change.fields if field.path.replace("/", ".").split(".")[-1] == name)
    return asked + [field.after for field in fields]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def frozen(policy: Policy | None, at: float) -> Freeze | None:
    """The freeze in force at an instant (epoch seconds); of several, the one that ends last."""
    now = [window for window in (policy.freeze if policy else ()) if _instant(window.starts) <= at]
    open_ = [window for window in now if at < _instant(window.ends)]
    return max(open_, key=lambda window: _instant(window.ends), default=None)


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
