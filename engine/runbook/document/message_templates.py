"""Message templates: what people are told. The only texts that may hold `{% for %}` and `{% if %}`.

A message must go out at night, so what is not known becomes the word `unknown` in it, and the reasons are
given beside the text. At most 1,000 rounds of loops and 64 KiB: beyond that there is no message, but Unknown.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from functools import lru_cache

from runbook.document.expressions import LONGEST_TEMPLATE, Expression, ExpressionError, Unknown, parse_inner
from runbook.document.language import values
from runbook.document.language.braces import Hole, split
from runbook.document.language.compiler import Run, compiled
from runbook.document.language.parts import Branch, Each, Part, Show, Text, references

__all__ = ["MessageTemplate", "message_template"]

MOST_ROUNDS = 1_000
LONGEST_MESSAGE = 64 * 1024

Scope = Mapping[str, object]
_Write = Callable[["_Rendering", Scope], None]


class MessageTemplate:
    """One message text, immutable and cached by it. `references` leaves out the variables of its loops."""

    __slots__ = ("_write", "parts", "references", "text")

    def __init__(self, text: str, parts: tuple[Part, ...]) -> None:
        self.text = text
        self.parts = parts
        self.references = frozenset(references(parts))
        self._write: _Write | None = None

    def render(self, scope: Scope) -> tuple[str, list[str]]:
        """The text, and why each `unknown` in it is one (each reason once). Unknown beyond the limits."""
        if self._write is None:
            self._write = _sequence(self.parts)
        rendering = _Rendering()
        try:
            self._write(rendering, scope)
        except RecursionError:
            raise Unknown("the data is nested too deeply") from None
        return "".join(rendering.written), list(rendering.unknowns)


@lru_cache(maxsize=512)
def message_template(text: str) -> MessageTemplate:
    """The template of a message; ExpressionError, with line and column, when it may not be used."""
    if len(text) > LONGEST_TEMPLATE:
        raise ExpressionError(f"a message template is longer than {LONGEST_TEMPLATE} characters")
    if "{%" in text or "{#" in text:
        from runbook.document.language import jinja_messages

        return MessageTemplate(text, jinja_messages.read(text))
    return MessageTemplate(text, tuple(_plain_part(piece, text) for piece in split(text)))


def _plain_part(piece: str | Hole, whole: str) -> Part:
    if isinstance(piece, str):
        return Text(piece)
    expression: Expression = piece.read(parse_inner, whole)
    return Show(expression.tree, piece.offset)


class _Rendering:
    """What has been written so far, and the budgets."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.unknowns: dict[str, None] = {}
        self._bytes = 0
        self._rounds = 0

    def write(self, text: str) -> None:
        self._bytes += len(text.encode("utf-8", "surrogatepass"))
        if self._bytes > LONGEST_MESSAGE:
            raise _TooMuch("message longer than 64 KiB")
        self.written.append(text)

    def count_round(self) -> None:
        self._rounds += 1
        if self._rounds > MOST_ROUNDS:
            raise _TooMuch("message loops more than 1,000 times")

    def doubt(self, unknown: Unknown) -> None:
        self.unknowns[unknown.reason] = None
        self.write("unknown")


class _TooMuch(Unknown):
    """A budget of the message is used up; unlike other doubts it ends the rendering."""


def _sequence(parts: tuple[Part, ...]) -> _Write:
    writers = [_writer(part) for part in parts]

    def write(rendering: _Rendering, scope: Scope) -> None:
        for writer in writers:
            writer(rendering, scope)

    return write


def _writer(part: Part) -> _Write:
    match part:
        case Text(text=text):
            return lambda rendering, _: rendering.write(text)
        case Show(node=node):
            return _show(compiled(node))
        case Each(name=name, source=source, body=body):
            return _each(name, compiled(source), _sequence(body))
        case Branch(test=test, then=then, otherwise=otherwise):
            return _branch(compiled(test), _sequence(then), _sequence(otherwise))
    raise TypeError(f"no writer for {type(part).__name__}")


def _show(run: Run) -> _Write:
    def write(rendering: _Rendering, scope: Scope) -> None:
        try:
            text = values.text(run(scope))
        except Unknown as unknown:
            rendering.doubt(unknown)
        else:
            rendering.write(text)

    return write


def _each(name: str, source: Run, body: _Write) -> _Write:
    def write(rendering: _Rendering, scope: Scope) -> None:
        try:
            entries = values.entries(source(scope))
        except Unknown as unknown:
            rendering.doubt(unknown)
            return
        for entry in entries:
            rendering.count_round()
            body(rendering, ChainMap({name: entry}, scope))  # type: ignore[arg-type]  # only read, never written

    return write


def _branch(test: Run, then: _Write, otherwise: _Write) -> _Write:
    """An unknown condition writes `unknown`: either branch would be a guess."""

    def write(rendering: _Rendering, scope: Scope) -> None:
        try:
            chosen = then if values.truth(test(scope)) else otherwise
        except Unknown as unknown:
            rendering.doubt(unknown)
            return
        chosen(rendering, scope)

    return write
