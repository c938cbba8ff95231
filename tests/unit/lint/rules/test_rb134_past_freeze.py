"""RB134: a freeze that is over; examples are looked at on 2026-06-01."""

from __future__ import annotations

import pytest

from support.rulings import said

POLICY = """\
apiVersion: runbook/v1
kind: Policy
people: {ada: {user: ada}}
freeze:
  - {starts: 2026-05-01T00:00:00Z, ends: %s, reason: Launch}
"""


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        ("2026-05-31T23:59:59Z", ["the freeze 'Launch' is over since 2026-05-31"]),
        ("2026-06-01T00:00:01Z", []),
        ("2026-07-01T00:00:00+02:00", []),
    ],
)
def test_a_freeze_is_over_with_its_last_day(ends, found):
    """On that day itself it may still be one."""
    assert said("RB134", files={"policy.yaml": POLICY % ends}) == found
