"""Message templates by Jinja's parser, held to `for` and `if`. Imported when a message has a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jinja2 import nodes

from runbook.document.language.errors import ExpressionError
from runbook.document.language.jinja import DEEPEST, Reader
from runbook.document.language.parts import Branch, Each, Part, Show, Text


def read(text: str) -> tuple[Part, ...]:
    """The parts of a message; ExpressionError for statements other than `for` and `if`."""
    reader = Reader(text, "the message")
    return tuple(_parts(reader, reader.parsed(lambda parser: parser.parse()).body, 0))


def _parts(reader: Reader, parsed: Sequence[nodes.Node], depth: int) -> Iterator[Part]:
    if depth > DEEPEST:
        raise ExpressionError(f"the message is nested deeper than {DEEPEST} levels")
    for node in parsed:
        match node:
            case nodes.Output(nodes=shown):
                yield from (_shown(reader, part) for part in shown)
            case nodes.For():
                yield _each(reader, node, depth)
            case nodes.If(test=test, body=body, elif_=more, else_=otherwise):
                # Jinja keeps `elif`s as a list beside each other; nested they need no rule of their own.
                for branch in reversed(more):
                    otherwise = [nodes.If(branch.test, branch.body, [], otherwise, lineno=branch.lineno)]
                then = tuple(_parts(reader, body, depth + 1))
                yield Branch(reader.expression(test), then, tuple(_parts(reader, otherwise, depth + 1)))
            case _:
                raise reader.refusal(node)


def _shown(reader: Reader, node: nodes.Node) -> Part:
    return Text(node.data) if isinstance(node, nodes.TemplateData) else Show(reader.expression(node))


def _each(reader: Reader, node: nodes.For, depth: int) -> Each:
    plain = isinstance(node.target, nodes.Name) and not (node.else_ or node.test or node.recursive)
    if not plain or not isinstance(node.target, nodes.Name):
        at = node.lineno or 0
        raise reader.error("a loop has one variable, and no else or if", at, "{% for row in rows %} … {% endfor %}")
    name = reader.name(node.target.name, node.target.lineno or 0)
    return Each(name, reader.expression(node.iter), tuple(_parts(reader, node.body, depth + 1)))
