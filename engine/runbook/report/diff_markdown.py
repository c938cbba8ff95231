"""What a change of runbooks means, as a comment on a pull request: what must be seen at once, the rest folded.

Whoever wrote the documents wrote the texts in here, too, and may be the one who wants them overlooked. So no text of
a document is Markdown, HTML, a link or a mention here: punctuation becomes entities inside of `<code>`, where nobody is
mentioned, and lines of files stand in a fence longer than any within. A comment has room for 65,536 characters; what
had to be left out is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from runbook.authoring.diff.codes import LEVELS, Level
from runbook.authoring.diff.meaning import Meaning
from runbook.report.diff import diff_summary, where
from runbook.report.safe import shown

MARK: Final = "<!-- runbook diff -->"  # by which a job finds its own comment again
ROOM: Final = 65_536
_KEPT: Final = 600  # characters for what is said of what was left out
_CELL: Final = 160
_TICKS: Final = re.compile(r"`+")
_PLAIN: Final = frozenset(" -,'()/=%?+")  # what no Markdown begins with in the middle of a line
_LINKED: Final = re.compile(r"www\.", re.IGNORECASE)  # becomes a link by itself
_ICONS: Final = {Level.DANGER: "🔴", Level.CAUTION: "🟡", Level.NOTE: "⚪"}


def diff_markdown(before: str, after: str, meanings: Sequence[Meaning], *, room: int = ROOM) -> str:
    """The comment, shorter than `room` characters."""
    parts = [*_head(before, after, meanings, room // 4)]
    used = sum(map(len, parts))
    left_out = 0
    for level in LEVELS:
        chosen = [one for one in meanings if one.level is level]
        if not chosen:
            continue
        opening, closing = f"<details><summary>{_ICONS[level]} {diff_summary(chosen)}</summary>\n\n", "</details>\n\n"
        used += len(opening) + len(closing)
        fitting: list[str] = []
        for one in chosen:
            text = "\n".join(_item(one)) + "\n\n"
            if left_out or used + len(text) > room - _KEPT:
                left_out += 1
                continue
            fitting.append(text)
            used += len(text)
        if fitting:
            parts += [opening, *fitting, closing]
    if left_out:
        parts.append(f"{left_out} more did not fit into this comment; `runbook diff` prints all of them.\n")
    return "".join(parts)


def _head(before: str, after: str, meanings: Sequence[Meaning], room: int) -> Iterator[str]:
    yield f"{MARK}\n"
    yield f"### Runbooks: {diff_summary(meanings)}\n\n"
    yield f"{code(_cut(before))} → {code(_cut(after))}\n\n"
    rows = [_row(one) for one in meanings if one.level is Level.DANGER]
    shown_rows = [row for row, used in zip(rows, accumulate(map(len, rows)), strict=True) if used < room]
    if not meanings:
        yield "Nothing that a runbook does is different.\n"
    if not rows:
        return
    yield "| What | Where | Before | After |\n|---|---|---|---|\n"
    yield from shown_rows
    if len(rows) > len(shown_rows):
        yield f"\n{len(rows) - len(shown_rows)} dangers more stand below.\n"
    yield "\n"


def _row(meaning: Meaning) -> str:
    cells = [_sentence(meaning), code(_cut(where(meaning))), _cell(meaning.before), _cell(meaning.after)]
    return f"| **{meaning.title}**: {' | '.join(cells)} |\n"


def _sentence(meaning: Meaning) -> str:
    return code(_cut(meaning.sentence))


def _cell(value: str | None) -> str:
    return code(_cut(value)) if value is not None else ""


def _cut(text: str) -> str:
    return text if len(text) <= _CELL else f"{text[:_CELL]}…"


def _item(meaning: Meaning) -> Iterator[str]:
    place = ", ".join(filter(None, (meaning.document, meaning.place)))
    yield f"**{meaning.title}** (`{meaning.code}`) {code(where(meaning))}, {code(place)}"
    yield ""
    yield f"{code(meaning.sentence)}"
    if meaning.level is not Level.NOTE:
        yield f"<br>{meaning.why}"
    for sign, value in (("before", meaning.before), ("after", meaning.after)):
        if value is not None:
            yield f"<br>{sign}: {code(value)}"
    if meaning.lines:
        lines = [shown(line) for line in meaning.lines]
        fence = "`" * max(3, 1 + max((len(found) for line in lines for found in _TICKS.findall(line)), default=0))
        yield f"\n{fence}diff"
        yield from lines
        yield fence
        if meaning.more:
            yield f"… and {meaning.more} lines more"


def code(text: str) -> str:
    """A text of a document: every character that could mean something to Markdown or HTML is an entity."""
    plain = _PLAIN if _LINKED.search(text) else _PLAIN | {"."}
    kept = "".join(c if c.isalnum() or c in plain else f"&#{ord(c)};" for c in shown(text))
    return f"<code>{kept}</code>" if kept else ""
