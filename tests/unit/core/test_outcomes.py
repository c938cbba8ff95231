from __future__ import annotations

from itertools import product

import pytest

from runbook.core.outcomes import conclude
from runbook.core.words import Ended, RunOutcome
from runbook.errors import Exit

EXITS = {
    "resolved not_needed planned": Exit.OK,
    "undetermined": Exit.UNDETERMINED,
    "not_resolved": Exit.NOT_RESOLVED,
    "denied aborted": Exit.REFUSED,
    "blocked": Exit.BLOCKED,
    "in_doubt": Exit.IN_DOUBT,
    "continued": Exit.WAITING,
}


@pytest.mark.parametrize(
    ("outcome", "code"), [(RunOutcome(o), code) for row, code in EXITS.items() for o in row.split()]
)
def test_an_outcome_has_its_exit_code(outcome: RunOutcome, code: Exit) -> None:
    """Scripts rely on these numbers."""
    assert outcome.exit is code


def test_every_outcome_has_an_exit_code() -> None:
    """The table is total."""
    assert {outcome for row in EXITS for outcome in row.split()} == set(RunOutcome)


def expected(ends: tuple[Ended, ...], applied: bool) -> RunOutcome:
    """The rule in the words of the documentation."""
    if Ended.RESOLVED in ends:
        return RunOutcome.RESOLVED
    if applied or Ended.NOT_HELPED in ends:
        return RunOutcome.NOT_RESOLVED
    if Ended.BLOCKED in ends:
        return RunOutcome.BLOCKED
    if {Ended.FAILED, Ended.STALE} & set(ends):
        return RunOutcome.NOT_RESOLVED
    return RunOutcome.DENIED if {Ended.DENIED, Ended.EXPIRED} & set(ends) else RunOutcome.NOT_RESOLVED


@pytest.mark.parametrize("applied", [False, True])
def test_the_ends_of_options_make_the_outcome_whatever_they_are(applied: bool) -> None:
    """Every combination of up to three ends, in every order."""
    for count in range(4):
        for ends in product(Ended, repeat=count):
            assert conclude(ends, applied=applied) is expected(ends, applied), ends


@pytest.mark.parametrize(
    ("ends", "applied", "outcome"),
    [
        (["denied"], False, "denied"),
        (["expired", "skipped"], False, "denied"),
        (["denied", "blocked"], False, "blocked"),
        (["denied", "failed"], False, "not_resolved"),
        (["stale", "expired"], False, "not_resolved"),
        (["failed", "blocked"], False, "blocked"),
        (["denied", "nothing_to_do"], False, "denied"),
        (["denied"], True, "not_resolved"),
        (["blocked", "failed"], True, "not_resolved"),
        (["nothing_to_do", "stale", "skipped"], False, "not_resolved"),
        (["not_helped", "denied"], False, "not_resolved"),
        (["not_helped", "resolved"], True, "resolved"),
        ([], False, "not_resolved"),
    ],
)
def test_a_row_of_the_table_of_outcomes(ends: list[str], applied: bool, outcome: str) -> None:
    """What was applied counts most, then what stood in the way."""
    assert conclude([Ended(end) for end in ends], applied=applied) == outcome
