"""RB117: several people of several groups."""

from __future__ import annotations

import pytest

from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION
from support.rulings import said

FILES = {
    "policy.yaml": (
        "apiVersion: runbook/v1\nkind: Policy\npeople: {ada: {user: ada}, ben: {user: ben}, cleo: {user: cleo}}\n"
        "groups: {sre: [ada, ben], dba: [cleo]}\n"
    ),
    "runbook.yaml": "apiVersion: runbook/v1\nkind: Config\npolicy: policy.yaml\n",
}


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ("required: 2, from: [sre, dba]", ["2 people of sre, dba: all of them may be of one group"]),
        ("required: 2, from: [sre, ben, dba]", ["2 people of sre, dba: all of them may be of one group"]),
        ("required: 1, from: [sre, dba]", []),
        ("from: [sre, dba]", []),
        ("required: 2, from: [sre]", []),
        ("required: 2, from: [ada, cleo]", []),
        ("required: 2, from: [sre, cleo]", []),
        ("required: 2, from: [sre, dba], from_each: [sre, dba]", []),
    ],
)
def test_only_several_people_of_several_groups_may_mean_one_of_each(terms, found):
    """One of either is what `from` is for, and persons are no groups."""
    approval = f"    approval: {{{terms}, timeout: 10m}}\n"
    assert said("RB117", TRIAGE, "resolution:\n", RESTART, approval, VERIFICATION, files=FILES) == found


def test_without_a_policy_nobody_knows_what_is_a_group():
    """So nothing is said."""
    approval = "    approval: {required: 2, from: [sre, dba], timeout: 10m}\n"
    assert said("RB117", TRIAGE, "resolution:\n", RESTART, approval, VERIFICATION) == []
