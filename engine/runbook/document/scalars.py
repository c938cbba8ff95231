"""What an unquoted word means in YAML 1.2's core schema (section 10.3.2), and nothing more.

`true`, `null`, `12`, `0x1f`, `0o17` and `1e3` have a type; `no`, `on`, `12:30`, `1_000` and `2026-01-01` are
text. PyYAML's own resolver follows YAML 1.1, where `on:` is the key `True` and `22:30` the number 81000.
Numbers that JSON cannot carry exactly are refused rather than rounded.
"""

from __future__ import annotations

import math
import re
from typing import Final

_WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMERIC_START: Final = frozenset("0123456789+-.")
_INT: Final = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OCTAL: Final = re.compile(r"0o[0-7]+", re.ASCII)
_HEX: Final = re.compile(r"0x[0-9a-fA-F]+", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)

LARGEST: Final = 2**53 - 1  # RFC 8785 section 3.2.2.3: beyond it JSON readers disagree


def resolve(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar; ValueError (a whole sentence) for a number that cannot be kept."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_START:
        return text
    if _INT.fullmatch(text):
        return _integer(text, 10)
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return _integer(text[2:], 8 if text[1] == "o" else 16)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a number that can be compared or stored")
    if _FLOAT.fullmatch(text):
        return _float(text)
    return text


def _integer(digits: str, base: int) -> int:
    if len(digits.lstrip("+-0")) > 20:  # int() itself refuses 4,300 digits, with a message about a setting
        raise ValueError(f"a number of {len(digits)} digits is too large to be kept exactly")
    number = int(digits, base)
    if abs(number) > LARGEST:
        raise ValueError(f"{number} is too large to be kept exactly; the largest is {LARGEST}")
    return number


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        shown = text if len(text) <= 24 else f"a number of {len(text)} characters"
        raise ValueError(f"{shown} is too large for a number")
    return number
