"""Plans changes: what a kind would do now, held to policy, to the server it was first planned on, and to its effect."""

from __future__ import annotations

import threading
from itertools import chain
from typing import Any

import msgspec

from runbook import kinds
from runbook.core.changes import Change, NothingToDo
from runbook.core.changes import Refused as NotPlanned
from runbook.core.commands import PlanChange
from runbook.core.masking import Masker
from runbook.core.redrawn import without
from runbook.document.words import Effect
from runbook.errors import RunbookError
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.leases import Advice
from runbook.hosts.ports import Result
from runbook.hosts.reads import Reads
from runbook.hosts.world import LocalWorld
from runbook.hosts.worlds import PROBE, Worlds


class Plans:
    """The plans of one run."""

    def __init__(self, worlds: Worlds, gatekeeper: Gatekeeper, reads: Reads, leases: Advice) -> None:
        self._worlds = worlds
        self._gatekeeper = gatekeeper
        self._reads = reads
        self._leases = leases

    def plan(self, command: PlanChange, cancel: threading.Event) -> Result:
        """What would be done, exactly; or why nothing would be, or must not be."""
        data = {"id": command.id, "phase": command.phase, "kind": command.kind, "title": command.title}
        if command.waits_for:
            return Result(command.key, "change.planned", {**data, "waits_for": list(command.waits_for)})
        refused = None
        if command.grant is not None:
            refused = self._gatekeeper.refuses_grant(command.grant, self._worlds.clock.now())
        if refused is not None:
            return Result(command.key, "change.planned", {**data, "refused": refused, "by": "policy"})
        unproven = self._reads.unproven_preview(command)
        if unproven is not None:
            failed = {"code": "unproven_read", "message": unproven}
            return Result(command.key, "change.planned", {**data, "error": failed})
        world = self._worlds.of(command, command.timeout or PROBE, cancel)
        try:
            adrift = self._gatekeeper.anchors.adrift(command.kind, command.connection, world)
            if adrift is not None:
                return Result(command.key, "change.planned", {**data, "refused": adrift, "by": "kind"})
            planned = kinds.get(command.kind).plan(command.inputs, world)
        except RunbookError as error:
            failed = {"code": error.code, "message": str(error)}
            return Result(command.key, "change.planned", {**data, "error": failed})
        return Result(command.key, "change.planned", {**data, **self._judged(command, planned, world)})

    def _judged(self, command: PlanChange, planned: Any, world: LocalWorld) -> dict[str, Any]:
        if isinstance(planned, NothingToDo):
            return {"nothing": planned.reason}
        if isinstance(planned, NotPlanned):
            return {"refused": planned.reason, "by": planned.by}
        change = msgspec.structs.replace(planned, connection=command.connection, known_as=_known_as(command, world))
        claimed = command.inputs.get("effect")
        if claimed is not None:
            change = msgspec.structs.replace(change, effect=change.effect.at_least(Effect(claimed)))
        if command.must_undo and change.undo is None:
            why = change.irreversible or "the kind has none"
            return {"refused": f"an undo is asked for, and there is none: {why}", "by": "kind"}
        masked = _masked(change, self._worlds.around.masker)
        if masked is not None:
            return {"refused": masked, "by": "kind"}
        forbidden = self._gatekeeper.refuses_change(change)
        if forbidden is not None:
            return {"refused": forbidden, "by": "policy"}
        change, lease = self._leases.taken(change, command, world)
        return {"change": msgspec.to_builtins(change), "digest": change.digest, **lease}


def _masked(change: Change, masker: Masker) -> str | None:
    """Why a change, or its undo, cannot be made of its record, where secrets are masked; None where it can.

    What is sent is what the record holds, and in a shell `***` would be every file that there is.
    """
    for name, value in chain(change.inputs.items(), without(change.request).items(), change.precondition.items()):
        plain = msgspec.to_builtins(value)
        if masker.value(plain) != plain:
            return (
                f"a secret stands in '{name}', where the record would hold *** in place of it; refer to the secret; "
                "or, where it is only a word that is alike, give the secret another value"
            )
    return _masked(change.undo, masker) if change.undo is not None else None


def _known_as(command: PlanChange, world: LocalWorld) -> str:
    """What people call the server that a change would be made on, where its client has a name for it."""
    type_ = kinds.get(command.kind).SPEC.connection
    return str(getattr(world.client(type_), "known_as", "")) if type_ else ""
