"""What stands on a page, before anybody has decided how it is drawn: sections, cards, and blocks in them.

Texts of a runbook's author are Markdown (`Prose`); everything else is plain text, and drawn as that.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from runbook.document.model import Link


class Prose(NamedTuple):
    """Words of the author, as Markdown."""

    text: str


class Caution(NamedTuple):
    """What must not be overlooked, as Markdown."""

    text: str


class Fact(NamedTuple):
    """One fact: its label, words, and a bare expression or name where there is one (`code`)."""

    label: str
    text: str = ""
    code: str = ""


class Facts(NamedTuple):
    """Facts of one thing, in order."""

    rows: tuple[Fact, ...]


class Command(NamedTuple):
    """Something to copy. `language` is that of the text, `label` says what it is where that is not plain."""

    text: str
    language: str = "sh"
    label: str = ""


class Links(NamedTuple):
    """Places to look."""

    links: tuple[Link, ...]


class Rows(NamedTuple):
    """A table of plain texts; `code` are the columns whose cells are expressions and names."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    code: frozenset[int] = frozenset()


class Card(NamedTuple):
    """A step, a check, an option or a symptom: its id and title, what it is in a few words, and what belongs to it.

    `number` counts options; `box` is True where somebody ticks it off.
    """

    id: str
    title: str
    marks: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    cards: tuple[Card, ...] = ()
    number: int = 0
    box: bool = False


Block: TypeAlias = Prose | Caution | Facts | Command | Links | Rows


class Section(NamedTuple):
    """A heading of the template, with what stands below it."""

    title: str
    blocks: tuple[Block, ...] = ()
    cards: tuple[Card, ...] = ()

    @property
    def anchor(self) -> str:
        """What links to it are made of."""
        return self.title.lower().replace(" ", "-")


class Page(NamedTuple):
    """A runbook as a page: `head` are its facts in a line, `top` what stands above the first section."""

    name: str
    title: str
    severity: str | None
    head: tuple[Fact, ...]
    top: tuple[Block, ...]
    sections: tuple[Section, ...]
    origin: str
