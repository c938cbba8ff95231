"""Slips of YAML that have one plain meaning, as edits of the text: a template and a key without quotes, a line twice.

Where a text could be meant in two ways there is no edit. Whether the whole document can be used with it is for
whoever applies it to find out.
"""

from __future__ import annotations

import re
from typing import Any, Final

from yaml.events import ScalarEvent

from runbook.document.findings import Edit
from runbook.document.positions import indices

_TEMPLATE: Final = r"\{\{[^{}\r\n]*\}\}"
_ALONE: Final = re.compile(rf"({_TEMPLATE})(?=[ \t]*(?:[,\]}}\r\n]|[ \t]#|$))")
_BEFORE: Final = re.compile(r"[ \t]*(?:-[ \t]+)*(?:[\w.-]+:[ \t]+)?")  # of a value that is the rest of its line
_WITH_TEXT: Final = re.compile(rf"((?:{_TEMPLATE}|[^{{}}\[\],#\r\n])+?)(?=[ \t]*(?:\r?\n|$|[ \t]#))")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def quoted_template(text: str, start: int) -> Edit | None:
    """A template without quotes, in quotes: `{{ … }}` by itself, or a line's whole value that begins with one."""
    begun = text.rfind("\n", 0, start) + 1
    found = _ALONE.match(text, start)
    if found is None and _BEFORE.fullmatch(text, begun, start):
        found = _WITH_TEXT.match(text, start)
    if found is None or "\\" in found[1]:
        return None
    quote = '"' if '"' not in found[1] else "'"
    if quote in found[1]:
        return None
    return Edit(start, found.end(1), found[1], f"{quote}{found[1]}{quote}")


def quoted_key(text: str, event: Any) -> Edit | None:
    """A key that is a number as everybody writes it, in quotes."""
    start, end = indices(event)
    if not _NUMBER.fullmatch(text, start, end):
        return None
    return Edit(start, end, text[start:end], f'"{text[start:end]}"')


def repetition(text: str, again: tuple[Any, Any], first: tuple[Any, Any]) -> Edit | None:
    """Nothing in the place of a line that says what an earlier one says: the same key with the same value.

    Each is the key's event and the value's node.
    """
    if not (isinstance(again[1], ScalarEvent) and isinstance(first[1], ScalarEvent)):
        return None
    start, end = indices(again[0])[0], indices(again[1])[1]
    begun, after = text.rfind("\n", 0, start) + 1, text.find("\n", end) + 1
    alone = not text[begun:start].strip() and after and not text[end:after].strip() and "\n" not in text[start:end]
    same = text[start:end] == text[indices(first[0])[0] : indices(first[1])[1]]
    return Edit(begun, after, text[begun:after], "") if alone and same else None
