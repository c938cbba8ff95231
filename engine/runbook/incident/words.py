"""The fixed words of incidents. Severities, types and further roles are the team's own: its Catalog has them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from runbook.document.catalog import ROLES as _ROLES


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

ROLES: Final = _ROLES  # one holder each

LINKS: Final = ("run", "incident", "drill", "evidence", "url", "ticket")
