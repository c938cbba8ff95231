"""RB128: `temporary` where nothing can be taken back."""

from __future__ import annotations

import pytest

from runbook.lint.samples import TRIAGE, VERIFICATION
from support.rulings import said

UP = "{id: up, uses: kubernetes.scale, with: {deployment: a, replicas: 3}}"
AGAIN = "{id: again, uses: kubernetes.rollout_restart, with: {deployment: a}}"
LOST = "{id: lost, uses: command.run, with: {argv: [a]}, irreversible: It is gone.}"
HAND = "{id: hand, uses: manual.do, with: {text: Do.}}"


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([HAND], ["'o' changes nothing, so nobody is reminded to take anything back"]),
        ([AGAIN, LOST], ["nothing that 'o' changes can be taken back when its time is over"]),
        ([UP], []),
        ([AGAIN, UP], []),
        ([HAND, "{id: c, uses: command.run, with: {argv: [a]}}"], []),
    ],
)
def test_something_must_be_there_to_be_taken_back(steps, found):
    """One change is enough; whether a command has an undo is another rule's."""
    option = f"resolution: [{{id: o, temporary: 1d, steps: [{', '.join(steps)}]}}]\n"
    assert said("RB128", TRIAGE, option, VERIFICATION) == found
    assert said("RB128", TRIAGE, option.replace("temporary: 1d, ", ""), VERIFICATION) == []
