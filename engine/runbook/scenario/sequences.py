"""Two lists beside each other: what both have, what is missing and what nobody expected, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

BOTH: Final = " "
MISSING: Final = "-"
UNEXPECTED: Final = "+"


class Line(NamedTuple):
    """One line of a difference: `-` was expected and did not come, `+` came unexpected, ` ` is as it should be."""

    mark: str
    text: str


def beside(expected: Sequence[str], came: Sequence[str]) -> tuple[Line, ...]:
    """Both lists as one, each entry once where it is in both; what is missing stands before what came instead."""
    lines: list[Line] = []
    for how, start, stop, other, end in SequenceMatcher(a=expected, b=came, autojunk=False).get_opcodes():
        if how == "equal":
            lines += [Line(BOTH, text) for text in came[other:end]]
            continue
        lines += [Line(MISSING, text) for text in expected[start:stop]]
        lines += [Line(UNEXPECTED, text) for text in came[other:end]]
    return tuple(lines)
