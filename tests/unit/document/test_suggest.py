"""Did you mean: near enough to be a slip of the hand, else nothing."""

from __future__ import annotations

import pytest

from runbook.document.suggest import did_you_mean, nearest, slip_of

KEYS = ["timeout", "title", "uses", "with", "when", "retry", "expect"]


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("timout", "timeout"),
        ("tiemout", "timeout"),
        ("Title", "title"),
        ("use", "uses"),
        ("wiht", "with"),
        ("quux", None),
    ],
)
def test_a_slip_is_recognised_and_nothing_else(word: str, known: str | None) -> None:
    """A swap of neighbours counts as one slip; a word unlike all is left alone."""
    assert nearest(word, KEYS) == known


def test_of_equally_near_words_the_first_in_the_alphabet_is_meant() -> None:
    """The same mistake always gets the same answer."""
    assert nearest("aX", ["ab", "aa"]) == nearest("aX", ["aa", "ab"]) == "aa"


def test_few_known_words_are_listed_and_many_are_not() -> None:
    """A list helps as long as it can be read at a glance."""
    assert did_you_mean("quux", ["b", "a"], what="types are") == "types are a, b"
    assert did_you_mean("quux", map(str, range(100))) is None
    assert did_you_mean("quux", []) is None


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("timout", "timeout"),
        ("wtih", "with"),
        ("use", None),
        ("then", None),
        ("tmeot", None),
        ("timeout", None),
        ("lebel", None),
    ],
)
def test_only_one_word_can_have_been_meant(word: str, known: str | None) -> None:
    """One edit, no short words, the same first letter, and no other word as near."""
    assert slip_of(word, [*KEYS, "label", "level"]) == known
