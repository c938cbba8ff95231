from __future__ import annotations

import pytest

from runbook.messages.plain import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all well\n\tindented", "all well\n\tindented"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\x00b\x07c\x7fd\x9be", "abcde"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("pay \u202eevil\u202c now", "pay evil now"),
        ("half \ud83d done", "half  done"),
        ("Grüße, 日本 🎉", "Grüße, 日本 🎉"),
    ],
)
def test_text_for_others_holds_nothing_that_is_not_seen(text: str, expected: str) -> None:
    """Escape sequences lose their escape, lines end alike, nothing reads backwards; letters stay."""
    assert plain(text) == expected
