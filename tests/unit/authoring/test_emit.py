"""Whatever is written into a document is read from it again, exactly."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook.authoring.emit import emitted, literal
from runbook.document.source import parse
from runbook.document.templates import render_value
from runbook.errors import UsageError

TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=" \n\t#:-|>'\"{}%\\", max_size=40),
    st.sampled_from(["no", "0o14", "1e3", "1_000", "~", "=", "2026-01-01", "a\n  b\n", "{{.Names}}", "é\u202e", "---"]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TEXTS, max_size=4))
def test_every_text_comes_back_as_it_was(texts: list[str]) -> None:
    """Quotes, colons, line ends, words that YAML takes for something else, characters that no document may hold."""
    data = {"apiVersion": "x", "text": {"items": texts}}
    assert parse(emitted(data).encode()).data == data


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_what_was_typed_is_no_template(text: str) -> None:
    """`docker ps --format '{{.Names}}'` asks for names, not for a variable of ours."""
    assert render_value(literal(text), {}) == text


def test_text_of_several_lines_stays_readable() -> None:
    """A block, as a person would write it."""
    assert emitted({"text": "one\ntwo\n"}) == "text: |\n  one\n  two\n"


def test_a_word_that_no_line_can_hold_is_refused() -> None:
    """Before it becomes a document that cannot be read."""
    with pytest.raises(UsageError, match="longer than"):
        emitted({"text": "x" * 20_000})
