"""A condition is told to be looser or stricter only where that is certain."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.authoring.diff.logic import Verdict, compared, meet, touching
from runbook.document.expressions import parse

NUMBERS = st.integers(-3, 3)
ATOMS = st.builds(
    "{} {} {}".format, st.sampled_from(["a", "b"]), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS
)
TEXTS = st.recursive(
    ATOMS, lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner), max_leaves=4
)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ("value < 0.01", "value<0.010", Verdict.SAME),
        ("value > 5", "(5 < value)", Verdict.SAME),
        ("a and b", "b and a", Verdict.SAME),
        ("value < 0.01", "value < 0.05", Verdict.LOOSER),
        ("value < 5", "value <= 5", Verdict.LOOSER),
        ("a > 1 and b > 2", "a > 1", Verdict.LOOSER),
        ("a > 1", "a > 1 or b", Verdict.LOOSER),
        ("value < -3", "value < -2", Verdict.LOOSER),
        ("value > 1", None, Verdict.LOOSER),
        (None, "value > 1", Verdict.STRICTER),
        ("value >= 1", "value > 1", Verdict.STRICTER),
        ("status != 500", "status == 200", Verdict.STRICTER),
        ("x == 'a'", "x == 'b'", Verdict.OTHER),
        ("reachable", "not reachable", Verdict.OTHER),
        ("value < 1", "other < 2", Verdict.OTHER),
        ("this does not (parse", "value < 1", Verdict.OTHER),
    ],
)
def test_what_a_condition_became(before: str | None, after: str | None, verdict: Verdict) -> None:
    """Shape and numbers decide; what cannot be proved is another condition."""
    assert compared(before, after) is verdict


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_no_verdict_is_wrong(before: str, after: str) -> None:
    """Whatever is said holds for every number: a looser condition never fails where the old one passed."""
    verdict = compared(before, after)
    old, new = parse(before), parse(after)
    for a in (-4, -3, -2.5, -1, 0, 0.5, 1, 2, 3, 4):
        for b in (-4, -1, 0, 1.5, 3, 4):
            was, is_ = old.truth({"a": a, "b": b}), new.truth({"a": a, "b": b})
            assert not (verdict in (Verdict.LOOSER, Verdict.SAME) and was and not is_)
            assert not (verdict in (Verdict.STRICTER, Verdict.SAME) and is_ and not was)


@settings(deadline=None)
@given(ATOMS, ATOMS)
def test_two_conditions_meet_where_a_number_fits_both(one: str, other: str) -> None:
    """`meet` says no only where no number does, and yes only where one does."""
    first, second = parse(one), parse(other)
    numbers = [step / 2 for step in range(-10, 11)]
    both = any(first.truth({"a": n, "b": n}) and second.truth({"a": n, "b": n}) for n in numbers)
    found = meet(one, other)
    assert found is None if one[0] != other[0] else found is both


def test_conditions_that_touch_leave_nothing_between_them() -> None:
    """A check that passes the moment that its symptom is gone flaps with it."""
    assert touching("value > 0.05", "value <= 0.05")
    assert not touching("value > 0.05", "value < 0.01")
    assert not touching("value > 0.05", "other <= 0.05")


def test_a_condition_that_is_nested_on_purpose_takes_no_time() -> None:
    """Each pair of parts is asked about once, however deep they stand in each other."""
    texts = []
    for name in ("a", "b"):
        text = f"{name} > 0"
        for i in range(24):
            text = f"({text} {'and' if i % 2 else 'or'} {name}{i} > {i})"
        texts.append(text)
    assert compared(*texts) is Verdict.OTHER
