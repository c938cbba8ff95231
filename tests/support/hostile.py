"""Histories in which every text that a stranger could have written tries something on the terminal."""

from __future__ import annotations

from typing import Any

import msgspec

from support.histories import Tape

EVIL = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\r\u202e\u200b\u2028\x9b31m\n::set-output name=x::y ##[error]z [red]r[/red]"

# Words of the engine's own: with anything else in them a record would not be one.
OWN = {
    "verdict", "status", "about", "phase", "applied", "effect", "outcome", "mode", "purpose", "found", "as", "gate",
    "digest", "path", "option", "ended", "undoes",
}  # fmt: skip


def hostile(tape: Tape) -> Tape:
    """The same records with hostile text in every field that is not a word of the engine's."""
    for number, record in enumerate(tape.records):
        data = _spoilt(record.data)
        tape.records[number] = msgspec.structs.replace(record, data=data)
    return tape


def inert(text: str) -> bool:
    """True when nothing in a drawing could move a cursor, change a colour or hide a character."""
    return all(character == "\n" or character.isprintable() for character in text)


def _spoilt(value: Any, name: str = "") -> Any:
    if name in OWN:
        return value
    if isinstance(value, str):
        return f"{value}{EVIL}"
    if isinstance(value, dict):
        return {inner: _spoilt(item, inner) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spoilt(item) for item in value]
    return value
