"""Lines are as wide as they may be, and commands can be pasted."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from runbook.report.layout import command, labelled, table
from runbook.report.safe import columns
from runbook.report.style import Style


def as_a_shell_reads(lines: list[str]) -> list[str]:
    script = "set -- " + "\n".join(lines) + "\nprintf '%s\\0' \"$@\""
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split("\0")[:-1]


LONG = "runbook resume 01kaqs3zq4v5w6x7y8z9a0b1c2 --settle roll_back=applied --reason 'it is there, I looked at it'"


def test_a_broken_command_is_still_one_command():
    """A shell reads the lines as what was meant."""
    lines = command(LONG, Style(width=50))
    assert len(lines) > 1
    assert all(columns(line) <= 50 for line in lines)
    assert as_a_shell_reads(lines) == shlex.split(LONG)


@pytest.mark.parametrize("text", ["echo 'a  b' c\\ d", 'kubectl patch x --patch \'{"a": "b c d e f g"}\'', "a"])
def test_quotes_are_never_broken(text):
    """Spaces inside quotes or after a backslash are part of a word."""
    assert as_a_shell_reads(command(text, Style(width=40))) == shlex.split(text)


SQL = "select pg_cancel_backend(pid) from pg_stat_activity\nwhere state = 'idle' and age > 300;\n"


def test_what_is_quoted_over_several_lines_is_the_same_when_pasted():
    """A backslash or an indent in the middle of a quoted text would be part of it."""
    lines = command(f"printf %s {shlex.quote(SQL)} 'and a long argument beside it'", Style(width=40), indent=0)
    assert as_a_shell_reads(lines) == ["printf", "%s", SQL, "and a long argument beside it"]


def test_several_commands_stay_several():
    """A line that is not inside quotes ends a command."""
    assert command("systemctl reset-failed a\nsystemctl start a", Style(width=80), indent=2) == [
        "  systemctl reset-failed a",
        "  systemctl start a",
    ]


def test_a_label_stands_beside_its_text():
    """The text wraps under itself, not under the label."""
    lines = labelled("undo", "word " * 12, Style(width=40))
    assert lines[0].startswith("  undo      word")
    assert all(line.startswith(" " * 12) for line in lines[1:])


def test_columns_line_up_and_the_given_one_is_cut():
    """Every line fits; only the column that may give way is shortened."""
    lines = table([("a", "x" * 90, "b"), ("aaa", "y", "c")], Style(width=40), header=("n", "what", "m"), give=1)
    assert [columns(line) <= 40 for line in lines] == [True] * 3
    assert lines[1].endswith("…  b")
    assert lines[2].index("y") == lines[1].index("x")


def test_a_table_of_nothing_is_nothing():
    """No rows and no header: no lines."""
    assert table([], Style()) == []


def test_a_whole_table_breaks_its_last_column_and_loses_no_word():
    """What a kind does is read to its end on a narrow terminal, and found by grep in a pipe."""
    said = "Silence alerts in Alertmanager for a time"
    lines = table([("alertmanager.silence", said), ("x", "y")], Style(width=40), header=("kind", "what"), whole=True)
    assert [columns(line) <= 40 for line in lines] == [True] * len(lines)
    assert " ".join(" ".join(lines).split()) == f"kind what alertmanager.silence {said} x y"
