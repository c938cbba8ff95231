"""Expressions of documents: `when`, `expect`, and what stands inside `{{ … }}`.

    parse("value > 0.05").truth({"value": 0.12})        True
    parse("steps.x.value > 1").truth(scope)             raises Unknown when step x has no answer

Only text from a reviewed file is ever parsed; what an expression yields is data and is never parsed again.
Parsing gives the tree and its references; the closure is made when a text is first evaluated, once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from runbook.document.language import shortcut
from runbook.document.language.compiler import Run, compiled
from runbook.document.language.errors import ExpressionError, Missing, Unknown
from runbook.document.language.tree import Node, references
from runbook.document.language.values import truth

__all__ = [
    "LONGEST_EXPRESSION",
    "LONGEST_TEMPLATE",
    "Expression",
    "ExpressionError",
    "Missing",
    "Unknown",
    "parse",
    "parse_inner",
]

LONGEST_EXPRESSION = 1024
LONGEST_TEMPLATE = 8 * 1024

_BRACES = re.compile(r"\{\{|\{%")
_STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


class Expression:
    """One expression, immutable and cached by its text.

    `references` are the dotted paths from free names, as far as their constant keys go:
    `("steps", "history", "latest", "age_seconds")`, `("value",)`.
    """

    __slots__ = ("_run", "references", "text", "tree")

    def __init__(self, text: str, tree: Node) -> None:
        self.text = text
        self.tree = tree
        self.references = frozenset(references(tree))
        self._run: Run | None = None

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, scope: Mapping[str, object]) -> object:
        """The value over a scope of JSON data or read-only maps; Unknown, with a reason, if there is none."""
        run = self._run
        if run is None:
            run = self._run = compiled(self.tree)
        try:
            return run(scope)
        except RecursionError:
            raise Unknown("the data is nested too deeply") from None

    def truth(self, scope: Mapping[str, object]) -> bool:
        """Jinja's truth of the value: null, false, zero and what is empty are false."""
        return truth(self.evaluate(scope))


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """The expression of a bare text; ExpressionError, with line and column, when it may not be used."""
    # `{{` is found outside of strings only; the length comes first, so that looking is bounded.
    braces = None if len(text) > LONGEST_EXPRESSION else _BRACES.search(_STRINGS.sub(_blanked, text))
    if braces:
        hint = "write the expression without braces"
        raise ExpressionError.at("braces inside an expression", text, braces.start(), hint)
    return parse_inner(text)


def _blanked(string: re.Match[str]) -> str:
    return "_" * len(string[0])


@lru_cache(maxsize=4096)
def parse_inner(text: str) -> Expression:
    """As `parse`, for the text between the braces of a template."""
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(f"an expression is longer than {LONGEST_EXPRESSION} characters")
    node = shortcut.read(text)
    if node is None:
        from runbook.document.language import jinja

        node = jinja.read(text)
    return Expression(text, node)
