"""RB111: an option that no run comes to."""

from __future__ import annotations

import pytest

from runbook.lint.samples import HEAD, RESTART, TRIAGE, VERIFICATION
from support.rulings import on, said

PARAMETERS = "parameters: {host: {type: string, default: a}}\n"
OTHER = {"runbooks/other.yaml": HEAD.replace("queue-stuck", "other") + PARAMETERS + TRIAGE}
OVER = "  - {id: over, continue_with: {runbook: other%s}%s}\n"


def book(over: str, *after: str) -> tuple[str, ...]:
    return (PARAMETERS, TRIAGE, "resolution:\n", over, *after, VERIFICATION)


def test_every_run_goes_elsewhere_where_nothing_is_asked():
    """What follows is named once, at its first."""
    second = RESTART.replace("restart", "start")
    assert said("RB111", *book(OVER % ("", ""), RESTART, second), files=OTHER) == [
        "nothing is tried after 'over': every run goes on with 'other' there"
    ]


@pytest.mark.parametrize(
    ("parameters", "when"),
    [
        ("", ", when: steps.smarthost.reachable"),
        (", parameters: {host: '{{ steps.smarthost.address }}'}", ""),
        (", parameters: {host: '{{ alert.labels.host }}'}", ""),
    ],
)
def test_what_may_not_happen_leaves_the_rest(parameters, when):
    """A condition; a parameter that may be unknown, where the next option is tried."""
    if "address" in parameters:
        parameters = parameters.replace("address", "error | string")
    assert said("RB111", *book(OVER % (parameters, when), RESTART), files=OTHER) == []


def test_the_last_option_may_go_on():
    """Nothing comes after it."""
    assert said("RB111", *book(RESTART, OVER % ("", "")), files=OTHER) == []


def test_parameters_of_the_run_are_known():
    """They stand in its record from the beginning."""
    over = OVER % (", parameters: {host: '{{ params.host }}'}", ", when: 'true'")
    assert len(said("RB111", *book(over, RESTART), files=OTHER)) == 1


def test_an_option_that_contradicts_itself_is_never_tried():
    """The place is its condition."""
    when = "    when: steps.smarthost.verdict == 'pass' and steps.smarthost.verdict == 'fail'\n"
    parts = (TRIAGE, "resolution:\n", RESTART, when, VERIFICATION)
    assert said("RB111", *parts) == ["'restart' is never tried: its 'when' cannot be true"]
    assert on("RB111", *parts) == [14]
