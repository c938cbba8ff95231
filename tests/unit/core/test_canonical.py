from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.core.canonical import canonical, digest
from runbook.core.words import Verdict

numbers = st.floats() | st.integers(-(2**53) + 1, 2**53 - 1)
plain = st.recursive(
    st.none() | st.booleans() | numbers | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=10,
)


def as_stored(value: Any) -> Any:
    """What RFC 8785 makes of a value: a whole number has no fraction, and what is no number is said in words."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, list):
        return [as_stored(item) for item in value]
    return {key: as_stored(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(plain)
def test_a_value_read_back_from_the_journal_has_the_digest_that_it_had_before(value: Any) -> None:
    """Replay compares digests, so storing must not change them."""
    assert digest(as_stored(value)) == digest(value)


@pytest.mark.parametrize(
    ("one", "other"), [({"a": 1, "b": 2}, {"b": 2, "a": 1}), (12.0, 12), ((1, 2), [1, 2]), (-0.0, 0)]
)
def test_what_is_the_same_data_is_the_same_bytes(one: Any, other: Any) -> None:
    """Neither the order of keys nor the Python type of a number or a sequence shows."""
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(("one", "other"), [(1, "1"), (1, True), (None, "null"), ([], {}), ("a", "A"), (0.1, 0.2)])
def test_what_is_other_data_has_another_digest(one: Any, other: Any) -> None:
    """Types are kept apart, also where their text is the same."""
    assert digest(one) != digest(other)


def test_structs_and_enums_count_as_their_data() -> None:
    """An enum is its value, a struct its fields."""

    class Pair(msgspec.Struct):
        left: float
        right: Verdict

    assert canonical(Pair(2.0, Verdict.PASS)) == b'{"left":2,"right":"pass"}'


def test_a_digest_is_sixty_four_hexadecimal_digits() -> None:
    """The well-known SHA-256 of `{}`."""
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("other", ["a\\ud800", "a\ufffd", "a\udc00", "a", "a\0"])
def test_half_of_a_pair_of_surrogates_has_a_digest_of_its_own(other: str) -> None:
    """A server may send it in JSON, and UTF-8 cannot say it: a run neither ends there nor takes it for other text."""
    one = {"argv": ["echo", "a\ud800"], "n": 1.0}
    assert digest(one) == digest({"n": 1, "argv": ("echo", "a\ud800")})
    assert digest(one) != digest({"argv": ["echo", other], "n": 1})
