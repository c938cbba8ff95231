"""The plain cases, read without importing Jinja: paths, constants, one comparison, filters without arguments,
joined by only `and` or only `or`.

Importing Jinja costs more than a whole `runbook list`, and nearly every `when`, `expect` and `{{ params.x }}`
is one of these. What is read here must be read by `jinja` as the very same tree (a test compares them);
whatever is the least bit unusual, and whatever is wrong, is left to it.
"""

from __future__ import annotations

import re

from runbook.document.language.filters import FILTERS
from runbook.document.language.tree import Compare, Constant, Filtered, Item, Junction, Name, Node

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<path>[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*)(?![\w.(\[])
      | (?P<number>(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?)(?![\w.])
      | (?P<string>'[^'\\\r\n]*'|"[^"\\\r\n]*")
      | (?P<sign>[=!<>]=|[<>]|\|)
    )\s*""",
    re.VERBOSE,
)
_CONSTANTS = {"true": True, "false": False, "none": None}
# Words that mean something else, or nothing, where a name could stand: Jinja's reader decides about those.
RESERVED = frozenset({"and", "or", "not", "in", "is", "if", "else", "elif", "for", "endfor", "endif", "loop", "null"})
_LEFT_TO_JINJA = RESERVED | {"True", "False", "None"}

_MOST = 12  # keys of a path, filters in a row: where depth could matter, one reader decides

_Token = tuple[str, str, int]


def read(text: str) -> Node | None:
    """The tree of a plain text; None when it is not plain, which says nothing about whether it is right."""
    tokens = _tokens(text)
    parts: list[Node] = []
    joiner = None
    while tokens:
        part = _comparison(tokens)
        if part is None:
            return None
        parts.append(part)
        if not tokens:
            break
        word = tokens.pop()[1]
        if word not in ("and", "or") or joiner not in (None, word):
            return None
        joiner = word
    else:
        return None
    return parts[0] if joiner is None else Junction(parts[0].at, joiner == "or", tuple(parts))


def _tokens(text: str) -> list[_Token]:
    """The tokens, last one first so that `pop` takes the next; [] when anything else is in the text."""
    tokens: list[_Token] = []
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None or match.lastgroup is None:
            return []
        tokens.append((match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        offset = match.end()
    tokens.reverse()
    return tokens


def _comparison(tokens: list[_Token]) -> Node | None:
    first = _filtered(tokens)
    if first is None or not tokens or tokens[-1][0] != "sign":
        return first
    sign = tokens.pop()[1]
    second = _filtered(tokens)
    if second is None or sign == "|" or (tokens and tokens[-1][0] == "sign"):
        return None
    return Compare(first.at, first, ((sign, second),))


def _filtered(tokens: list[_Token]) -> Node | None:
    node = _operand(tokens.pop()) if tokens else None
    filters = 0
    while node is not None and tokens and tokens[-1][1] == "|" and tokens[-1][0] == "sign":
        tokens.pop()
        _, name, at = tokens.pop() if tokens else ("", "", 0)
        filters += 1
        if name not in FILTERS or FILTERS[name].required or filters > _MOST:
            return None
        node = Filtered(at, node, name, ())
    return node


def _operand(token: _Token) -> Node | None:
    group, text, at = token
    if group == "number":
        return Constant(at, float(text) if "." in text else int(text))
    if group == "string":
        return Constant(at, text[1:-1])
    if group == "path":
        return Constant(at, _CONSTANTS[text]) if text in _CONSTANTS else _path(text, at)
    return None


def _path(text: str, at: int) -> Node | None:
    first, *keys = text.split(".")
    if first in _LEFT_TO_JINJA or first in _CONSTANTS or len(keys) > _MOST:
        return None
    node: Node = Name(at, first)
    offset = at + len(first) + 1
    for key in keys:
        node = Item(offset, node, Constant(offset, key))
        offset += len(key) + 1
    return node
