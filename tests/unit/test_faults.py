"""The list of faults against the tests that show them survived."""

from __future__ import annotations

import pytest

from support import faults

KNOWN = {fault.number: fault for _, group in faults.sections() for fault in group}
# What nothing shows yet, and why; a number leaves this list with its first test.
UNSHOWN: dict[int, str] = {}


def test_the_page_is_what_the_marks_say() -> None:
    """`python -m support.faults`, in tests/, writes it anew."""
    assert faults.PAGE.read_text(encoding="utf-8") == faults.page()


def test_a_mark_names_a_fault_of_the_list() -> None:
    """Numbers go from 1 to 96, each of them once."""
    assert list(KNOWN) == list(range(1, 97))
    assert set(faults.shown()) <= set(KNOWN)


def test_what_shows_a_fault_is_there() -> None:
    """A document that was renamed would show nothing."""
    gone = [path for shown in faults.shown().values() for path, _ in shown if not (faults.TESTS / path).is_file()]
    assert gone == []


def test_every_fault_of_the_engine_is_shown_by_a_test() -> None:
    """What is not is named here with the reason, and what has a test is not."""
    missing = {number for number, fault in KNOWN.items() if fault.later is None} - set(faults.shown())
    assert missing == set(UNSHOWN)


def test_what_is_shown_in_part_says_which_part_is_not() -> None:
    """A part that is left out of a fault that nothing shows would say nothing."""
    assert {fault.number for fault in KNOWN.values() if fault.partly} <= set(faults.shown())


@pytest.mark.parametrize("number", [91, 94, 95, *range(31, 42)])
def test_what_belongs_to_a_later_part_says_so(number: int) -> None:
    """A fault that nobody can run into yet is no gap."""
    assert "not part of the engine yet" in str(KNOWN[number].later)
