"""What strangers wrote is shown, and does nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.report.safe import cell, columns, first_line, folded, shown, wrapped

HOSTILE = {
    "colour": ("\x1b[31mred", "\\x1b[31mred"),
    "clipboard": ("\x1b]52;c;ZXZpbA==\x07", "\\x1b]52;c;ZXZpbA==\\x07"),
    "C1 control": ("\x9b2J", "\\x9b2J"),
    "carriage return": ("safe\rrm", "safe\\rrm"),
    "backspace": ("a\x08b", "a\\x08b"),
    "direction": ("pay \u202eevil", "pay \\u202eevil"),
    "isolate": ("\u2066x\u2069", "\\u2066x\\u2069"),
    "zero width": ("pro\u200bduction", "pro\\u200bduction"),
    "filler": ("pro\u3164duction", "pro\\u3164duction"),
    "variant": ("api\ufe0f", "api\\ufe0f"),
    "line separator": ("a\u2028b", "a\\u2028b"),
    "tag": ("a\U000e0041", "a\\U000e0041"),
    "half a character": ("\ud83d", "\\ud83d"),
    "newline": ("a\nb", "a\\nb"),
}


@pytest.mark.fault(59)
@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_seen_becomes_a_visible_escape(name):
    """Nothing is dropped silently, and nothing reaches the terminal as it was."""
    text, expected = HOSTILE[name]
    assert shown(text) == expected


@pytest.mark.parametrize("text", ["Grüße, 日本 🎉", "5 %", "a → b", "[bold]not markup[/bold]"])
def test_letters_of_all_scripts_stay(text):
    """Escaping is for what is invisible, not for what is foreign."""
    assert shown(text) == text


def test_lines_and_tabs_stay_where_lines_are_wanted():
    """A diff keeps its lines; its carriage returns are shown."""
    assert shown("a\n\tb\r\n", lines=True) == "a\n\tb\\r\n"


@pytest.mark.fault(59)
@given(st.text())
def test_no_text_at_all_gets_through_unseen(text):
    """Whatever the text, every character of the result can be printed or is a space."""
    assert all(c.isprintable() or c.isspace() for c in shown(text))
    assert not set(shown(text)) & {"\n", "\r", "\x1b", "\u2028", "\u200b"}


def test_a_cell_says_that_it_was_cut():
    """A cut text ends in an ellipsis and fits."""
    assert cell("abcdef", 4) == "abc…"
    assert cell("abcd", 4) == "abcd"


def test_wide_characters_count_twice():
    """A table with Japanese names stays aligned; a cut never stands over the edge."""
    assert columns("日本") == 4
    assert cell("日本語", 5) == "日本…"


@given(st.text(alphabet="ab 日é", max_size=60), st.integers(min_value=4, max_value=30))
def test_wrapping_keeps_every_word_and_the_width(text, width):
    """No line is wider than asked for, and no letter is lost."""
    lines = wrapped(text, width, hanging="  ")
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_folding_keeps_every_character_in_its_place():
    """A long line of a diff is broken, not cut: nobody approves what they cannot see."""
    parts = folded("-" + "x" * 25, 10, "  ")
    assert parts == ["-xxxxxxxxx", "  xxxxxxxx", "  xxxxxxxx"]


def test_the_first_line_is_one_that_says_something():
    """A step of a walk may be nothing but a block; its fence is no question."""
    assert first_line("```sh\ndu -sk logs/*\n```") == "du -sk logs/*"
    assert first_line("Look.\n\n```sh\ndu\n```\n") == "Look. …"
    assert first_line(" one \n") == "one"
    assert first_line("```") == "```"
