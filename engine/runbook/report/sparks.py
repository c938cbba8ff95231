"""Small drawings inside a line of text: a row of bars. Where a stream cannot say block characters, in ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from runbook.report.style import Style

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_PLAIN: Final = ".:-=+*#@"


def bars(values: Sequence[float | None], style: Style) -> str:
    """One character a value, as high as it is beside the highest; a space for 0, `·` (or `_`) for what is not known."""
    marks, unknown = (_BLOCKS, "·") if style.blocks else (_PLAIN, "_")
    top = max((value for value in values if value is not None), default=0.0)
    return "".join(unknown if value is None else _mark(value, top, marks) for value in values)


def arrow(longer: bool, style: Style) -> str:
    """Up or down."""
    if not style.blocks:
        return "^" if longer else "v"
    return "▲" if longer else "▼"


def _mark(value: float, top: float, marks: str) -> str:
    if value <= 0:
        return " "
    return marks[min(len(marks) - 1, int(value / top * len(marks)))]
