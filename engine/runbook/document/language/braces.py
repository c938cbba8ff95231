"""Finds `{{ … }}` in a text, as Jinja's lexer would: quotes and brackets inside are respected.

    "up to {{ n }}"  →  "up to ", Hole(offset=9, text="n")

Knows nothing of what stands inside. `{{-` and `-}}` take the white space beside them away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from runbook.document.language.errors import ExpressionError, place
from runbook.document.language.foreign import foreign

_INSIDE = re.compile(
    r"""(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<open>[(\[{])|(?P<end>-?\}\})|(?P<close>[)\]}])|(?P<quote>['"])""",
    re.DOTALL | re.VERBOSE,
)

_Read = TypeVar("_Read")


class Hole(msgspec.Struct, frozen=True):
    """What stands between two pairs of braces, and at which offset of the whole text."""

    offset: int
    text: str

    def read(self, parse: Callable[[str], _Read], whole: str) -> _Read:
        """`parse` of the text inside; its errors are moved to where they stand in the whole."""
        try:
            return parse(self.text)
        except ExpressionError as error:
            error = foreign(self.text) or error
            line, column = place(whole, self.offset)
            if error.line == 1:
                error = ExpressionError(error.message, line=line, column=column + error.column - 1, hint=error.hint)
            else:
                error = ExpressionError(error.message, line=line + error.line - 1, column=error.column, hint=error.hint)
            raise error from None


def split(text: str) -> Iterator[str | Hole]:
    """Plain texts (never empty) and holes, in order; ExpressionError where braces are never closed."""
    start, strip = 0, False
    while (opened := text.find("{{", start)) >= 0:
        inside = opened + 2
        plain = text[start:opened]
        plain = plain.lstrip() if strip else plain
        if text[inside : inside + 1] in ("-", "+"):
            plain = plain.rstrip() if text[inside] == "-" else plain
            inside += 1
        if plain:
            yield plain
        closing = _closing(text, inside)
        if closing is None:
            hint = "to write the braces themselves: {{ '{{' }}"
            raise ExpressionError.at("'{{' is never closed by '}}'", text, opened, hint)
        content = text[inside : closing.start()]
        yield Hole(inside + len(content) - len(content.lstrip()), content.strip())
        start, strip = closing.end(), closing[0].startswith("-")
    rest = text[start:].lstrip() if strip else text[start:]
    if rest:
        yield rest


def _closing(text: str, start: int) -> re.Match[str] | None:
    """The `}}` that ends the hole begun before `start`: the first outside of quotes and brackets."""
    depth = 0
    while (found := _INSIDE.search(text, start)) is not None:
        start = found.end()
        if found.lastgroup == "open":
            depth += 1
        elif found.lastgroup == "end" and depth == 0:
            return found
        elif found.lastgroup == "quote":
            hint = "a string ends with the quote that it began with"
            raise ExpressionError.at("a string is never closed", text, found.start(), hint)
        elif found.lastgroup in ("close", "end"):
            # Inside brackets `}}` is two closing ones: take one, and look at the other again.
            depth = max(depth - 1, 0)
            start = found.start() + len(found[0].rstrip("}")) + 1
    return None
