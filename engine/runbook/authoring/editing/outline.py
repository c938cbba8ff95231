"""What of a document an expression may name, and where it stands: parameters, signals, steps, options.

Read from the lines, so that the text may be broken elsewhere.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from runbook.authoring.editing.cursor import key_at, mapping_of

_ID: Final = re.compile(r"""(?:^\s*(?:-\s+)*|[{,]\s*)id:\s*["']?([\w.-]+)""")
_NAMES: Final = ("parameters", "signals", "target")


class Named(NamedTuple):
    """Something with a name: what it is, its line (from 0), its column, and the kind of step behind it."""

    what: str
    name: str
    line: int
    column: int
    uses: str | None = None
    title: str | None = None


def outline(text: str) -> list[Named]:
    """Everything that has a name, in the order of the text."""
    found = []
    for number, line in enumerate(text.split("\n")):
        if match := _ID.search(line):
            held = _flow(line) or mapping_of(text, number)
            what = "step" if "uses" in held or "signal" in held else "option"
            found.append(
                Named(what, match[1], number, match.start(1), _plain(held.get("uses")), _plain(held.get("title")))
            )
            continue
        stripped = len(line) - len(line.lstrip())
        at = key_at(text, number, stripped) if line.strip() and line[stripped] not in "-#" else None
        if at is not None and len(at[0]) == 1 and at[0][0] in _NAMES:
            held = _flow(line)
            found.append(Named(at[0][0].rstrip("s"), at[1], number, stripped, _plain(held.get("uses"))))
    return found


def kind_of(text: str) -> str | None:
    """Which kind of document it says it is."""
    found = re.search(r"^kind:\s*['\"]?([A-Za-z]+)", text, re.MULTILINE)
    return found[1] if found else None


def _flow(line: str) -> dict[str, str]:
    """The plain pairs of a mapping in braces on one line."""
    _, brace, inner = line.partition("{")
    return dict(re.findall(r"([\w-]+):\s*[\"']?([\w./-]+)", inner)) if brace else {}


def _plain(value: str | None) -> str | None:
    text = (value or "").strip().strip("\"'")
    return text or None
