"""The Markdown of a step on a terminal: text is wrapped, code is not."""

from __future__ import annotations

from datetime import UTC

from runbook.report.markdown import copied, markdown_lines
from runbook.report.style import Style

STYLE = Style(width=40, zone=UTC, colour=False)


def test_text_is_wrapped_and_code_stays_whole() -> None:
    """A command that is broken cannot be copied."""
    code = "kubectl --namespace production get pods --selector app=api"
    lines = markdown_lines(f"Look at all of the pods of the service first.\n\n```sh\n{code}\n```\nThen go on.", STYLE)
    assert lines == ["  Look at all of the pods of the service", "  first.", "", f"      {code}", "  Then go on."]


def test_a_fence_ends_with_its_own_mark() -> None:
    """One of another kind inside is code."""
    assert markdown_lines("~~~~\n```\n~~~\n~~~~\nafter", STYLE) == ["      ```", "      ~~~", "  after"]


def test_nothing_in_it_moves_the_cursor() -> None:
    """Neither shown nor copied."""
    assert "\x1b" not in "".join(markdown_lines("a\x1b[2J\n```\nb\x1b[2J\n```", STYLE)) + copied("c\x1b[2J\n")
    assert copied("\na\n\tb\n") == "a\n\tb"
