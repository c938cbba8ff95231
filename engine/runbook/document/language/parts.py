"""What a message template consists of: text, values, loops and choices.

Built by `jinja_messages` (or from braces alone), rendered by `document.message_templates`, checked by
`document.expression_types`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from runbook.document.language import tree


class Part(msgspec.Struct, frozen=True):
    """One part of a message."""


class Text(Part, frozen=True):
    """Text as it stands."""

    text: str


class Show(Part, frozen=True):
    """The text of an expression's value. `offset` is where the expression's own offsets count from."""

    node: tree.Node
    offset: int = 0


class Each(Part, frozen=True):
    """`{% for name in source %} body {% endfor %}`."""

    name: str
    source: tree.Node
    body: tuple[Part, ...]


class Branch(Part, frozen=True):
    """`{% if test %} then {% else %} otherwise {% endif %}`; an `elif` is a branch in `otherwise`."""

    test: tree.Node
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]


def references(parts: tuple[Part, ...]) -> Iterator[tuple[str, ...]]:
    """Every path from a free name; a loop's variable is not free in its body."""
    for part in parts:
        match part:
            case Show(node=node):
                yield from tree.references(node)
            case Each(name=name, source=source, body=body):
                yield from tree.references(source)
                yield from (path for path in references(body) if path[0] != name)
            case Branch(test=test, then=then, otherwise=otherwise):
                yield from tree.references(test)
                yield from references(then)
                yield from references(otherwise)
