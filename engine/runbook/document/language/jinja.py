"""Text to tree by Jinja's lexer and parser, held to the allow-list. Imported when `shortcut` cannot read it.

Only the grammar is used: nothing is compiled to Python and nothing of Jinja's runtime runs. Jinja's tokens
know their line only; its parser is fed tokens whose `lineno` is the character offset, so that every node
and every error can be pointed at exactly.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from typing import TypeVar

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from runbook.document.language import tree
from runbook.document.language.errors import ExpressionError
from runbook.document.language.filters import FILTERS, TESTS
from runbook.document.language.shortcut import RESERVED
from runbook.document.language.values import EXACT

DEEPEST = 32

_COMPARISONS = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "lteq": "<=",
    "gt": ">",
    "gteq": ">=",
    "in": "in",
    "notin": "not in",
}
_REFUSED: dict[type[nodes.Node], tuple[str, str]] = {
    nodes.Call: ("calls are not available", "use a filter, such as `value | length`"),
    nodes.Concat: ("'~' is not available", "join strings with '+', after `| string` where needed"),
    nodes.Pow: ("'**' is not available", "only + - * / calculate"),
    nodes.FloorDiv: ("'//' is not available", "write `(a / b) | int`"),
    nodes.Mod: ("'%' is not available", "only + - * / calculate"),
    nodes.Slice: ("slices are not available", "take one entry, such as [0] or [-1]"),
    nodes.Tuple: ("tuples are not available", "write a list: [a, b]"),
}
_SLIPS = {
    "=": "to compare, write ==",
    "&": "write `and`",
    "|": "`|` stands before a filter; between two conditions write `or`",
    "!": "write `not`",
    ".": "a name comes first; the braces of another tool are written {{ '{{' }}",
    "?": "write `a if b else c`",
    "$": "names stand alone, such as params.namespace",
    "'": "a string ends with the quote that it began with",
    '"': "a string ends with the quote that it began with",
}
_STATEMENTS = "statements are {% for x in list %} … {% endfor %} and {% if %} {% elif %} {% else %} {% endif %}"
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_KNOWN_ESCAPES = "\\'\"nrt"
_WORD = re.compile(r"\w+|\S")

_Read = TypeVar("_Read")


def read(text: str) -> tree.Node:
    """The tree of one expression; ExpressionError for anything that is not one, or is not allowed."""

    def whole(parser: Parser) -> nodes.Expr:
        parsed = parser.parse_expression()
        if not parser.stream.eos:
            parser.fail("something follows the expression")
        return parsed

    reader = Reader(text)
    return reader.expression(reader.parsed(whole, state="variable"))


@cache
def _environment() -> Environment:
    # A line that holds only a statement leaves no line in a message: that is what people mean by it.
    return Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)  # noqa: S701 - only its parser


class Reader:
    """One text on its way to a tree; knows the text so that refusals can say where."""

    def __init__(self, text: str, noun: str = "the expression") -> None:
        self._text = text
        self._noun = noun
        self._offset = 0
        self._read_whole = False
        self._open = 0

    def parsed(self, parse: Callable[[Parser], _Read], state: str | None = None) -> _Read:
        """What `parse` makes of Jinja's parser over this text; its errors, reworded, as ExpressionError."""
        lexer = _environment().lexer
        parser = Parser(_environment(), "")
        try:
            parser.stream = TokenStream(lexer.wrap(self._tokens(state)), None, None)
            return parse(parser)
        except ExpressionError:
            raise
        except TemplateSyntaxError as error:
            ended = self._read_whole and parser.stream.current.type == "eof"
            raise self._reworded(len(self._text) if ended else error.lineno) from None
        except RecursionError:
            raise self._too_deep(0) from None
        except ValueError:  # an integer with more digits than Python reads
            raise self.error("a number is too large", self._offset) from None

    def _tokens(self, state: str | None) -> Iterator[tuple[int, str, str]]:
        """Jinja's raw tokens, each with its offset in place of its line."""
        raw = iter(_environment().lexer.tokeniter(self._text, None, None, state))
        end = 0
        while True:
            try:
                _, kind, value = next(raw)
            except StopIteration:
                self._read_whole = True
                return
            except TemplateSyntaxError:
                raise self._reworded(end) from None
            # Whitespace that Jinja strips beside a tag is in no token, so the next one is looked for.
            self._offset = max(self._text.find(value, end), end)
            if kind == "string":
                self._check_escapes(value)
            elif kind == "operator":
                self._count_brackets(value)
            yield self._offset, kind, value
            end = self._offset + len(value)

    def _count_brackets(self, sign: str) -> None:
        """Parentheses leave no node behind, so their depth is counted here."""
        self._open += (sign in "([{") - (sign in ")]}")
        if self._open > DEEPEST:
            raise self._too_deep(self._offset)

    def _check_escapes(self, string: str) -> None:
        """Python warns of an unknown escape until it becomes an error; it is refused here instead."""
        for escape in _ESCAPE.finditer(string):
            if escape[1] not in _KNOWN_ESCAPES:
                hint = "write the backslash twice"
                raise self.error(f"unknown escape '{escape[0]}' in a string", self._offset + escape.start(), hint)

    def expression(self, parsed: nodes.Node, depth: int = 0) -> tree.Node:
        """The tree of a parsed expression; ExpressionError for a node that is not on the allow-list."""
        at = parsed.lineno or 0
        if depth > DEEPEST:
            raise self._too_deep(at)

        def inner(child: nodes.Node) -> tree.Node:
            return self.expression(child, depth + 1)

        match parsed:
            case nodes.Const(value=value):
                return self._constant(value, at)
            case nodes.Name(name=name):
                return self._name(name, at)
            case nodes.Getattr(node=base, attr=key):
                return tree.Item(at + 1, inner(base), tree.Constant(at + 1, self._key(key, at + 1)))
            case nodes.Getitem(node=base, arg=key):
                return tree.Item(at + 1, inner(base), inner(key))
            case nodes.Compare(expr=left, ops=ops):
                first = inner(left)
                return tree.Compare(first.at, first, tuple((_COMPARISONS[op.op], inner(op.expr)) for op in ops))
            case nodes.And() | nodes.Or():
                parts = tuple(map(inner, _operands(parsed)))
                return tree.Junction(parts[0].at, isinstance(parsed, nodes.Or), parts)
            case nodes.Not(node=operand):
                return tree.Not(at, inner(operand))
            case nodes.Neg(node=nodes.Const(value=int() | float() as value)) if not isinstance(value, bool):
                return self._constant(-value, at)
            case nodes.Neg(node=operand) | nodes.Pos(node=operand):
                return tree.Sign(at, parsed.operator, inner(operand))
            case nodes.Add() | nodes.Sub() | nodes.Mul() | nodes.Div():
                start = inner(parsed.left)
                return tree.Arithmetic(start.at, parsed.operator, start, inner(parsed.right))
            case nodes.CondExpr(test=test, expr1=then, expr2=otherwise):
                if otherwise is None:
                    raise self.error("a choice without else has no value when its condition is false", at)
                return tree.Choice(at, inner(test), inner(then), inner(otherwise))
            case nodes.List(items=items):
                return tree.ListOf(at, tuple(map(inner, items)))
            case nodes.Dict(items=pairs):
                return tree.MapOf(at, tuple((self._map_key(pair.key), inner(pair.value)) for pair in pairs))
            case nodes.Filter():
                return self._filter(parsed, at, inner)
            case nodes.Test():
                return self._test(parsed, at, inner)
        raise self.refusal(parsed)

    def refusal(self, parsed: nodes.Node) -> ExpressionError:
        """The error that says that this part of Jinja is not available here."""
        at = parsed.lineno or 0
        if type(parsed) in _REFUSED:
            message, hint = _REFUSED[type(parsed)]
            return self.error(message, at, hint)
        word = _WORD.search(self._text, at)
        return self.error(f"'{word[0] if word else self._text}' is not available here", at, _STATEMENTS)

    def name(self, name: str, at: int) -> str:
        """A name that may be used, free or as a loop's variable."""
        if name == "null":
            raise self.error("'null' is not a word of expressions", at, "write none")
        if name in RESERVED:
            raise self.error(f"'{name}' cannot be used as a name", at)
        if name.startswith("_"):
            raise self.error(f"the name '{name}' begins with an underscore", at, "no such name exists")
        return name

    def _name(self, name: str, at: int) -> tree.Node:
        return tree.Name(at, self.name(name, at))

    def _key(self, key: str, at: int) -> str:
        if key.startswith("_"):
            hint = f"a key of data that begins with one is written ['{key}']"
            raise self.error(f"'.{key}' begins with an underscore", at, hint)
        return key

    def _constant(self, value: bool | int | float | str | None, at: int) -> tree.Node:
        if isinstance(value, int) and abs(value) > EXACT:
            raise self.error("an integer beyond 2^53 cannot be kept exactly", at, "write it as a string")
        if isinstance(value, float) and not math.isfinite(value):
            raise self.error("a number is too large", at)
        return tree.Constant(at, value)

    def _map_key(self, key: nodes.Node) -> str:
        if isinstance(key, nodes.Const) and isinstance(key.value, str):
            return key.value
        raise self.error("the keys of a map are strings", key.lineno or 0, "put the key in quotes")

    def _filter(self, parsed: nodes.Filter, at: int, inner: Callable[[nodes.Node], tree.Node]) -> tree.Node:
        known = FILTERS.get(parsed.name)
        if known is None or parsed.node is None:
            raise self._unavailable("filter", parsed.name, FILTERS, at)
        given: dict[str, tree.Node] = {}
        keywords = [(keyword.key, keyword.value) for keyword in parsed.kwargs]
        for name, value in [*zip(known.parameters, parsed.args, strict=False), *keywords]:
            if name not in known.parameters:
                raise self.error(f"filter '{parsed.name}' has no argument '{name}'", at)
            if name in given:
                raise self.error(f"filter '{parsed.name}' has the argument '{name}' twice", at)
            given[name] = inner(value)
        if parsed.dyn_args or parsed.dyn_kwargs or len(parsed.args) > len(known.parameters):
            most = len(known.parameters)
            raise self.error(f"filter '{parsed.name}' takes at most {most} argument{'s' * (most != 1)}", at)
        if any(name not in given for name in known.parameters[: known.required]):
            raise self.error(f"filter '{parsed.name}' needs an argument", at, f"{parsed.name}(…)")
        used = max((known.parameters.index(name) + 1 for name in given), default=0)
        arguments = tuple(given.get(name) for name in known.parameters[:used])
        return tree.Filtered(at, inner(parsed.node), parsed.name, arguments)

    def _test(self, parsed: nodes.Test, at: int, inner: Callable[[nodes.Node], tree.Node]) -> tree.Node:
        if parsed.name not in TESTS:
            raise self._unavailable("test", parsed.name, TESTS, at)
        if parsed.args or parsed.kwargs or parsed.dyn_args or parsed.dyn_kwargs:
            raise self.error(f"test '{parsed.name}' takes no argument", at)
        return tree.Tested(at, inner(parsed.node), parsed.name)

    def _unavailable(self, noun: str, name: str, known: Iterable[str], at: int) -> ExpressionError:
        near = get_close_matches(name, list(known), 1)
        meant = f"did you mean '{near[0]}'? " if near else ""
        available = f"{meant}available: {', '.join(sorted(known))}"
        return self.error(f"{noun} '{name}' is not available", at, available)

    def _reworded(self, offset: int) -> ExpressionError:
        """A syntax error, told by what stands where reading stopped."""
        word = _WORD.search(self._text, offset)
        if word is None:
            ended = "is empty" if not self._text.strip() else "ends too early"
            return self.error(f"{self._noun} {ended}", len(self._text), _STATEMENTS if "{%" in self._text else None)
        statement = self._text[: word.start()].rstrip(" -+\n").endswith("{%")
        hint = _STATEMENTS if statement else _SLIPS.get(word[0])
        return self.error(f"{self._noun} cannot be read at {word[0]!r}", word.start(), hint)

    def _too_deep(self, at: int) -> ExpressionError:
        return self.error(f"{self._noun} is nested deeper than {DEEPEST} levels", at)

    def error(self, message: str, at: int, hint: str | None = None) -> ExpressionError:
        """An error at an offset of this text."""
        return ExpressionError.at(message, self._text, at, hint)


def _operands(parsed: nodes.Node) -> list[nodes.Node]:
    """The operands of `a and b and c`, which Jinja nests to the left."""
    kind = type(parsed)
    operands: list[nodes.Node] = []
    while isinstance(parsed, nodes.And | nodes.Or) and type(parsed) is kind:
        operands.append(parsed.right)
        parsed = parsed.left
    return [parsed, *reversed(operands)]
