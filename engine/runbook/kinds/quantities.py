"""Kubernetes' quantities as numbers: `250m` is 0.25, `128Mi` is 134217728 (apimachinery, resource/quantity.go)."""

from __future__ import annotations

import re
from decimal import Decimal

_SUFFIXES = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal("1e3"),
    **{letter: Decimal(f"1e{power}") for letter, power in zip("MGTPE", (6, 9, 12, 15, 18), strict=True)},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
}
_QUANTITY = re.compile(r"([+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?|[+-]?[0-9]+\.)([A-Za-z]{0,2})")


def number(text: str) -> float:
    """The number that a quantity stands for; ValueError for what is none."""
    found = _QUANTITY.fullmatch(text)
    if found is None or found[2] not in _SUFFIXES:
        raise ValueError(f"{text!r} is no quantity")
    return float(Decimal(found[1]) * _SUFFIXES[found[2]])
