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


class Finding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One finding. `line` and `column` count from 1; `hint` says what to do next."""

    path: str
    line: int
    column: int
    code: str
    message: str
    severity: Severity = Severity.ERROR
    hint: str | None = None

    def __str__(self) -> str:
        tail = f"; {self.hint}" if self.hint else ""
        return f"{self.path}:{self.line}:{self.column}: {self.code}: {self.message}{tail}"
