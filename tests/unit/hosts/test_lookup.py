"""Runs as people name them: by as much of an id as they type."""

from __future__ import annotations

import pytest

from runbook.errors import UsageError
from runbook.hosts.lookup import find_run
from runbook.journal import Journal
from support.journals import begun, in_memory

RUNS = ("01m8aaaa0000000000000000zq7k", "01m8aaaa0000000000000000zq8m", "01m9bbbb0000000000000000t5zq")


@pytest.fixture
def journal() -> Journal:
    """Three runs, two of them of one afternoon."""
    journal = in_memory()
    for run in RUNS:
        begun(journal, f"run/{run}")
    return journal


@pytest.mark.parametrize(
    ("part", "run"), [("01m9", RUNS[2]), ("ZQ7K", RUNS[0]), ("000000zq8m", RUNS[1]), (RUNS[0], RUNS[0])]
)
def test_a_run_is_found_by_the_beginning_or_the_end_of_its_id(journal: Journal, part: str, run: str) -> None:
    """Ids of one day begin alike, so their last characters are what people read out to each other."""
    assert find_run(journal, part) == run


@pytest.mark.parametrize(
    ("part", "said", "hint"),
    [
        ("01m8", "2 runs begin with '01m8'", "its last characters"),
        ("0000", "no run's id begins or ends with '0000'", "runbook runs"),
        ("t5z", "too short", "at least 4"),
    ],
)
def test_what_names_no_run_or_several_is_refused(journal: Journal, part: str, said: str, hint: str) -> None:
    """Nothing is approved or aborted on a guess."""
    with pytest.raises(UsageError, match=said) as refused:
        find_run(journal, part)
    assert hint in str(refused.value.hint)
