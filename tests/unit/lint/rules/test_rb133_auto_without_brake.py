"""RB133: changes without asking, without a brake."""

from __future__ import annotations

import pytest

from support.rulings import said

POLICY = "apiVersion: runbook/v1\nkind: Policy\npeople: {ada: {user: ada}}\nauto: {%s}\n"


@pytest.mark.parametrize(
    ("auto", "found"),
    [
        ("runbooks: [a], effects: [read, change]", 1),
        ("runbooks: [a], effects: [change], cooldown: 1h", 1),
        ("runbooks: [a], effects: [change], max_runs: {count: 3, per: 1d}", 0),
        ("runbooks: [a], effects: [read]", 0),
    ],
)
def test_only_a_number_of_runs_ends_it(auto, found):
    """What only reads needs none."""
    assert len(said("RB133", files={"policy.yaml": POLICY % auto})) == found
