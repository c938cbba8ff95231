"""Where a text without quotes, or with the wrong ones, broke the YAML around it: what happened, and what to write.

Looks at one line and the column at which the parser gave up; says nothing where the line does not tell.
"""

from __future__ import annotations

import re
from typing import Final

_VALUE: Final = re.compile(r"(?:^|[\s\[{,])(?:[\w.-]+:|-)\s+(?P<value>\S.*)$")
_LINE: Final = re.compile(r"^\s*(?:- +)*[\w.-]+:\s+(?P<value>\S.*?)\s*(?:\s#.*)?$")
_BEGINS: Final = re.compile(r"[\w.-]+:\s+|[\[{,]\s*")
_ENDS_IN_FLOW: Final = {
    "{": "a brace",
    "}": "a brace",
    "[": "a bracket",
    "]": "a bracket",
    '"': "a quote",
    "'": "a quote",
}
_WHOLE: Final = "put quotes around the whole value"

Told = tuple[str, str]  # message, hint


def broken_text(problem: str, written: str, column: int) -> tuple[Told, int] | None:
    """What the line says about a parser's problem at `column` (from 0), and the column to point at."""
    before, rest = written[:column], written[column:]
    if before.endswith(("'", '"')) and rest.strip() and rest[0] not in ",]}:# ":
        return _ended_early(before[-1]), column
    if problem.startswith("did not find expected ',' or") and rest[:1] in _ENDS_IN_FLOW and before[-1:].strip():
        what = f"inside of [ ] and {{ }} a text without quotes ends at {_ENDS_IN_FLOW[rest[0]]}"
        return (what, f"{_WHOLE}, such as 'up{{job=\"api\"}}'"), column
    if problem == "did not find expected comment or line break":
        return _after_a_value(written)
    if problem.startswith("did not find expected ',' or") and rest[:1] in ("[", "{", ":"):
        return _cut_in_flow(before, rest)
    if problem == "mapping values are not allowed in this context":
        return _with_a_colon(written, column)
    return None


def _cut_in_flow(before: str, rest: str) -> tuple[Told, int] | None:
    """A text between braces that a bracket or a ': ' ended: `{if: rows == [], say: None.}`."""
    begun = [found.end() for found in _BEGINS.finditer(before)]
    at = begun[-1] if begun else len(before)
    if not before[at:].strip():
        return None  # nothing was begun there that could have ended
    what = "': '" if rest[0] == ":" else _ENDS_IN_FLOW[rest[0]]
    text = before[at:] + rest[: _end(rest)]
    return (f"inside of [ ] and {{ }} a text without quotes ends at {what}", _quote(text)), at


def _end(rest: str) -> int:
    """How far a text goes that begins in flow: to the comma or the bracket that is not its own."""
    depth = 0
    for at, character in enumerate(rest):
        if depth == 0 and character in ",]}":
            return at
        depth += (character in "[{(") - (character in "]})")
    return len(rest)


def _with_a_colon(written: str, column: int) -> tuple[Told, int] | None:
    """A text on a line of its own key that holds a ': '."""
    found = _LINE.match(written)
    if found is None or not found.start("value") < column < len(written.rstrip()) or found["value"][0] in "\"'[{>|&*!":
        return None
    return ("a text without quotes may not hold ': '", _quote(found["value"])), found.start("value")


def _quote(text: str) -> str:
    text = text.strip()
    if '"' not in text and "\\" not in text:
        return f'quote it: "{text}"'
    return f"quote it: '{text}'" if "'" not in text else _WHOLE


def _ended_early(quote: str) -> Told:
    other = "single" if quote == '"' else "double"
    twice = "" if quote == '"' else ", or write '' for each inside"
    return f"the text ended at the quote before this ({quote})", f"put {other} quotes around the whole value{twice}"


def _after_a_value(written: str) -> tuple[Told, int] | None:
    """A `>` or `|` that is no block of text: at the start of a value, or after what ended it."""
    found = _VALUE.search(written)
    if found is None:
        return None
    value, at = found["value"], found.start("value")
    if value[0] in ">|":
        hint = "quote the whole value" if re.search(r"[\"\\]", value) else f'quote it: "{value.strip()}"'
        return (f"'{value[0]}' at the start of a value begins a block of text", hint), at
    if value[0] in "{[":
        kind = "mapping" if value[0] == "{" else "list"
        return (f"a value that starts with '{value[0]}' is a {kind} in YAML", _WHOLE), at
    if value[0] in "\"'":
        return (f"the text ended at its closing quote ({value[0]}), and more follows", _WHOLE), at
    return None
