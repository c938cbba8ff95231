"""PromQL as rules see it: what a query selects, and what can become of its answer. Parsed, never asked.

    read('sum(up{job="{{ params.job }}"} == 0)').filters     the comparison, which leaves no series when all are up

A template stands for text, a duration, a number or a vector, whichever makes the query parse; a query that is nothing
but a template has no reading. Each distinct text is parsed once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Final

from runbook.document.expressions import ExpressionError
from runbook.document.language.braces import Hole, split
from runbook.lint.contents.promql_trees import Query, put_back, query_of

_MARK: Final = "zz{}hole"
_QUOTED: Final = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(?P<plain>[^"'`]+)""", re.DOTALL)
_BRACKETS: Final = re.compile(r"[()\[\]{}]")
_LONGEST: Final = 4096  # characters; the parser's time grows with their square
_DEEPEST: Final = 64  # brackets; of some hundred thousand the parser dies, and takes the process with it
_MOST_GUESSES: Final = 16


@lru_cache(maxsize=4096)
def read(text: str) -> Query | None:
    """What a query says; None where it is a template as a whole, or one that cannot be read, or too much to read."""
    if len(text) > _LONGEST or _depth(text) > _DEEPEST:
        return None
    try:
        pieces: list[str | Hole] = list(split(text)) if "{{" in text else [text]
    except ExpressionError:
        return None
    if not any(isinstance(piece, str) and piece.strip() for piece in pieces):
        return None
    holes = {_MARK.format(i): piece.text for i, piece in enumerate(pieces) if isinstance(piece, Hole)}
    import promql_parser

    error = ""
    for guess in _guesses(pieces):
        try:
            tree = promql_parser.parse(guess)
        except ValueError as problem:
            error = error or str(problem)
        else:
            try:
                return query_of(tree, holes)
            except RecursionError:  # a thousand signs or operators in a row
                return None
    return Query(error=put_back(error, holes))


def where(text: str, words: str) -> tuple[int, int] | None:
    """Line and column, from 1, at which a query has these words outside of its quotes; None where it has not."""
    for found in _QUOTED.finditer(text):
        inside = found["plain"].find(words) if found["plain"] else -1
        if inside >= 0:
            return _place(text, found.start() + inside)
    return None


def unclosed(text: str) -> tuple[int, int] | None:
    """Line and column of the last bracket outside of quotes that is never closed."""
    opened: list[int] = []
    for found in _QUOTED.finditer(text):
        for bracket in _BRACKETS.finditer(text, found.start(), found.end()) if found["plain"] else ():
            if bracket[0] in "([{":
                opened.append(bracket.start())
            elif opened:
                opened.pop()
    return _place(text, opened[-1]) if opened else None


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _guesses(pieces: list[str | Hole]) -> Iterator[str]:
    """The query with something in the place of each template: within quotes and brackets it is plain what."""
    choices: list[tuple[str, ...]] = []
    before = ""
    for i, piece in enumerate(pieces):
        if isinstance(piece, str):
            choices.append((piece,))
            before += piece
            continue
        mark = _MARK.format(i)
        quoted, bracketed = _context(before)
        if quoted:
            choices.append((mark,))
        elif bracketed or before.rstrip().endswith(("offset", "offset -")):
            choices.append(("5m", mark))
        else:
            choices.append((mark, "1"))
        before += mark
    for number, chosen in enumerate(product(*choices)):
        if number >= _MOST_GUESSES:
            return
        yield "".join(chosen)


def _depth(text: str) -> int:
    """How deep its brackets are within each other, at most; those within quotes count too."""
    deepest = depth = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    return deepest


def _context(before: str) -> tuple[bool, bool]:
    """Whether a place is within quotes, and whether within the brackets of a range."""
    quote, depth, escaped = "", 0, False
    for character in before:
        if escaped:
            escaped = False
        elif quote:
            escaped = character == "\\" and quote != "`"
            quote = "" if character == quote else quote
        elif character in "\"'`":
            quote = character
        else:
            depth += (character == "[") - (character == "]")
    return bool(quote), depth > 0
