"""The fixed words of incidents. Severities, types and further roles are the team's own: its Catalog has them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Where an incident is. Reopened, it is open again."""

    OPEN = "open"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"


class Tlp(StrEnum):
    """The marks of the Traffic Light Protocol 2.0, strictest first."""

    RED = "RED"
    AMBER_STRICT = "AMBER+STRICT"
    AMBER = "AMBER"
    GREEN = "GREEN"
    CLEAR = "CLEAR"


ROLES: Final = ("commander", "deputy", "scribe", "operations", "communications", "liaison")  # one holder each

TIMES: Final = (  # in the order in which they happen
    "impact_started",
    "detected",
    "alerted",
    "declared",
    "acknowledged",
    "mobilised",
    "mitigated",
    "resolved",
)

LINKS: Final = ("run", "incident", "drill", "evidence", "url", "ticket")
