"""Markdown as people write runbooks in it, cut into the steps that somebody takes one after the other.

    headings                       the path that a step's title shows
    a section with text            a step; of a numbered list or of check boxes, each entry is one
    text above further headings    stands with the first step below it; above everything, it is the description
    a fenced block for a shell     stays in the text of its step, and can be taken out of it again (`blocks`)

Texts stay as they were written; HTML comments and front matter are left out. All of it is text, and nothing else.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from runbook.errors import UsageError

if TYPE_CHECKING:
    from markdown_it.token import Token

LARGEST = 1024 * 1024
MOST_STEPS = 500
SHELLS = frozenset({"", "sh", "bash", "shell", "console", "zsh", "shell-session", "shellsession", "terminal"})

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_MARKER = re.compile(r"[ \t]*(?:\d{1,9}[.)]|[-*+])(?:[ \t]+|$)")
_BOX = re.compile(r"\[[ xX]\][ \t]+")
_PROMPT = re.compile(r"^[$%][ \t]+")
_PLACEHOLDER = re.compile(r"<[A-Za-z][A-Za-z0-9 _.:/-]*>")


class Block(NamedTuple):
    """A fenced block for a shell: what would be typed, without the prompts and the output of a session."""

    text: str
    language: str = ""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """What a person must replace before it means anything: `<namespace>`."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.text)))


class Step(NamedTuple):
    """One thing to do: where it stands (`Recover > Restart it`), and what it says, as Markdown."""

    title: str
    text: str


class Outline(NamedTuple):
    """A whole document: its title, what it says before its first step, and its steps."""

    title: str | None
    description: str
    steps: tuple[Step, ...]


def outline(data: bytes) -> Outline:
    """The steps of a document; UsageError for what is no text, too large, or has nothing to do in it."""
    text = decoded(data)
    front = _FRONT.match(text)
    named = _TITLE.search(front[1]) if front else None
    body = text[front.end() :] if front else text
    sections = _titled(list(_sections(body)))
    title = sections[0].title if sections and sections[0].is_title else None
    description, steps = _steps(sections)
    if not steps:
        raise UsageError("there is nothing to do in it: no section has any text", hint="a step is a section with text")
    if len(steps) > MOST_STEPS:
        raise UsageError(f"it has {len(steps)} steps; the limit is {MOST_STEPS}", hint="split it into several files")
    return Outline(title or (named[1].strip("\"'") if named else None), description, tuple(steps))


def without_comments(text: str) -> str:
    """The text without HTML comments; one that is never closed stays. Each character is looked at once."""
    kept, at = [], 0
    while (opens := text.find("<!--", at)) >= 0 and (ends := text.find("-->", opens + 4)) >= 0:
        kept.append(text[at:opens])
        at = ends + 3
    return "".join((*kept, text[at:]))


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks for a shell in the text of a step, in order, also those inside of lists and quotes."""
    made = []
    for token in parsed(text):
        if token.type == "fence":
            language = (token.info.split() or [""])[0].strip("{}").lstrip(".").lower()
            made.append(Block(_typed(token.content, language).strip("\n"), language))
    return tuple(block for block in made if block.language in SHELLS and block.text.strip())


def decoded(data: bytes) -> str:
    """The text of a file, with plain ends of lines; UsageError for what is none, empty, or too large."""
    if len(data) > LARGEST:
        raise UsageError("it is larger than 1 MiB", hint="split it into several files")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"byte {error.start} of it is not UTF-8", hint="save it as UTF-8") from None
    if not text.strip():
        raise UsageError("it is empty")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _typed(content: str, language: str) -> str:
    """What is typed of a block: where lines have a prompt, those alone, and what continues them."""
    lines = content.split("\n")
    prompted = [line for line in lines if _PROMPT.match(line)]
    said = [line for line in lines if line.strip()]
    if not prompted or (language not in ("console", "shell-session", "shellsession") and len(prompted) < len(said)):
        return content
    typed: list[str] = []
    for line in lines:
        if _PROMPT.match(line):
            typed.append(_PROMPT.sub("", line, count=1))
        elif typed and typed[-1].endswith("\\") and line.strip():
            typed.append(line.removeprefix(">").lstrip())
    return "\n".join(typed) + "\n"


# --- sections -------------------------------------------------------------------------------------------------


class _Piece(NamedTuple):
    """A top-level part of a section: `entry` where it is one entry of a list of instructions."""

    text: str
    entry: bool = False
    does: bool = False  # there is a block to run in it


class _Section(NamedTuple):
    """A heading with what stands below it, up to the next heading."""

    level: int
    title: str | None
    pieces: tuple[_Piece, ...]
    is_title: bool = False

    @property
    def is_instruction(self) -> bool:
        """Whether somebody must do what it says, and not only know it."""
        return any(piece.entry or piece.does for piece in self.pieces)


def parsed(text: str) -> list[Token]:
    """The tokens of a Markdown text, tables included."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").parse(text)


def _sections(text: str) -> Iterator[_Section]:
    lines = text.split("\n")
    level, title, pieces = 0, None, list[_Piece]()
    tokens = parsed(text)
    for at, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        if token.type == "heading_open":
            yield _Section(level, title, tuple(pieces))
            level, title, pieces = int(token.tag[1:]), _plain(tokens[at + 1]), []
        else:
            pieces += _pieces(token, at, tokens, lines)
    yield _Section(level, title, tuple(pieces))


def _plain(inline: Token) -> str:
    """A heading's words without their marks."""
    kept = (child.content for child in inline.children or () if child.type in ("text", "code_inline", "softbreak"))
    return " ".join("".join(kept).split())


def _pieces(token: Token, at: int, tokens: list[Token], lines: list[str]) -> Iterator[_Piece]:
    if token.type in ("ordered_list_open", "bullet_list_open"):
        entries = list(_entries(at, tokens, lines))
        if token.type == "ordered_list_open" or all(_BOX.match(entry) for entry in entries):
            for entry in entries:
                text = _BOX.sub("", entry if "```" in entry else without_comments(entry), count=1)
                yield _Piece(text, entry=True, does=bool(blocks(text)))
            return
    start, end = token.map or (0, 0)
    text = "\n".join(lines[start:end]).rstrip()
    if token.type not in ("fence", "code_block"):
        text = without_comments(text).rstrip()
    if text.strip() and token.type != "hr":
        yield _Piece(text, does=bool(blocks(text)))


def _entries(at: int, tokens: list[Token], lines: list[str]) -> Iterator[str]:
    """The entries of the list that opens there, each as a text of its own."""
    for token in tokens[at + 1 :]:
        if token.level == tokens[at].level:
            return
        if token.type == "list_item_open" and token.level == tokens[at].level + 1 and token.map:
            first, *more = lines[token.map[0] : token.map[1]]
            yield "\n".join([_MARKER.sub("", first, count=1), textwrap.dedent("\n".join(more))]).strip()


def _titled(sections: list[_Section]) -> list[_Section]:
    """The sections that say something, the title marked: a first heading that is above all others."""
    said = [section for section in sections if section.title is not None or section.pieces]
    headed = [section for section in said if section.title is not None]
    if (
        headed
        and said[0] is headed[0]
        and headed[0].level == 1
        and all(other.level > headed[0].level for other in headed[1:])
    ):
        return [said[0]._replace(is_title=True), *said[1:]]
    return said


# --- steps ----------------------------------------------------------------------------------------------------


def _steps(sections: list[_Section]) -> tuple[str, list[Step]]:
    """The description, and the steps in order."""
    description, above, there = "", "", ""
    steps: list[Step] = []
    path: list[_Section] = []
    for at, section in enumerate(sections):
        path = [outer for outer in path if outer.level < section.level] + [section]
        deeper = at + 1 < len(sections) and sections[at + 1].level > section.level and section.title is not None
        text = "\n\n".join(piece.text for piece in section.pieces)
        intro = section.is_title or section.title is None
        if len(sections) > at + 1 and (deeper or section.title is None) and not section.is_instruction:
            if intro and not steps:
                description = "\n\n".join(filter(None, (description, text)))
            else:
                above, there = "\n\n".join(filter(None, (above, text))), section.title or ""
        elif section.pieces:
            where = " > ".join(s.title for s in path if s.title and not s.is_title) or section.title or ""
            steps += _of_section(where, above, section.pieces)
            above = ""
    if above:  # nothing to do came after it
        steps.append(Step(there, above))
    return description, steps


def _of_section(where: str, above: str, pieces: tuple[_Piece, ...]) -> Iterator[Step]:
    """One step, or one for each entry of its lists; what stands between entries belongs to the one before."""
    if not any(piece.entry for piece in pieces):
        yield Step(where, "\n\n".join(filter(None, (above, *(piece.text for piece in pieces)))))
        return
    title, texts = "", [above] if above else list[str]()
    for piece in pieces:
        if piece.entry and title:
            yield Step(title, "\n\n".join(texts))
            texts = []
        if piece.entry:
            title = ": ".join(filter(None, (where, _first_words(piece.text))))
        texts.append(piece.text)
    yield Step(title, "\n\n".join(texts))


def _first_words(text: str) -> str:
    line = re.sub(r"[*_`]", "", text.split("\n", 1)[0]).strip()
    line = re.split(r"(?<=[.!?:;])\s", line, maxsplit=1)[0].rstrip(".:;")
    return line if len(line) <= 60 else line[:59] + "…"
