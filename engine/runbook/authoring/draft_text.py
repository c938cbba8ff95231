"""The text of a draft: keys as they are emitted, with comments where a person must look."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from runbook.authoring.emit import emitted

_WIDTH = 100


class Entry(NamedTuple):
    """One entry of a list: its keys, the comments above it, and a list of entries below one further key."""

    keys: Mapping[str, Any]
    comments: tuple[str, ...] = ()
    nested: tuple[str, tuple[Entry, ...]] | None = None


def commented(*lines: str) -> str:
    """Lines as comments."""
    broken = [
        part
        for line in lines
        for whole in (line.splitlines() or [""])
        for part in textwrap.wrap(whole, _WIDTH, subsequent_indent="    ") or [""]
    ]
    return "".join(f"# {_plain(line)}".rstrip() + "\n" for line in broken)


def section(
    keys: Mapping[str, Any], name: str = "", entries: Sequence[Entry] = (), checks: Sequence[Entry] = ()
) -> str:
    """Top-level keys, or a list of entries below a key; `checks` stand one level deeper."""
    text = emitted(keys) if keys else ""
    if entries:
        text += f"{name}:\n" + _listed(entries, 2)
    if checks:
        text += f"{name}:\n  checks:\n" + _listed(checks, 4)
    return text


def _listed(entries: Sequence[Entry], indent: int) -> str:
    return "".join(_entry(entry, " " * indent) for entry in entries)


def _entry(entry: Entry, lead: str) -> str:
    body = emitted(entry.keys)
    if entry.nested is not None:
        name, below = entry.nested
        body += f"{name}:\n" + _listed(below, 2)
    first, *more = body.splitlines()
    lines = [f"{lead}- {first}", *(f"{lead}  {line}" if line else "" for line in more)]
    above = textwrap.indent(commented(*entry.comments), lead) if entry.comments else ""
    return above + "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """A line that cannot be anything but a comment, whatever a command was called."""
    from runbook.document.characters import is_plain

    return text if is_plain(text) else text.encode("unicode_escape").decode()
