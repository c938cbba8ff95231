"""Text from elsewhere, made harmless before it is shown: what cannot be seen becomes a visible escape.

Values come from alerts, pods, commands and other people's documents. An escape sequence among them could redraw the
gate that somebody is about to answer, or fill their clipboard (OSC 52); a direction mark could make a target read
backwards (CVE-2021-42574); characters of no width could make two names look alike. Everything that this package
shows goes through `shown`; colour is added afterwards, by `report/style.py`, and never comes from the text.
"""

from __future__ import annotations

import re
import unicodedata

# Printable by their category, and yet nothing is drawn: fillers, joiners and selectors of variants.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


_ODD_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def shown(text: object, *, lines: bool = False) -> str:
    """Text in which every character can be seen. With `lines`, newlines and tabs stay what they are."""
    plain = str(text)
    if plain.isascii() and plain.isprintable():
        return plain
    kept = "\n\t" if lines else ""
    return "".join(c if c in kept or _is_seen(c) else _escape(c) for c in plain)


def spaced(text: str) -> str:
    """Harmless text in which no space passes for another: whoever approves a name must see that it has an odd one."""
    return text if text.isascii() else _ODD_SPACE.sub(lambda found: _escape(found[0]), text)


def cell(text: object, width: int) -> str:
    """One line of at most `width` columns; what was cut off is `…`."""
    return cut(shown(text), width)


def first_line(text: str) -> str:
    """The first line of a text that says something (the fence of a block does not), marked where more follows."""
    lines = [line.strip() for line in text.splitlines()]
    first, *more = [line for line in lines if line and not line.startswith("```")] or [text.strip()]
    return f"{first} …" if more else first


def cut(text: str, width: int) -> str:
    """Harmless text on at most `width` columns."""
    if columns(text) <= width:
        return text
    room = max(0, width - 1)
    return _head(text, room) + "…"


def columns(text: str) -> int:
    """How many columns of a terminal harmless text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def padded(text: str, width: int) -> str:
    """Harmless text, filled up with spaces to `width` columns."""
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int, *, indent: str = "", hanging: str = "") -> list[str]:
    """Harmless text broken at spaces into lines of at most `width` columns; a longer word is broken where it must be.

    The first line starts with `indent`, the others with `hanging`.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lead = indent if not lines else hanging
        lines += _broken(paragraph.expandtabs(4), width, lead, hanging)
    return lines


def folded(line: str, width: int, hanging: str = "") -> list[str]:
    """One harmless line, every character kept in its place, broken after `width` columns."""
    line = line.expandtabs(4)
    parts = []
    lead = ""
    while columns(lead + line) > width:
        head = _head(line, max(1, width - columns(lead)))
        parts.append(lead + head)
        line, lead = line[len(head) :], hanging
    return [*parts, lead + line]


def _broken(text: str, width: int, lead: str, hanging: str) -> list[str]:
    lines = []
    line, empty = lead, True
    for word in text.split(" "):
        candidate = f"{line}{word}" if empty else f"{line} {word}"
        if columns(candidate) > width and not empty:
            lines.append(line)
            candidate = hanging + word
        *full, line = folded(candidate, width, hanging)
        lines += full
        empty = False
    return [*lines, line]


def _head(text: str, width: int) -> str:
    """The first characters, up to `width` columns; at least one, so that folding ends."""
    taken = 0
    for position, character in enumerate(text):
        taken += _columns(character)
        if taken > width:
            return text[: max(1, position)] if width else ""
    return text


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _is_seen(character: str) -> bool:
    if _BLANK.match(character):
        return False
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()
