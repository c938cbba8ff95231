"""A message whose sending was interrupted: it is not known whether anybody has it.

The own team gets it again, marked as repeated and with the same key: they would rather read it twice than not
at all. Customers do not: a second "we are investigating" reads like a second incident.
"""

from __future__ import annotations

from enum import StrEnum

from runbook.document.words import Audience


class AfterCrash(StrEnum):
    """What a runner does with a message that has a start in the journal and no result."""

    SEND_AGAIN = "send_again"
    UNKNOWN = "unknown"  # recorded as such, and the run goes on


def after_crash(audience: Audience) -> AfterCrash:
    """At least once for the team, at most once for customers."""
    return AfterCrash.SEND_AGAIN if audience is Audience.TEAM else AfterCrash.UNKNOWN
