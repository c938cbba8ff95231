"""A team's catalog of incidents as frozen types: severities, types, roles, targets.

As `document.model` has the other documents; nothing validates here. Durations are seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec

from runbook.document.durations import Duration

ROLES: Final = ("commander", "deputy", "scribe", "operations", "communications", "liaison")  # always there


class Response(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is aimed at in a severity. `acknowledge` is 0 for immediately; None with `business_hours`, or not said."""

    acknowledge: Duration | None = None
    business_hours: bool = False
    first_update: Duration | None = None
    update_every: Duration | None = None
    review: Duration | None = None

    @property
    def spoken(self) -> str | None:
        """How soon somebody works on it, in words; None where the catalog does not say."""
        if self.business_hours:
            return "in business hours"
        if self.acknowledge is None:
            return None
        return f"within {self.acknowledge}" if self.acknowledge else "immediately"


class Level(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One severity."""

    name: str
    title: str
    description: str | None = None
    major: bool = False
    response: Response = Response()
    examples: tuple[str, ...] = ()


class Class(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One type of incident: who responds, who is called in, which channels are told."""

    name: str
    description: str | None = None
    examples: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    escalation: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()
    confidential: bool = False
    tlp: str | None = None
    checklist: tuple[str, ...] = ()


class RoleName(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A role beside the six that there always are."""

    name: str
    title: str | None = None
    description: str | None = None


class Targets(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What medians over many incidents are held against, in seconds; None: no target."""

    mttd: Duration | None = None
    mtta: Duration | None = None
    mttm: Duration | None = None
    mttr: Duration | None = None


Named = TypeVar("Named", Level, Class)


class Catalog(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The words that a team has for its incidents. `severities` stand in order, the worst first."""

    severities: tuple[Level, ...]
    types: tuple[Class, ...] = ()
    roles: tuple[RoleName, ...] = ()
    targets: Targets = Targets()

    def level(self, name: str | None) -> Level | None:
        """The severity of a name, in upper or lower case; None where there is none."""
        return _called(self.severities, name)

    def class_(self, name: str | None) -> Class | None:
        """The type of a name, in upper or lower case; None where there is none."""
        return _called(self.types, name)

    def rank(self, severity: str) -> int:
        """0 for the worst; what the catalog does not know comes last."""
        names = [level.name for level in self.severities]
        return names.index(severity) if severity in names else len(names)


def _called(entries: Iterable[Named], name: str | None) -> Named | None:
    return next((one for one in entries if name is not None and one.name.casefold() == name.casefold()), None)
