"""What finished runs have left changed: what it was before, what stands there now as far as we know, what Git says.

A run that helped has usually changed something that nobody wrote into Git yet: more replicas, an older image, a
variable. The next deployment takes that back, or nobody ever does; either is found out weeks later. So it is listed
when an incident is resolved. What was taken back is not left; what a follow-up closed is settled and not listed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from runbook.core.addresses import parts
from runbook.core.changes import Change, Field
from runbook.core.history import History
from runbook.core.views import AppliedChange
from runbook.incident.declared import Agrees, Declared, Manifest, declared


class LeftField(msgspec.Struct, frozen=True, kw_only=True):
    """One field: what it was, what the change made of it, and what Git says (`declared`, its value and file)."""

    path: str
    before: Any
    after: Any
    agrees: Agrees = Agrees.UNKNOWN
    declared: Any = None
    file: str | None = None


class Leftover(msgspec.Struct, frozen=True, kw_only=True):
    """One change that is still there. `due` is when it was to be taken back (seconds since 1970), if it was temporary.

    `partly`: it is known to have been applied in part only. `undo` is the command that takes it back, where one can.
    """

    run: str
    runbook: str
    option: str | None
    key: str
    summary: str
    target: str
    at: float
    fields: tuple[LeftField, ...]
    partly: bool = False
    due: float | None = None
    undo: str | None = None

    @property
    def temporary(self) -> bool:
        """Whether it was meant for a while only."""
        return self.due is not None

    @property
    def to_do(self) -> bool:
        """Whether somebody has to act: take it back in time, or bring Git to it."""
        return self.temporary or any(field.agrees is Agrees.OTHER for field in self.fields)


def leftovers(
    run: str, past: History, gone: Collection[str] = (), manifests: Iterable[Manifest] = ()
) -> list[Leftover]:
    """What of a run's changes is still there. `gone` are keys of changes that other runs have taken back."""
    known = list(manifests)
    due = {str(one["key"]): each for each in past.follow_ups.values() for one in each.changes if "key" in one}
    found = []
    for change in past.standing:
        follow_up = due.get(change.key)
        if change.key in gone or (follow_up is not None and follow_up.closed is not None):
            continue
        found.append(_left(run, past, change, known, follow_up.due if follow_up else None))
    return found


def _left(run: str, past: History, applied: AppliedChange, manifests: list[Manifest], due: float | None) -> Leftover:
    change = applied.change
    way = parts(applied.path)
    return Leftover(
        run=run,
        runbook=past.runbook,
        option=way[1] if len(way) > 1 and way[0] == "resolution" else None,
        key=applied.key,
        summary=change.summary,
        target=str(change.target),
        at=applied.at,
        fields=tuple(_field(change, field, manifests) for field in change.fields),
        partly=str(applied.outcome.applied) == "partly",
        due=due,
        undo=f"runbook undo {run}" if change.undo is not None and applied.lost is None else None,
    )


def _field(change: Change, field: Field, manifests: list[Manifest]) -> LeftField:
    said = (
        declared(manifests, change.target, field) if change.kind.startswith("kubernetes.") else Declared(Agrees.UNKNOWN)
    )
    return LeftField(
        path=field.path,
        before=field.before,
        after=field.after,
        agrees=said.agrees,
        declared=said.value,
        file=said.path,
    )
