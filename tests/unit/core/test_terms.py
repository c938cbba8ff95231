from __future__ import annotations

import pytest

from runbook.core.terms import Terms, one_of_each


@pytest.mark.parametrize(
    ("granted", "met"),
    [(["ann"], False), (["ann", "ann"], False), (["ann", "ben"], True), (["ann", "zoe"], False)],
)
def test_as_many_different_persons_as_required_must_say_yes(granted: list[str], met: bool) -> None:
    """One person's second yes adds nothing, nor does a stranger's."""
    assert Terms(required=2, timeout=60.0, from_=("ann", "ben", "dora")).met_by(granted, []) is met


def test_an_excluded_initiator_does_not_count() -> None:
    """Whoever started the run is taken off the list of those who may."""
    terms = Terms(required=1, timeout=60.0, from_=("ann", "ben"), exclude_initiator=True)
    assert terms.may(["ann"]) == {"ben"}
    assert not terms.met_by(["ann"], ["ann"])
    assert terms.met_by(["ben"], ["ann"])


def test_a_gate_without_a_list_is_for_all_who_started_or_resumed_the_run() -> None:
    """Whoever resumed it counts as initiator, and may answer from then on."""
    terms = Terms(required=1, timeout=60.0)
    assert terms.may(["ann", "ben"]) == {"ann", "ben"}
    assert not terms.met_by(["dora"], ["ann", "ben"])


@pytest.mark.parametrize(
    ("lists", "persons", "found"),
    [
        ([], [], True),
        ([["a", "b"], ["b"]], ["a", "b"], True),
        ([["a", "b"], ["a"]], ["a", "b"], True),
        ([["b"], ["a", "b"], ["a", "c"]], ["a", "b", "c"], True),
        ([["a"], ["a"]], ["a", "b"], False),
        ([["a", "b"], ["a", "b"], ["a", "b"]], ["a", "b"], False),
        ([["a"], ["b"]], ["a"], False),
    ],
)
def test_each_list_needs_a_person_of_its_own(lists: list[list[str]], persons: list[str], found: bool) -> None:
    """Whether different people can stand for all lists does not depend on the order in which they are asked."""
    assert one_of_each(lists, persons) is found
    assert one_of_each(lists[::-1], persons[::-1]) is found
