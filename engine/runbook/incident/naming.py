"""What people call things, held to what there is: severities, types and roles of the catalog, people of the policy.

Each gives the name as it is kept, or raises UsageError with the nearest.
"""

from __future__ import annotations

from typing import Final

from runbook.document.catalog import Catalog
from runbook.document.suggest import did_you_mean
from runbook.errors import UsageError
from runbook.incident.words import ROLES, Tlp
from runbook.policy.people import UNLISTED, People

_LONGEST: Final = 64 * 1024  # characters of a text
_LONGEST_TITLE: Final = 200


def severity(catalog: Catalog, name: str) -> str:
    """A severity of the catalog, in upper or lower case."""
    level = catalog.level(name.strip())
    if level is None:
        known = [one.name for one in catalog.severities]
        raise UsageError(f"there is no severity {name!r}", hint=f"severities are {', '.join(known)}")
    return level.name


def type_(catalog: Catalog, name: str) -> str:
    """A type of the catalog."""
    found = catalog.class_(name.strip())
    if found is None:
        known = [one.name for one in catalog.types]
        raise UsageError(
            f"there is no type of incident {name!r}", hint=did_you_mean(name.title(), known, what="types are")
        )
    return found.name


def role(catalog: Catalog, name: str) -> str:
    """A role: one of the six, or one that the catalog adds."""
    known = [*ROLES, *(one.name for one in catalog.roles)]
    if name.strip().lower() not in known:
        raise UsageError(f"there is no role {name!r}", hint=did_you_mean(name.lower(), known, what="roles are"))
    return name.strip().lower()


def person(people: People, name: str) -> str:
    """Somebody of the policy; `me` is who is at the keyboard. Without a policy, any name."""
    said = name.strip().removeprefix("@")
    if said in ("me", people.me):
        return people.me
    if not said or not said.isprintable() or said.startswith(UNLISTED):
        raise UsageError(f"{name!r} is nobody's name")
    if people.policy is not None and said not in people.policy.people:
        hint = did_you_mean(said, people.policy.people, what="it has")
        raise UsageError(f"the policy has no person {said!r}", hint=hint)
    return said


def tlp(mark: str) -> str:
    """A mark of TLP 2.0, with or without `TLP:` in front."""
    said = mark.strip().upper().removeprefix("TLP:").replace(" ", "")
    if said == "WHITE":
        raise UsageError("TLP:WHITE is called TLP:CLEAR since TLP 2.0", hint="write CLEAR")
    if said not in Tlp.__members__.values():
        raise UsageError(f"{mark!r} is no mark of TLP 2.0", hint=did_you_mean(said, list(Tlp), what="marks are"))
    return said


def title(text: str) -> str:
    """The title of an incident: one line."""
    said = " ".join(text.split())
    if not said:
        raise UsageError("an incident needs a title", hint='say in a few words what users notice: --title "…"')
    if len(said) > _LONGEST_TITLE:
        raise UsageError(f"the title is longer than {_LONGEST_TITLE} characters", hint="put the rest into --impact")
    return said


def words(text: str, what: str) -> str:
    """A text that must say something."""
    said = text.strip()
    if not said:
        raise UsageError(f"{what} is empty", hint="say it in words: it stands in the record")
    if len(said) > _LONGEST:
        raise UsageError(f"{what} is longer than {_LONGEST} characters", hint="link to where the whole of it is kept")
    return said
