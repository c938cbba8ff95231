"""What the text of a statement says of itself, without a server: what it does first, and whether it has a bound.

A guess may only err towards danger: what is not recognised is held to lose data.
"""

from __future__ import annotations

import re
from typing import Any, Final

from runbook.document.words import Effect

VALUES: Final[dict[str, Any]] = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z_][a-z0-9_]*$"},
    "additionalProperties": {"type": ["string", "integer", "number", "boolean", "null"]},
    "description": "Values for the statement, by name; they never become part of its text.",
    "examples": [{"state": "stuck"}],
}

_SKIPPED: Final = re.compile(r"\s+|--[^\n]*(?:\n|$)|/\*.*?\*/", re.DOTALL)
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD: Final = re.compile(r"[a-z]+", re.IGNORECASE)
_BOUNDED: Final = frozenset({"UPDATE", "DELETE"})
_CHANGES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "CALL", "ANALYZE", "REFRESH"})
_EXPLAINED: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "WITH"})
_ALONE: Final = frozenset({
    "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE", "EXECUTE", "DEALLOCATE",
    "VACUUM", "CLUSTER", "CHECKPOINT", "COPY", "LISTEN", "NOTIFY", "UNLISTEN", "SET", "RESET", "DISCARD", "DECLARE",
})  # fmt: skip
_NO_TRANSACTION: Final = re.compile(r"\b(CONCURRENTLY|CREATE\s+DATABASE|DROP\s+DATABASE|TABLESPACE)\b", re.IGNORECASE)


def verb(statement: str) -> str:
    """The first word, in capitals; "" where there is none."""
    at = 0
    while skipped := _SKIPPED.match(statement, at):
        at = skipped.end()
    found = _WORD.match(statement, at)
    return found.group().upper() if found else ""


def effect(statement: str) -> Effect:
    """What it does at least: whatever defines things, and writes without a bound, lose what no undo brings back."""
    first, bare = verb(statement), _QUOTED.sub("''", statement).upper()
    if first == "WITH":
        inner = {word for word in ("UPDATE", "DELETE") if re.search(rf"\b{word}\b", bare)}
        return Effect.DESTRUCTIVE if inner and not re.search(r"\bWHERE\b", bare) else Effect.CHANGE
    if first not in _CHANGES:
        return Effect.DESTRUCTIVE
    unbounded = first in _BOUNDED and not re.search(r"\bWHERE\b", bare)
    return Effect.DESTRUCTIVE if unbounded else Effect.CHANGE


def refusal(statement: str) -> str | None:
    """Why it cannot be one transaction that is undone where it goes wrong; None where it can."""
    first = verb(statement)
    if first in _ALONE:
        return f"{first} is not a change that a transaction of its own can hold"
    outside = _NO_TRANSACTION.search(_QUOTED.sub("''", statement))
    if outside:
        return f"{outside.group().upper()} does not run within a transaction, so that it could not be undone or told"
    return None


def can_be_explained(statement: str) -> bool:
    """Whether the server can read it without executing it."""
    return verb(statement) in _EXPLAINED


def one_line(statement: str, most: int = 100) -> str:
    """For people."""
    text = " ".join(statement.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def psql(statement: str, values: dict[str, Any]) -> str:
    """The line that a person would type; values are put in where they stand, quoted by psql."""
    import shlex

    text = statement
    if values:  # only then is `%%` a `%`
        text = re.sub(r"%\((\w+)\)s|%%", lambda found: f":'{found[1]}'" if found[1] else "%", statement)
    given = [word for name, value in values.items() for word in ("-v", f"{name}={'' if value is None else value}")]
    return shlex.join(["psql", "$DATABASE_URL", *given]).replace("'$DATABASE_URL'", '"$DATABASE_URL"') + (
        f" <<'SQL'\n{text.rstrip().rstrip(';')};\nSQL"
    )
