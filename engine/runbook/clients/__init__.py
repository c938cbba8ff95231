"""The only code that speaks to the outside: one module per type of connection, imported when one is opened.

A client is made by its module's `connect(settings, secret)`. It has `identity` (a stable name of the server,
without credentials: what targets and locks are named by) and `check(timeout) -> str` (one cheap read, said in
a line). Each maps the errors of its SDK to ours in one table, never retries by itself, always has a timeout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from runbook.errors import UsageError

TYPES: dict[str, str] = {
    "alertmanager": "runbook.clients.alertmanager",
    "http": "runbook.clients.http",
    "kubernetes": "runbook.clients.kubernetes",
    "prometheus": "runbook.clients.prometheus",
    "sql": "runbook.clients.sql",
    "ssh": "runbook.clients.ssh",
}
PINNED = frozenset({"kubernetes"})  # one place each, which can be another later: `elsewhere(identity)` says so


def connect(type_: str, settings: Mapping[str, Any], secret: Callable[[Any], str]) -> Any:
    """The client of a connection; `secret` resolves references in settings. UsageError for unknown types."""
    path = TYPES.get(type_)
    if path is None:
        raise UsageError(f"unknown connection type {type_!r}", hint=_nearest(type_))
    return import_module(path).connect(settings, secret)


def _nearest(type_: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(type_, TYPES, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(TYPES)}"
