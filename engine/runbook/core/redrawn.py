"""How a preview differs from the one that was approved: the lines that are gone, the lines that came, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

PREVIEW: Final = "preview"  # where a change's request holds it: {command, output, sha256 if not all of it is there}

_LINES: Final = 16  # of the difference that are shown
_COMPARED: Final = 400  # on each side: comparing takes time in the square of it
_COLUMNS: Final = 120


def preview_of(request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The preview in a change's request."""
    held = request.get(PREVIEW)
    return held if isinstance(held, Mapping) else None


def without(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request without its preview: what is sent."""
    return {key: value for key, value in request.items() if key != PREVIEW}


def redrawn(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """What is different between the previews of two requests, as a short unified diff; None if nothing is."""
    old, new = preview_of(before), preview_of(after)
    if old == new:
        return None
    if old is None or new is None:
        return "the preview is gone" if new is None else "there is a preview now"
    lines = list(_differing(str(old.get("output", "")).split("\n"), str(new.get("output", "")).split("\n")))
    while lines and lines[-1] == " ":  # what a last line end leaves
        lines.pop()
    if not lines:
        same_text = "beyond what is shown of it" if old.get("sha256") != new.get("sha256") else "by another command"
        return f"the preview is another one, {same_text}"
    shown = [line if len(line) <= _COLUMNS else f"{line[: _COLUMNS - 1]}…" for line in lines[:_LINES]]
    more = [f"… and {len(lines) - _LINES} more lines"] if len(lines) > _LINES else []
    return "\n".join(["the preview is another one now:", *shown, *more])


def _differing(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """A unified diff with a line around, without heads and line numbers."""
    from difflib import unified_diff

    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    if start == len(old) == len(new):
        return
    first = max(0, start - 1)
    left, right = (side[first : len(side) - max(0, end - 1)][:_COMPARED] for side in (old, new))
    for line in islice(unified_diff(left, right, n=1, lineterm=""), 2, None):  # after the names of the files
        if not line.startswith("@@"):
            yield line
