"""Credentials stand in documents by reference only: documents are read in pull requests, logs and chats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from runbook.document.rules.walk import Checked, Pointer

if TYPE_CHECKING:
    from runbook.document.findings import Finding

PASSWORD: Final = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#\s]*:[^/?#\s]+@", re.IGNORECASE)
_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token"})
_HINT: Final = "write {env: NAME}, {file: PATH} or {command: […]}"


def by_reference(doc: Checked) -> Iterator[Finding]:
    """No password in an address, no credential in a header."""
    store = doc.source.data.get("store")
    if isinstance(store, str) and PASSWORD.match(store):
        message = "the address of the store holds a password"
        hint = "leave it out; PostgreSQL reads it from PGPASSWORD or ~/.pgpass"
        yield doc.source.finding(("store",), "RB049", message, hint)
    for section in ("connections", "channels"):
        yield from _within(doc, doc.source.data.get(section, {}), (section,))
    for name, environment in doc.source.data.get("environments", {}).items():
        yield from _within(doc, environment.get("connections", {}), ("environments", name, "connections"))


def _within(doc: Checked, data: Any, pointer: Pointer) -> Iterator[Finding]:
    for key, value in data.items() if isinstance(data, dict) else ():
        place = (*pointer, key)
        if not isinstance(value, str):
            yield from _within(doc, value, place)
        elif pointer[-1] == "headers" and key.lower() in _HEADERS:
            yield doc.source.finding(place, "RB049", f"the header '{key}' holds a credential", _HINT)
        elif PASSWORD.match(value):
            yield doc.source.finding(place, "RB049", f"the address '{key}' holds a password", _HINT)
