"""Templates in values: strings of `with`, `env` and `message` that may hold `{{ expression }}`.

A string that is exactly one `{{ … }}` keeps the type of its value; otherwise each value becomes text. What a
template yields is data and is never rendered again. Only `{{` is a mark here: `{%` is refused, so that no
statement is silently text, and `{#` is plain text, as in `${#list[@]}`. Messages, which may loop, are in
`message_templates`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from runbook.document.expressions import LONGEST_TEMPLATE, Expression, ExpressionError, Unknown, parse_inner
from runbook.document.language import values
from runbook.document.language.braces import Hole, split
from runbook.document.message_templates import MessageTemplate, message_template
from runbook.document.model import Value

__all__ = ["MessageTemplate", "Template", "message_template", "references_of", "render_value", "template"]

Part = str | tuple[int, Expression]


class Template:
    """One string, immutable and cached by its text. `is_constant`: it holds no expression.

    `parts` are plain texts and expressions, each expression with the offset in the text where it begins.
    """

    __slots__ = ("is_constant", "only", "parts", "references", "text")

    def __init__(self, text: str, parts: tuple[Part, ...]) -> None:
        expressions = [part[1] for part in parts if not isinstance(part, str)]
        self.text = text
        self.parts = parts
        self.references = frozenset(path for expression in expressions for path in expression.references)
        self.is_constant = not expressions
        self.only = expressions[0] if expressions and len(parts) == 1 else None

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    def render(self, scope: Mapping[str, object]) -> object:
        """The value, as plain data of its own; Unknown when any part of it is not known."""
        try:
            if self.only is not None:
                return values.plain(self.only.evaluate(scope))
            return "".join(_text(part, scope) for part in self.parts)
        except RecursionError:
            raise Unknown("the data is nested too deeply") from None


def _text(part: Part, scope: Mapping[str, object]) -> str:
    return part if isinstance(part, str) else values.text(part[1].evaluate(scope))


@lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """The template of a string value; ExpressionError, with line and column, when it may not be used."""
    if "{{" not in text and "{%" not in text:
        return Template(text, (text,) if text else ())
    if len(text) > LONGEST_TEMPLATE:
        raise ExpressionError(f"a template is longer than {LONGEST_TEMPLATE} characters")
    return Template(text, tuple(_parts(text)))


def _parts(text: str) -> Iterator[Part]:
    read = 0
    for piece in split(text):
        if isinstance(piece, Hole):
            yield piece.offset, piece.read(parse_inner, text)
            read = piece.offset + len(piece.text)
            continue
        if "{%" in piece:
            hint = "a value may hold {{ }} only; to write the mark itself: {{ '{%' }}"
            raise ExpressionError.at("statements are not available in a value", text, text.index("{%", read), hint)
        yield piece


def render_value(value: Value, scope: Mapping[str, object]) -> Value:
    """The value with every string in it rendered, deep; keys and everything else stand as they are."""
    if isinstance(value, str):
        return template(value).render(scope)
    if isinstance(value, Mapping):
        return {key: render_value(entry, scope) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [render_value(entry, scope) for entry in value]
    return value


def references_of(value: Value) -> frozenset[tuple[str, ...]]:
    """Every reference of every string in the value, deep."""
    if isinstance(value, str):
        return template(value).references
    if isinstance(value, Mapping):
        return frozenset().union(*map(references_of, value.values()))
    if isinstance(value, list | tuple):
        return frozenset().union(*map(references_of, value))
    return frozenset()
