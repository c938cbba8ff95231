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

_TEXT: Final = re.compile(  # of the server's own lexer: with backslashes, plain, a name, between dollars
    r"(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|"
    r"(?<![\w$])\$((?:[A-Za-z_]\w*)?)\$.*?\$\1\$",
    re.DOTALL,
)
_LINE: Final = re.compile(r"--[^\n]*")
_COMMENT: Final = re.compile(r"/\*|\*/")
_WORD: Final = re.compile(r"\s*([a-z]+)", re.IGNORECASE)
_PARTS: Final = re.compile(r"[()]|[^()\s]+")
_WRITES: Final = re.compile(r"\bDELETE FROM\b|(?<!\bDO )(?<!\bTHEN )\bUPDATE\b.*\bSET\b")  # not of an upsert or a MERGE
_BOUND: Final = re.compile(r"\bWHERE\b")
_WITHIN: Final = re.compile(r"\b(INSERT|MERGE) INTO\b|" + _WRITES.pattern)
_CHANGES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "CALL", "ANALYZE", "REFRESH", "WITH"})
_EXPLAINED: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "WITH"})
_ALONE: Final = frozenset({
    "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE", "EXECUTE", "DEALLOCATE",
    "VACUUM", "CLUSTER", "CHECKPOINT", "COPY", "LISTEN", "NOTIFY", "UNLISTEN", "SET", "RESET", "DISCARD", "DECLARE",
})  # fmt: skip
_NO_TRANSACTION: Final = re.compile(r"\b(CONCURRENTLY|CREATE\s+DATABASE|DROP\s+DATABASE|TABLESPACE)\b", re.IGNORECASE)


def verb(statement: str) -> str:
    """The first word, in capitals; "" where there is none."""
    found = _WORD.match(_bare(statement))
    return found[1].upper() if found else ""


def effect(statement: str) -> Effect:
    """What it does at least: whatever defines things, and writes without a bound, lose what no undo brings back.

    A bound is a WHERE of the writing itself, not one of a query within it or around it.
    """
    if verb(statement) not in _CHANGES:
        return Effect.DESTRUCTIVE
    unbounded = any(_WRITES.search(level) and not _BOUND.search(level) for level in _levels(statement))
    return Effect.DESTRUCTIVE if unbounded else Effect.CHANGE


def writes_within(statement: str) -> bool:
    """Whether a part of it writes, of which the server does not count the rows."""
    return any(_WITHIN.search(level) for level in _levels(statement)[:-1])


def refusal(statement: str) -> str | None:
    """Why it cannot be one transaction that is undone where it goes wrong; None where it can."""
    first = verb(statement)
    if first in _ALONE:
        return f"{first} is not a change that a transaction of its own can hold"
    outside = _NO_TRANSACTION.search(_bare(statement))
    if outside:
        return f"{outside.group().upper()} does not run within a transaction, so that it could not be undone or told"
    return None


def can_be_explained(statement: str) -> bool:
    """Whether the server can read it without executing it."""
    return verb(statement) in _EXPLAINED


def _levels(statement: str) -> list[str]:
    """What stands between each pair of parentheses, without what stands in further ones, and at last what is around."""
    levels: list[str] = []
    open_: list[list[str]] = [[]]
    for word in _PARTS.findall(_bare(statement).upper()):
        if word == "(":
            open_.append([])
        elif word == ")" and open_[1:]:
            levels.append(" ".join(open_.pop()))
            open_[-1].append(".")
        else:
            open_[-1].append(word)
    return [*levels, *(" ".join(words) for words in reversed(open_))]


def _bare(statement: str) -> str:
    """A statement without texts, quoted names and comments, which may stand within each other."""
    kept, at = [], 0
    while at < len(statement):
        if found := _TEXT.match(statement, at):
            kept.append("''")
            at = found.end()
        elif found := _LINE.match(statement, at):
            at = found.end()
        elif statement.startswith("/*", at):
            kept.append(" ")
            at = _after_comment(statement, at)
        else:
            kept.append(statement[at])
            at += 1
    return "".join(kept)


def _after_comment(statement: str, start: int) -> int:
    depth = 0
    for found in _COMMENT.finditer(statement, start):
        depth += 1 if found[0] == "/*" else -1
        if depth == 0:
            return found.end()
    return len(statement)


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
    text = f"{text.rstrip().rstrip(';')};"
    end = "SQL"
    while end in text.split("\n"):  # what stands behind it would be the shell's
        end += "_"
    line = shlex.join(["psql", "$DATABASE_URL", *given]).replace("'$DATABASE_URL'", '"$DATABASE_URL"')
    return f"{line} <<'{end}'\n{text}\n{end}"
