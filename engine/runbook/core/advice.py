"""What an author says to whoever decides or does something by hand: a caution, what else to know, where to look.

It is shown and recorded where people decide, and never part of what they decide on: no digest covers it. A caution is a
template; what it names and nobody knows becomes the word `unknown`, because a warning must be seen at night. What a
reading means (`Found`) is told beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from runbook.document.model import Link, Option, Step


class Advice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands beside an option at its gate, or beside a step; `caution` is rendered."""

    caution: str | None = None
    description: str | None = None
    links: tuple[Link, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.caution or self.description or self.links)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the reading of a step means; `unknown` where that cannot be told. `points_to` is an option."""

    step: str
    say: str
    points_to: str | None = None
    unknown: bool = False


def advice_of(entry: Option | Step, scope: Mapping[str, object]) -> Advice:
    """What the author says beside an option or a step, in the names that it sees."""
    caution = cautioned(entry.caution, scope)
    return Advice(caution=caution, description=entry.description, links=entry.links)


def cautioned(text: str | None, scope: Mapping[str, object]) -> str | None:
    """A caution with its values filled in."""
    return spoken(text, scope) if text else None


def spoken(text: str, scope: Mapping[str, object]) -> str:
    """A text for people with its values filled in; as it was written where it grows beyond what a message may be."""
    from runbook.document.expressions import Unknown  # whoever only reads records needs no expressions
    from runbook.document.templates import message_template

    try:
        return message_template(text).render(scope)[0].strip()
    except Unknown:
        return text


def recorded(advice: Advice) -> dict[str, Any]:
    """What a record says of it: nothing where there is nothing."""
    return {"advice": msgspec.to_builtins(advice)} if advice else {}
