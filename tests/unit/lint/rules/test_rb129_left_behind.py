"""RB129: a node or a rollout that stays closed."""

from __future__ import annotations

import pytest

from runbook.lint.samples import TRIAGE, VERIFICATION
from support.rulings import said

CORDON = "{id: close, uses: kubernetes.cordon, with: {node: a}}"
UNCORDON = "{id: open, uses: kubernetes.uncordon, with: {node: a}}"


def book(*options: str) -> tuple[str, ...]:
    return TRIAGE, f"resolution: [{', '.join(options)}]\n", VERIFICATION


def option(steps: str, keys: str = "", id_: str = "o") -> str:
    return f"{{id: {id_}, {keys}steps: [{steps}]}}"


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (CORDON, "the node takes no pods"),
        ("{id: close, uses: kubernetes.drain, with: {node: a}}", "the node takes no pods"),
        ("{id: close, uses: kubernetes.rollout_pause, with: {deployment: a}}", "nothing is rolled out"),
    ],
)
def test_what_stays_closed_is_forgotten(step, state):
    """Nothing alerts on it."""
    assert said("RB129", *book(option(step))) == [f"after 'close' {state} until somebody remembers it"]


def test_a_reminder_or_a_step_that_opens_it_is_enough():
    """In the same option, after it."""
    assert said("RB129", *book(option(CORDON, "temporary: 12h, "))) == []
    assert said("RB129", *book(option(f"{CORDON}, {UNCORDON}"))) == []
    assert len(said("RB129", *book(option(f"{UNCORDON}, {CORDON}")))) == 1
    assert len(said("RB129", *book(option(CORDON), option(UNCORDON, id_="p")))) == 1
