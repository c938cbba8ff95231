"""The Markdown of a step on a terminal: as it was written, text wrapped, code left as it is and set apart."""

from __future__ import annotations

import re

from runbook.report.layout import paragraph
from runbook.report.safe import shown
from runbook.report.style import Style

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")


def markdown_lines(text: str, style: Style, *, indent: int = 2) -> list[str]:
    """Lines to print; those of code are not broken, so that they can be copied."""
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found and (not fence or found[1].startswith(fence)):
            fence = "" if fence else found[1]
        elif fence:
            lines.append(" " * (indent + 4) + style.paint("busy", shown(line, lines=True)))
        else:
            lines += paragraph(line, style, indent=indent) if line.strip() else [""]
    return lines


def copied(text: str) -> str:
    """A block to copy: at the margin, harmless, otherwise exactly as it stands."""
    return shown(text.strip("\n"), lines=True)
