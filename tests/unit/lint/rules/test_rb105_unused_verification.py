"""RB105: a verification that nothing leads to."""

from __future__ import annotations

from runbook.lint.samples import HEAD, RESTART, TRIAGE, VERIFICATION
from support.rulings import said

OWN = RESTART + "    " + VERIFICATION.replace("\n", "\n    ").replace("id: moving", "id: own").rstrip(" ")
OVER = "  - {id: over, continue_with: {runbook: other}}\n"
OTHER = {"runbooks/other.yaml": HEAD.replace("queue-stuck", "other") + TRIAGE}


def test_options_with_a_verification_of_their_own_leave_none_to_the_runbooks():
    """It stands in its place."""
    assert said("RB105", "resolution:\n", OWN, VERIFICATION) == [
        "no option is verified by this: each has its own, or goes on with another runbook"
    ]


def test_one_option_that_has_none_is_enough():
    """That one is held to it."""
    other = RESTART.replace("restart", "start")
    assert said("RB105", "resolution:\n", OWN, other, VERIFICATION) == []


def test_a_hand_over_is_verified_by_the_other_runbook():
    """This one's checks are not looked at after it."""
    assert len(said("RB105", "resolution:\n", OVER, VERIFICATION, files=OTHER)) == 1


def test_a_runbook_that_only_looks_verifies_nothing():
    """Without options there is nothing that could have helped."""
    assert said("RB105", TRIAGE, VERIFICATION) == ["nothing is ever verified: the runbook has no option"]
