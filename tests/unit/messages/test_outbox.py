from __future__ import annotations

from runbook.document.words import Audience
from runbook.messages.outbox import after_crash


def test_the_team_is_told_again() -> None:
    """At least once: a team that misses a message is worse off than one that reads it twice."""
    assert after_crash(Audience.TEAM) == "send_again"


def test_customers_are_not_told_twice() -> None:
    """At most once: the message is of unknown fate, and the run goes on."""
    assert after_crash(Audience.CUSTOMERS) == "unknown"
