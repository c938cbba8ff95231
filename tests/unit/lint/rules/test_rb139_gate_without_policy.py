"""RB139: a gate that needs others, and no policy."""

from __future__ import annotations

import pytest

from runbook.lint.samples import RESTART, TRIAGE, VERIFICATION
from support.rulings import said

CONFIG = "apiVersion: runbook/v1\nkind: Config\n"
POLICY = "apiVersion: runbook/v1\nkind: Policy\npeople: {ada: {user: ada}, ben: {user: ben}, cleo: {user: cleo}}\n"
LOSS = RESTART.replace("mail-worker]}", "mail-worker], effect: destructive}")


def gate(approval: str, option: str = RESTART) -> tuple[str, ...]:
    return TRIAGE, "resolution:\n", option, f"    approval: {{{approval}}}\n" * bool(approval), VERIFICATION


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (gate("required: 2"), "it needs 2 people"),
        (gate("from_each: [sre, dba]"), "it needs 2 people"),
        (gate("exclude_initiator: true"), "who started the run may not answer it"),
        (gate("", LOSS), "what destroys is approved by somebody else"),
        (gate("required: 1, from: [sre]"), None),
        (gate(""), None),
    ],
)
def test_the_os_user_is_everyone(parts, why):
    """So one yes of the initiator's is all that there can be."""
    message = f"the gate of 'restart' cannot be met: {why}, and there is no policy that says who"
    assert said("RB139", *parts, files={"runbook.yaml": CONFIG}) == ([message] if why else [])


def test_a_policy_or_no_project_at_all_is_nothing_to_warn_of():
    """Whether the policy's people are enough, RB040 says."""
    assert said("RB139", *gate("required: 2")) == []
    files = {"runbook.yaml": CONFIG + "policy: policy.yaml\n", "policy.yaml": POLICY}
    assert said("RB139", *gate("required: 2"), files=files) == []


def test_one_environment_without_a_policy_is_named():
    """There it fails, and only there."""
    config = CONFIG + "environments: {a: {policy: policy.yaml}, b: {}}\n"
    files = {"runbook.yaml": config, "policy.yaml": POLICY}
    (message,) = said("RB139", *gate("required: 2"), files=files)
    assert message.startswith("the gate of 'restart' cannot be met in the environment 'b': it needs 2 people")


def test_work_by_hand_has_no_gate():
    """Nobody is asked for it."""
    hand = "  - {id: o, approval: {required: 2}, steps: [{id: s, uses: manual.do, with: {text: Do.}}]}\n"
    assert said("RB139", TRIAGE, "resolution:\n", hand, VERIFICATION, files={"runbook.yaml": CONFIG}) == []
