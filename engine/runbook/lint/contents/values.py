"""Which values a template can stand for: whether a shell could read one as anything but one plain word.

A parameter is held to its type, its choices and its pattern before a run begins, so those are what a value can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from runbook.document.build import Document
from runbook.document.expressions import Expression, ExpressionError
from runbook.document.model import EvidencePlan, Parameter, Runbook, Steps
from runbook.document.templates import template

_WORD: Final = re.compile(r"[A-Za-z0-9_@%+=:,./-]*")  # what shlex.quote leaves as it is
_PLAIN_TYPES: Final = ("integer", "number", "boolean")
_NUMERIC: Final = re.compile(r"\|\s*(?:int|float|length|round)\s*(?:\([^)]*\))?\s*$")
_OURS: Final = frozenset({("run", "id"), ("run", "started"), ("run", "mode"), ("runbook", "name")})
# A pattern taken apart: an escape, a class, a group's beginning, a repetition, anything else.
_PIECES: Final = re.compile(
    r"\\(?P<escaped>.)|\[(?P<class>\^?\]?(?:\\.|[^\]\\])*)\]|\((?:\?:)?|\{\d+(?:,\d*)?\}|(?P<other>.)", re.DOTALL
)
_LONGEST: Final = 512  # characters of a pattern
_OPERATORS: Final = frozenset("()|?*+^$")
_PLAIN_ESCAPES: Final = frozenset("dwbAzZ.-_/@+")


def parameters_of(document: Document) -> Mapping[str, Parameter]:
    """The parameters that a document declares."""
    return document.parameters if isinstance(document, Runbook | Steps | EvidencePlan) else {}


def references(text: str) -> frozenset[tuple[str, ...]]:
    """What the templates of a text name; nothing where they cannot be read, which is said elsewhere."""
    try:
        return template(text).references if "{{" in text else frozenset()
    except ExpressionError:
        return frozenset()


def unsafe(text: str, parameters: Mapping[str, Parameter]) -> str | None:
    """What a template names whose value a shell may not read as one plain word; None where there is none."""
    return next(_unsafe(text, parameters), None)


def is_plain(parameter: Parameter) -> bool:
    """Whether each value that it accepts is one plain word for a shell."""
    if parameter.type in _PLAIN_TYPES:
        return True
    if parameter.enum is not None:
        return all(_WORD.fullmatch(str(value)) for value in parameter.enum)
    return parameter.type == "string" and parameter.pattern is not None and _plain_pattern(parameter.pattern)


def _unsafe(text: str, parameters: Mapping[str, Parameter]) -> Iterator[str]:
    try:
        parts = template(text).parts
    except ExpressionError:
        return
    for part in parts:
        if isinstance(part, str) or _NUMERIC.search(part[1].text):
            continue
        yield from _named(part[1], parameters)


def _named(expression: Expression, parameters: Mapping[str, Parameter]) -> Iterator[str]:
    for path in sorted(expression.references):
        parameter = parameters.get(path[1]) if path[0] == "params" and len(path) > 1 else None
        if path not in _OURS and not (parameter and is_plain(parameter)):
            yield ".".join(path)


@lru_cache(maxsize=512)
def _plain_pattern(pattern: str) -> bool:
    """Whether a pattern lets only plain words through. What is not understood does not count as plain."""
    return len(pattern) < _LONGEST and all(_plain_piece(piece) for piece in _PIECES.finditer(pattern))


def _plain_piece(piece: re.Match[str]) -> bool:
    if piece["escaped"] is not None:
        return piece["escaped"] in _PLAIN_ESCAPES
    if piece["class"] is not None:
        return _plain_class(piece["class"])
    other = piece["other"]
    return other is None or other in _OPERATORS or (other != "." and _WORD.fullmatch(other) is not None)


def _plain_class(inside: str) -> bool:
    """Whether each character of a class is plain; a range must run over letters or digits of one kind."""
    if inside.startswith("^"):
        return False
    bare = inside.strip("-")
    plain = re.sub(r"\\(.)", lambda found: "a" if found[1] in _PLAIN_ESCAPES else " ", bare)
    ranges = re.findall(r"(.)-(.)", plain)
    return _WORD.fullmatch(plain) is not None and all(_of_one_kind(low, high) for low, high in ranges)


def _of_one_kind(low: str, high: str) -> bool:
    return any(is_kind(low) and is_kind(high) for is_kind in (str.isdigit, str.islower, str.isupper))
