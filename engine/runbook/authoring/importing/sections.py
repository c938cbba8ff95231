"""Markdown as sections with what stands in them, and which part of a runbook each section's title says it is.

Titles are read as people write them: Diagnosis and Investigation are triage, Mitigation and Fix are resolution. A
section without such a title belongs to the one above it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.authoring.importing.draft import plain
from runbook.authoring.markdown import parsed

if TYPE_CHECKING:
    from markdown_it.token import Token

PARTS: Final = {
    "symptoms": "symptom symptoms alert alerts trigger triggers detection signs what-you-see when-to-use",
    "description": "meaning overview summary description introduction intro purpose what-it-means",
    "impact": "impact user-impact business-impact customer-impact severity consequences",
    "about": "background context about architecture how-it-works prerequisites prerequisite requirements preconditions "
    "before-you-start before-you-begin caveats notes note additional-information flow evidence",
    "triage": "triage diagnosis diagnose diagnostics diagnostic investigation investigate debugging debug "
    "troubleshooting troubleshoot checks initial-checks analysis root-cause assessment possible-causes causes",
    "resolution": "resolution resolve mitigation mitigate remediation remediate fix fixes recovery recover actions "
    "action solution solutions repair procedure steps workaround workarounds how-to-fix response runbook instructions",
    "verification": "verification verify validation validate success-criteria post-checks confirm confirmation "
    "verification-checklist is-it-over verification-of-this-option",
    "communication": "communication communications communicate notification notifications notify stakeholders "
    "status-updates who-to-tell",
    "escalation": "escalation escalate escalations contacts contact who-to-call on-call support-contacts help",
    "finally": "at-the-end",
    "links": "links references reference further-reading see-also resources related dashboards related-links "
    "additional-resources",
}
_WORDS: Final = {word: part for part, words in PARTS.items() for word in words.split()}
_NUMBER = re.compile(r"^\s*(?:step\s+)?\d+[.):]?\s+")
_MARKER = re.compile(r"[ \t]*(?:\d{1,9}[.)]|[-*+])(?:[ \t]+|$)")
_BOX = re.compile(r"\[[ xX]\][ \t]+")


class Piece(NamedTuple):
    """A top-level piece of a section. `form` is text, fence, list, table or html; a list has `entries`.

    `line` counts from 1. A fence has its content in `text`, and its whole Markdown in `raw`.
    """

    form: str
    text: str
    raw: str
    line: int
    language: str = ""
    entries: tuple[str, ...] = ()
    ordered: bool = False
    boxes: bool = False


class Section(NamedTuple):
    """A heading with what stands below it; `part` is the part of a runbook that it is, None for no known one."""

    level: int
    title: str
    line: int
    pieces: tuple[Piece, ...]
    part: str | None = None
    own: bool = False  # its own title says the part
    is_title: bool = False


def sections(text: str) -> list[Section]:
    """All sections in order, what stands above the first heading being one without a title."""
    found: list[Section] = []
    path: list[Section] = []
    cut = list(_cut(text))
    title = _title(cut)
    for section in cut:
        path = [outer for outer in path if outer.level < section.level]
        above = next((outer.part for outer in reversed(path) if outer.part), None)
        # Below a known section a subsection is of it, unless all of its words say otherwise.
        own = None if section is title else part_of(section.title, whole=above is not None)
        placed = section._replace(part=own or above, own=own is not None and own != above, is_title=section is title)
        path.append(placed)
        found.append(placed)
    return found


def _title(found: list[Section]) -> Section | None:
    """The heading that is above all others, and no part of a runbook."""
    headed = [section for section in found if section.title]
    first = headed[0] if headed else None
    if first is None or first.level != 1 or part_of(first.title, whole=True):
        return None
    return first if all(other.level > 1 for other in headed[1:]) or not part_of(first.title) else None


def part_of(title: str, *, whole: bool = False) -> str | None:
    """The part that a title names: by all of its words, or, unless these must, by its first or last one."""
    words = re.sub(r"[^a-z0-9]+", "-", plain(_NUMBER.sub("", title))).strip("-")
    first, last = words.split("-")[0], words.split("-")[-1]
    short = not whole and words.count("-") <= 2
    return _WORDS.get(words) or (_WORDS.get(first) or _WORDS.get(last) if short else None)


def _cut(text: str) -> Iterator[Section]:
    lines = text.split("\n")
    tokens = parsed(text)
    level, title, line, pieces = 0, "", 1, list[Piece]()
    for at, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        if token.type == "heading_open":
            if pieces or title:
                yield Section(level, title, line, tuple(pieces))
            level, title, line, pieces = int(token.tag[1:]), _words(tokens[at + 1]), token.map[0] + 1, []
        elif token.type != "hr":
            pieces.append(_piece(token, at, tokens, lines))
    if pieces or title:
        yield Section(level, title, line, tuple(pieces))


def _words(inline: Token) -> str:
    kept = (child.content for child in inline.children or () if child.type in ("text", "code_inline", "softbreak"))
    return " ".join(" ".join("".join(kept).split()).split())


def _piece(token: Token, at: int, tokens: list[Token], lines: list[str]) -> Piece:
    assert token.map is not None  # noqa: S101 - asked for by `_cut`
    start, end = token.map
    raw = "\n".join(lines[start:end]).rstrip()
    if token.type in ("fence", "code_block"):
        language = (token.info.split() or [""])[0].strip("{}").lstrip(".").lower()
        return Piece("fence", token.content, raw, start + 1, language)
    if token.type in ("ordered_list_open", "bullet_list_open"):
        entries = list(_entries(at, tokens, lines))
        boxes = bool(entries) and all(_BOX.match(entry) for entry in entries)
        bare = tuple(_BOX.sub("", entry, count=1) if boxes else entry for entry in entries)
        return Piece("list", raw, raw, start + 1, "", bare, token.type == "ordered_list_open", boxes)
    form = {"table_open": "table", "html_block": "html"}.get(token.type, "text")
    return Piece(form, raw, raw, start + 1)


def _entries(at: int, tokens: list[Token], lines: list[str]) -> Iterator[str]:
    for token in tokens[at + 1 :]:
        if token.level == tokens[at].level:
            return
        if token.type == "list_item_open" and token.level == tokens[at].level + 1 and token.map:
            first, *more = lines[token.map[0] : token.map[1]]
            yield "\n".join([_MARKER.sub("", first, count=1), textwrap.dedent("\n".join(more))]).strip()
