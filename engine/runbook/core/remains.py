"""What is left of a change or of a gate's terms where payloads of their record were dropped.

They are told of, never acted on: whatever an undo would go by is taken out, not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from runbook.core.changes import Change, Target
from runbook.core.dropped import Lost, Tombstone, undo_needs
from runbook.core.terms import Terms
from runbook.document.typed import converted
from runbook.document.words import Effect


def remains(
    said: Mapping[str, Any], dropped: Sequence[Lost], kind: str | None, digest: str
) -> tuple[Change, Tombstone | None]:
    """A planned change without what was dropped of it, and the first of that which an undo would need.

    It keeps the digest that was recorded: what people approved was the whole.
    """
    needed = [one for one in dropped if undo_needs("change.planned", one.path)]
    parts = {str(one.path[1]) if len(one.path) > 1 else "change" for one in dropped}
    left = dict(said)
    if "fields" in parts:
        left["fields"] = []
    if "undo" in parts:
        left |= {"undo": None, "irreversible": dropped[0].tombstone.text}
    try:
        change = converted(left, Change)
    except msgspec.ValidationError:
        change = _unknown(dropped[0].tombstone, kind)
    change.__dict__["digest"] = digest
    return change, needed[0].tombstone if needed else None


def _unknown(tombstone: Tombstone, kind: str | None) -> Change:
    """A change of which nobody can tell any more what it was."""
    target = Target(connection="", kind="target", name=tombstone.text)
    return Change(
        kind=kind or "unknown",
        target=target,
        summary=tombstone.text,
        effect=Effect.CHANGE,
        irreversible=tombstone.text,
    )


def terms_of(said: Mapping[str, Any], dropped: Sequence[Lost]) -> Terms:
    """A gate's terms; where they were dropped, words for them."""
    gone = next((one.tombstone for one in dropped if one.path[:1] == ("terms",)), None)
    return converted(said, Terms) if gone is None else Terms(required=1, timeout=0.0, asks=gone.text)
