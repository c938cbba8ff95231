"""The two ways in which an expression does not give a value.

ExpressionError   the author's: this text may not be used; said before anything runs
Unknown           the world's: the text is fine, what it asks for is not known
└── Missing       ... because there is no such key; the only doubt that `default` may settle
"""

from __future__ import annotations


class ExpressionError(ValueError):
    """A text that may not be used. `line` and `column` count from 1 within the text."""

    def __init__(self, message: str, *, line: int = 1, column: int = 1, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint

    @classmethod
    def at(cls, message: str, text: str, offset: int, hint: str | None = None) -> ExpressionError:
        """The error at a character offset of `text`; an offset beyond its end means its end."""
        line, column = place(text, offset)
        return cls(message, line=line, column=column, hint=hint)

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class Unknown(Exception):
    """Evaluation touched something that is not known; `reason` is a part of a sentence that says what."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Missing(Unknown):
    """There is no such key, entry or name, or what should hold it is null."""


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of a character offset."""
    before = text[: max(offset, 0)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
