"""Lines on a page: labels with text beside them, columns, and commands that can be pasted although they are broken.

Takes harmless text (`report/safe.py`); gives lines that are at most as wide as the style, wherever words allow it.
"""

from __future__ import annotations

from collections.abc import Sequence

from runbook.report.safe import columns, cut, padded, shown, wrapped
from runbook.report.style import Style

LABEL = 10


def heading(text: str, style: Style) -> str:
    """A heading; blank lines around it are the caller's."""
    return style.paint("heading", cut(text, style.width))


def labelled(
    label: str, text: object, style: Style, *, indent: int = 2, width: int = LABEL, role: str = "plain"
) -> list[str]:
    """`label     text`, the text wrapped beside its label."""
    lead = " " * indent
    room = style.width - indent - width
    parts = wrapped(shown(text, lines=True), room)
    first = lead + style.paint("dim", padded(cut(label, width - 1), width)) + style.paint(role, parts[0])
    beside = lead + " " * width
    return [first, *(beside + style.paint(role, part) for part in parts[1:])]


def paragraph(text: object, style: Style, *, indent: int = 2, role: str = "plain") -> list[str]:
    """Text, wrapped and indented."""
    lead = " " * indent
    return [lead + style.paint(role, part) for part in wrapped(shown(text, lines=True), style.width - indent)]


def marked(sign: str, role: str, text: str, style: Style, *, indent: int = 2) -> list[str]:
    """`✓ text`, the text wrapped beside its mark."""
    lead = " " * indent
    parts = wrapped(text, style.width - indent - 2)
    return [f"{lead}{style.paint(role, sign)} {parts[0]}", *(f"{lead}  {part}" for part in parts[1:])]


def command(text: str, style: Style, *, indent: int = 4) -> list[str]:
    """Commands to paste, one a line. Broken between words with a backslash, so that a shell reads one line.

    What is quoted over several lines stays as it is to the last space: a backslash or an indent in it would be text.
    """
    lines: list[str] = []
    for words in _commands(shown(text, lines=True)):
        if any("\n" in word for word in words):
            first, *rest = " ".join(words).split("\n")
            lines += [" " * indent + style.paint("busy", first), *(style.paint("busy", line) for line in rest)]
        else:
            lines += _broken(words, style, indent)
    return lines


def _broken(words: Sequence[str], style: Style, indent: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in words:
        room = style.width - indent - 2 - (2 if lines else 0)
        if line and columns(line) + 1 + columns(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    drawn = [f"{'  ' if number else ''}{part}" for number, part in enumerate(lines)]
    return [
        " " * indent + style.paint("busy", part + (" \\" if number < len(drawn) else ""))
        for number, part in enumerate(drawn, 1)
    ]


def table(
    rows: Sequence[Sequence[str]], style: Style, *, header: Sequence[str] = (), give: int = -1, whole: bool = False
) -> list[str]:
    """Columns without borders. Where the width does not suffice, the column `give` is cut, then the widest.

    `whole`: the last one is broken into lines instead.
    """
    all_rows = [tuple(header), *rows] if header else list(rows)
    if not all_rows:
        return []
    cells = [[shown(text) for text in row] for row in all_rows]
    widths = [max(columns(row[number]) for row in cells) for number in range(len(cells[0]))]
    _shrink(widths, give % len(widths), sum(widths) + 2 * (len(widths) - 1) - style.width)
    lines: list[str] = []
    for row in cells:
        last = wrapped(row[-1], widths[-1]) if whole else [row[-1]]
        drawn = [[*row[:-1], last[0]], *([""] * len(row[:-1]) + [rest] for rest in last[1:])]
        lines += [_row(line, widths) for line in drawn]
    return [style.paint("dim", lines[0]), *lines[1:]] if header else lines


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(padded(cut(text, width), width) for text, width in zip(cells, widths, strict=True)).rstrip()


def _shrink(widths: list[int], give: int, excess: int) -> None:
    """Take `excess` columns away: from one down to eight, then from whichever is the widest."""
    taken = min(max(0, excess), max(0, widths[give] - 8))
    widths[give] -= taken
    for _ in range(excess - taken):
        widths[widths.index(max(widths))] -= 1


def _commands(text: str) -> list[list[str]]:
    """Commands, each as the words that a shell would break it into: not inside quotes, not after a backslash."""
    words: list[str] = []
    commands = [words]
    word, quote, escaped = "", "", False
    for character in text:
        if character in " \n" and not quote and not escaped:
            words.append(word)
            word = ""
            if character == "\n":
                words = []
                commands.append(words)
            continue
        word += character
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
    words.append(word)
    return commands
