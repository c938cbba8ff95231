"""Where a text without quotes, or with the wrong ones, broke the YAML around it: what happened, and what to write.

Looks at one line and the column at which the parser gave up; says nothing where the line does not tell.
"""

from __future__ import annotations

import re
from typing import Final

_VALUE: Final = re.compile(r"(?:^|[\s\[{,])(?:[\w.-]+:|-)\s+(?P<value>\S.*)$")
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
    return None


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
