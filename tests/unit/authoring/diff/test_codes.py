"""The table of meanings: in one order, with a page that says the same."""

from __future__ import annotations

import re
from pathlib import Path

from runbook.authoring.diff.codes import CODES, LEVELS, RANK

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "diff.md"
SOURCES = (ROOT / "engine" / "runbook" / "authoring" / "diff", ROOT / "engine" / "runbook" / "hosts")


def test_the_page_has_every_meaning_in_its_order() -> None:
    """`docs/diff.md` is what people read of the table; each row is one entry of it, word by word."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| (.+?) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [(code, about.title, about.why) for code, about in CODES.items()]


def test_the_riskiest_come_first() -> None:
    """No caution stands before a danger, no note before a caution."""
    levels = [LEVELS.index(CODES[code].level) for code in sorted(CODES, key=RANK.__getitem__)]
    assert levels == sorted(levels)


def test_every_meaning_is_told_somewhere() -> None:
    """A code that no comparer knows is a promise that nobody keeps."""
    files = (file for folder in SOURCES for file in folder.glob("*.py") if file.name != "codes.py")
    text = "\n".join(file.read_text() for file in files)
    assert [code for code in CODES if f'"{code}"' not in text] == []


def test_no_two_meanings_have_one_title() -> None:
    """A heading tells which it is."""
    titles = [about.title for about in CODES.values()]
    assert len(set(titles)) == len(titles)
