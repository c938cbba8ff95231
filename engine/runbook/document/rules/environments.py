"""Environments of a configuration: one default at most, and values that everybody may read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from runbook.document.environments import EVERY
from runbook.document.model import Config
from runbook.document.rules.credentials import PASSWORD
from runbook.document.rules.walk import Checked, Pointer

if TYPE_CHECKING:
    from runbook.document.findings import Finding

_REFERENCE: Final = frozenset({"env", "file", "command"})
_SECRET: Final = re.compile(r"(^|_)(password|passwd|secret|token|credentials?|api_?key|private_?key)$")
_HINT: Final = "put it into a connection, or into a parameter with 'secret: true'"


def one_default(doc: Checked) -> Iterator[Finding]:
    """At most one environment is taken without being named; and none has the name that means all of them."""
    assert isinstance(doc.document, Config)  # noqa: S101
    defaults = [environment.name for environment in doc.document.environments if environment.default]
    for name in defaults[1:]:
        message = f"'{defaults[0]}' and '{name}' are both the default environment"
        yield doc.source.finding(("environments", name, "default"), "RB046", message, "leave one of them")
    if EVERY in (environment.name for environment in doc.document.environments):
        message = f"an environment cannot be called '{EVERY}'"
        hint = f"'--env {EVERY}' means every environment; give it another name"
        yield doc.source.finding(("environments", EVERY), "RB046", message, hint, key=True)


def open_values(doc: Checked) -> Iterator[Finding]:
    """Values are recorded and shown as they stand, so none is a secret, nor says where one is read from."""
    for name, environment in doc.source.data.get("environments", {}).items():
        yield from _within(doc, environment.get("values", {}), ("environments", name, "values"))


def _within(doc: Checked, data: Any, pointer: Pointer) -> Iterator[Finding]:
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        place = (*pointer, key)
        if isinstance(value, dict) and len(value) == 1 and value.keys() <= _REFERENCE:
            message = f"'{key}' refers to a secret, and values of an environment are never secret"
            yield doc.source.finding(place, "RB049", message, _HINT)
        elif isinstance(value, str) and PASSWORD.match(value):
            message = f"the address '{key}' holds a password, and values of an environment are recorded and shown"
            yield doc.source.finding(place, "RB049", message, _HINT)
        elif isinstance(value, str) and isinstance(key, str) and _SECRET.search(key.lower()):
            message = f"'{key}' looks like a secret, and values of an environment are recorded and shown"
            yield doc.source.finding(place, "RB049", message, _HINT)
        else:
            yield from _within(doc, value, place)
