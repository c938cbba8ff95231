"""A text for a page is read elsewhere too."""

from __future__ import annotations

from runbook.report.links import linked_from, unlinked

TEXT = "Write [scenarios](../format.md#scenario) beside it, as [others](https://example.com/) do; `a[0](b)` no."


def test_on_a_terminal_only_the_words_are_left():
    """An address that leads nowhere from there is noise."""
    assert unlinked(TEXT).startswith("Write scenarios beside it, as others do")


def test_elsewhere_a_link_is_whole():
    """From the page that it was written for."""
    text = linked_from("https://example.com/docs/lint/RB130.md", TEXT)
    assert "[scenarios](https://example.com/docs/format.md#scenario)" in text
    assert "[others](https://example.com/)" in text
