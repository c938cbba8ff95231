"""What a page of ours says below the title of a step, read back: its id, its kind, and the facts that it lists.

`error_rate` · `prometheus.query` · reads          - passes when: `value < 0.01`
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from runbook.authoring.importing.sections import Piece

_MARKS = re.compile(r"`([a-z][a-z0-9_]*)` · (?:`([a-z_]+\.[a-z_]+)`|(alert|option|include))((?: · [a-z0-9 -]+)*)")
_FACT = re.compile(r"- (?P<label>[a-z][a-z ]+): (?P<ticks>`+) ?(?P<code>.+?) ?(?P=ticks)")
_FACTS: Final = {"passes when": "expect", "the trouble is there when": "expect", "only when": "when"}
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>|#~$.)+-])")


class Marks(NamedTuple):
    """What a step is to the engine: `kind` None for alerts, options and includes; `facts` are `expect` and `when`."""

    id: str
    kind: str | None
    word: str
    more: str
    facts: dict[str, str]

    @property
    def reads(self) -> bool:
        """Whether it only looks."""
        return "reads" in self.more

    @property
    def advisory(self) -> bool:
        """Whether it is shown, and does not decide."""
        return "advisory" in self.more


def marks(pieces: tuple[Piece, ...]) -> tuple[Marks | None, tuple[Piece, ...]]:
    """The marks of a card, and its pieces without them; None and all pieces where it is no card of ours."""
    found = _MARKS.fullmatch(pieces[0].text.strip()) if pieces and pieces[0].form == "text" else None
    if found is None:
        return None, pieces
    facts: dict[str, str] = {}
    left: list[Piece] = []
    for piece in pieces[1:]:
        lines = piece.text.split("\n") if piece.form == "list" else []
        entries = {line: fact for line in lines if (fact := _FACT.fullmatch(line)) and fact["label"] in _FACTS}
        facts |= {_FACTS[fact["label"]]: fact["code"] for fact in entries.values()}
        rest = "\n".join(line for line in lines if line not in entries)
        if not entries or rest:
            left.append(piece._replace(text=rest, raw=rest) if entries else piece)
    made = Marks(found[1], found[2], found[3] or "", found[4] or "", facts)
    return made, tuple(left)


def unescaped(text: str) -> str:
    """Words as they were before Markdown."""
    return _ESCAPED.sub(r"\1", text)


def titled(pieces: tuple[Piece, ...]) -> tuple[str | None, tuple[Piece, ...]]:
    """The title of a check in a list, which stands in bold letters above its marks; and its pieces without it."""
    if len(pieces) < 2 or not _MARKS.fullmatch(pieces[1].text.strip()):
        return None, pieces
    bold = re.fullmatch(r"\*\*(.+)\*\*", pieces[0].text.strip())
    return (unescaped(bold[1]), pieces[1:]) if bold else (None, pieces)
