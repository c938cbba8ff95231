"""What is wrong with a document, where, and what to do about it.

A finding is data: text, JSON, SARIF and the rest are drawn from it elsewhere.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """How much a finding matters: an `error` makes the document unusable, a `warning` does not."""

    ERROR = "error"
    WARNING = "warning"


class Edit(msgspec.Struct, frozen=True, order=True):
    """A piece of a file's text, by its indices, that `text` takes the place of; `was` is what stands there now."""

    start: int
    end: int
    was: str
    text: str


class Finding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One finding. `line` and `column` count from 1; `hint` says what to do next.

    `fix` is what mends it, where that is safe to do unseen.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    severity: Severity = Severity.ERROR
    hint: str | None = None
    fix: tuple[Edit, ...] = ()

    def __str__(self) -> str:
        tail = f"; {self.hint}" if self.hint else ""
        return f"{self.path}:{self.line}:{self.column}: {self.code}: {self.message}{tail}"
