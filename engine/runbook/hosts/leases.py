"""Two runners, two journals, one target: what each sees of the other, where a connection says `lease:`.

Locks hold within one store. Across stores a change is kept apart by its precondition alone; a lease on the server
itself says who else is at it. Said at the gate among a change's warnings, it blocks nothing. A dry run only looks.
Where a connection has credentials for reading, a lease is written only once a gate was granted, because not before
that are the others opened. What the server does not allow is said once.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from runbook import kinds
from runbook.core.changes import Change
from runbook.core.commands import PlanChange
from runbook.core.words import Mode
from runbook.errors import WorldError
from runbook.hosts.anchors import pinned
from runbook.hosts.world import Surroundings

if TYPE_CHECKING:
    from runbook.clients.kubernetes.leases import Leases
    from runbook.hosts.world import LocalWorld


class Advice:
    """The leases of one run, by the connection's client."""

    def __init__(self, around: Surroundings, runbook: str, mode: Mode) -> None:
        self._about = {"run": around.run, "runbook": runbook, "by": around.initiator, "host": os.uname().nodename}
        self._looks_only = mode is Mode.DRY
        self._lock = threading.Lock()
        self._leases: dict[int, Leases] = {}
        self._told: set[str] = set()

    def taken(self, change: Change, command: PlanChange, world: LocalWorld) -> tuple[Change, dict[str, Any]]:
        """A planned change with what is to be known of others at its target, and what its record says of the lease."""
        client = world.client(kinds.get(change.kind).SPEC.connection) if pinned(change.kind) else None
        namespace = getattr(client, "lease_namespace", None)
        if client is None or namespace is None:
            return change, {}
        leases = self._of(client, namespace)
        lock = change.target.lock.removeprefix(f"{change.target.connection}/")  # the lease is in the cluster itself
        looks = self._looks_only or (client.reads_apart and command.grant is None)
        said: dict[str, Any] = {"namespace": namespace, "did": "looked" if looks else "claimed"}
        try:
            other = leases.look(lock) if looks else leases.claim(lock, str(change.target))
        except WorldError as error:
            said |= {"did": "failed", "problem": error.message}
            line = f"whether another runner works on {change.target} is not known: {error.message}"
            return self._once(change, line, error.message), {"lease": said}
        if other is None:
            return change, {"lease": said}
        said |= {"did": "found", "holder": str(other), "until": other.until}
        return _warned(change, f"another runner ({other}) works on {change.target}"), {"lease": said}

    def ended(self) -> None:
        """The run has ended: nobody works on its targets any more."""
        for leases in self._leases.values():
            leases.release()

    def _of(self, client: Any, namespace: str) -> Leases:
        from runbook.clients.kubernetes.leases import Leases

        with self._lock:
            if id(client) not in self._leases:
                self._leases[id(client)] = Leases(client, namespace, self._about)
            return self._leases[id(client)]

    def _once(self, change: Change, line: str, problem: str) -> Change:
        with self._lock:
            known = problem in self._told
            self._told.add(problem)
        return change if known else _warned(change, line)


def _warned(change: Change, line: str) -> Change:
    return replace(change, warnings=(line, *change.warnings))
