"""A page as Markdown that reads well as text too: headings, a line of facts below each, commands in fences.

Below the title of every step stands what it is to the engine, `id` · `kind` · effect: `import` knows it again by that.
What is not the author's Markdown is escaped, so that a value can be no heading and no link.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from runbook.authoring.page.model import Block, Card, Caution, Command, Facts, Links, Page, Prose, Rows, Section

_MEANT = re.compile(r"([\\`*_\[\]<>|#~$])")
_WORD_INSIDE = re.compile(r"(?<=\w)\\_(?=\w)")
_RUN = re.compile(r"`+")
_HEADING = re.compile(r"^(#{1,6})(?=\s)", re.MULTILINE)
_DEEP = 6


def markdown(page: Page, flow: str | None = None) -> str:
    """The page; `flow` is a Mermaid graph that stands before what is to be done."""
    parts = [f"# {plain(page.title)}", _head(page)]
    parts += [text for block in page.top for text in _block(block, 1)]
    for section in page.sections:
        if flow is not None and section.title in ("Before you start", "Triage", "Resolution"):
            parts.append(f"## Flow\n\n```mermaid\n{flow.rstrip()}\n```")
            flow = None
        parts += _section(section)
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Words that are nothing but words; on one line."""
    escaped = _WORD_INSIDE.sub("_", _MEANT.sub(r"\\\1", " ".join(text.split())))
    return re.sub(r"^([-+]|\d+[.)])(?=\s)", lambda found: found[0][:-1] + "\\" + found[0][-1], escaped)


def code(text: str) -> str:
    """A code span of any text; in one line, as that is all that a span can be."""
    flat = " ".join(text.split("\n"))
    ticks = "`" * (1 + max((len(found) for found in _RUN.findall(flat)), default=0))
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}"


def fenced(text: str, language: str) -> str:
    """A fence that the text cannot close."""
    ticks = "`" * max(3, 1 + max((len(found) for found in _RUN.findall(text)), default=0))
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}"


def _head(page: Page) -> str:
    facts = [f"**{plain(page.severity)}**"] if page.severity else []
    facts += [f"{fact.label} {code(fact.code) if fact.code else plain(fact.text)}" for fact in page.head]
    return " · ".join(facts)


def _section(section: Section) -> Iterator[str]:
    yield f"## {section.title}"
    for block in section.blocks:
        yield from _block(block, 2)
    for card in section.cards:
        yield from _card(card, 3)


def _card(card: Card, level: int) -> Iterator[str]:
    number = f"{card.number}. " if card.number and "option" in card.marks else ""
    if card.box:
        yield _ticked(card, level)
        return
    yield f"{'#' * min(level, _DEEP)} {number}{plain(card.title)}"
    yield _marks(card)
    for block in card.blocks:
        yield from _block(block, level)
    for at, below in enumerate(card.cards):
        if below.box and not card.cards[at - 1].box:
            yield f"{'#' * min(level + 1, _DEEP)} Verification of this option"
        yield from _card(below, level + 1)


def _ticked(card: Card, level: int) -> str:
    """A check as an entry of a list that is ticked off, with everything that belongs to it indented."""
    below = [_marks(card), *(text for block in card.blocks for text in _block(block, level))]
    return f"- [ ] **{plain(card.title)}**\n\n" + textwrap.indent("\n\n".join(below), "  ")


def _marks(card: Card) -> str:
    kind, *more = card.marks
    return " · ".join([code(card.id), code(kind) if "." in kind else kind, *more])


def _block(block: Block, level: int) -> Iterator[str]:
    if isinstance(block, Prose):
        yield _below(block.text, level)
    elif isinstance(block, Caution):
        yield "> **Caution:** " + "\n> ".join(_below(block.text, level).splitlines())
    elif isinstance(block, Command):
        yield (f"{plain(block.label).capitalize()}:\n\n" if block.label else "") + fenced(block.text, block.language)
    elif isinstance(block, Links):
        yield "\n".join(f"- [{plain(link.title)}](<{_address(link.url)}>)" for link in block.links)
    elif isinstance(block, Facts):
        yield "\n".join(
            f"- {fact.label}{': ' if fact.text or fact.code else ''}"
            + " ".join(filter(None, (plain(fact.text), code(fact.code) if fact.code else "")))
            for fact in block.rows
        )
    else:
        yield _table(block)


def _below(text: str, level: int) -> str:
    """The author's Markdown, with its headings below the one that it stands under."""
    fences = re.split(r"(^ {0,3}(?:```|~~~).*?(?:^ {0,3}(?:```|~~~)[ \t]*$|\Z))", text, flags=re.DOTALL | re.MULTILINE)
    for at in range(0, len(fences), 2):
        fences[at] = _HEADING.sub(lambda found: "#" * min(_DEEP, len(found[1]) + level), fences[at])
    return "".join(fences)


def _address(url: str) -> str:
    return url.replace("<", "%3C").replace(">", "%3E").replace("\n", "")


def _table(rows: Rows) -> str:
    def cell(at: int, text: str) -> str:
        flat = " ".join(text.split())
        if at in rows.code and flat and flat != "otherwise":
            return code(flat).replace("|", "\\|")
        return flat.replace("|", "\\|")

    lines = [rows.header, tuple("---" for _ in rows.header)]
    lines += [tuple(cell(at, text) for at, text in enumerate(row)) for row in rows.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
