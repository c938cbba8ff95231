"""Durations as people write them: `90s`, `2m`, `1h30m`, `2d`. Always with a unit, never a bare number."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_WHOLE = re.compile(r"(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d))+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)

PATTERN = r"^(\d{1,9}(\.\d{1,3})?(ms|s|m|h|d))+$"


class Duration(float):
    """A length of time in seconds, from text with units."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Seconds of `1h30m`; ValueError for anything that is not a positive duration with units."""
        if not isinstance(text, str) or not _WHOLE.fullmatch(text):
            raise ValueError(f"not a duration: {text!r}; write a number with a unit, such as 90s, 2m or 1h30m")
        return cls(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text)))

    def __str__(self) -> str:
        return spoken(float(self))


def spoken(seconds: float) -> str:
    """Shortest exact text of a length of time: 5400 → `1h30m`; below a minute with up to one decimal."""
    if seconds < 0:
        return "-" + spoken(-seconds)
    if seconds < 60:
        return f"{seconds:.1f}".rstrip("0").rstrip(".") + "s"
    whole = round(seconds)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts[:2])
