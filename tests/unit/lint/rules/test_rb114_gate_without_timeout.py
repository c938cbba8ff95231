"""RB114: a gate of which nobody has said how long it may wait."""

from __future__ import annotations

import pytest

from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION
from support.rulings import said

CONFIG = "apiVersion: runbook/v1\nkind: Config\npolicy: policy.yaml\n"
POLICY = """\
apiVersion: runbook/v1
kind: Policy
people: {ada: {user: ada}, ben: {user: ben}}
groups: {sre: [ada, ben]}
approvals: {%s}
"""


def book(approval: str) -> tuple[str, ...]:
    return TRIAGE, "resolution:\n", RESTART, approval, VERIFICATION


def test_a_gate_closes_in_a_time_that_nobody_chose():
    """The finding says which: none waits for ever."""
    assert said("RB114", *book("    approval: {from: [sre]}\n")) == [
        "nobody says how long the gate of 'restart' may wait; it closes after 15m"
    ]


def test_a_timeout_of_its_own_is_enough_and_no_approval_is_no_gate_of_the_authors():
    """There is nothing to add a timeout to."""
    assert said("RB114", *book("    approval: {from: [sre], timeout: 1h}\n")) == []
    assert said("RB114", *book("")) == []


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ("change: {timeout: 5m}", 0),
        ("change: {required: 1}", 1),
        ("destructive: {timeout: 5m}", 1),
    ],
)
def test_the_policy_may_say_it_for_all(terms, found):
    """For the effect that the gate stands in front of."""
    files = {"runbook.yaml": CONFIG, "policy.yaml": POLICY % terms}
    assert len(said("RB114", *book("    approval: {from: [sre]}\n"), files=files)) == found


def test_one_environment_that_says_nothing_is_one_too_many():
    """There the default holds."""
    config = CONFIG + "environments: {a: {}, b: {policy: other.yaml}}\n"
    files = {
        "runbook.yaml": config,
        "policy.yaml": POLICY % "change: {timeout: 5m}",
        "other.yaml": POLICY % "change: {required: 1}",
    }
    assert len(said("RB114", *book("    approval: {from: [sre]}\n"), files=files)) == 1


def test_so_is_one_that_has_no_policy():
    """Of two environments only one is covered."""
    config = "apiVersion: runbook/v1\nkind: Config\nenvironments: {a: {policy: policy.yaml}, b: {}}\n"
    files = {"runbook.yaml": config, "policy.yaml": POLICY % "change: {timeout: 5m}"}
    assert len(said("RB114", *book("    approval: {from: [sre]}\n"), files=files)) == 1
