from __future__ import annotations

import pytest

from runbook.core.recovery import RECOVERY, OnResume, on_resume
from runbook.document.words import Audience, Verb

ROWS = {
    "observe plan preserve note": OnResume.AGAIN,
    "wait approve ask": OnResume.LISTEN,
    "page announce": OnResume.SEND_AGAIN,
    "apply undo": OnResume.CONFIRM,
}


@pytest.mark.parametrize(("verb", "row"), [(Verb(v), row) for verbs, row in ROWS.items() for v in verbs.split()])
def test_a_verb_without_a_result_has_its_row(verb: Verb, row: OnResume) -> None:
    """Reads are done again, people listened for, pages sent again, changes confirmed and never simply repeated."""
    assert on_resume(verb) is row


def test_every_verb_has_a_row() -> None:
    """A verb that is added must say what becomes of it."""
    assert set(RECOVERY) == set(Verb)


def test_what_customers_read_is_better_never_said_than_twice() -> None:
    """One's own team is told again; a page goes out again whoever reads it."""
    assert on_resume(Verb.ANNOUNCE, Audience.CUSTOMERS) is OnResume.UNKNOWN
    assert on_resume(Verb.ANNOUNCE, Audience.TEAM) is OnResume.SEND_AGAIN
    assert on_resume(Verb.PAGE, Audience.CUSTOMERS) is OnResume.SEND_AGAIN
