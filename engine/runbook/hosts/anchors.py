"""Where a run's connections led when its first change was planned: there they must lead to its end.

A kubeconfig can be another one by the time that somebody says yes: a context was switched or renamed while the run
waited, or it is resumed on another machine. A change that would then be planned for another cluster is not another plan
of the same change, to be shown and asked for again; with `--yes` nobody would even look. It is refused. A run that
takes changes back is held to where those were made.

It is asked of clients that can tell (`clients.PINNED`); other kinds name the place in each change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook import kinds
from runbook.clients import PINNED
from runbook.core.changes import Change
from runbook.journal.record import Record
from runbook.kinds.protocol import World

_MEND = "make its context lead there again, and go on with the run; or abort it, and start another one"


class Anchors:
    """The first identity of each connection, by its type and name, from the records of one run."""

    def __init__(self) -> None:
        self._led: dict[tuple[str, str | None], str] = {}

    def noticed(self, record: Record) -> None:
        """Keep where a change was planned to be made, or was made that is to be taken back."""
        if record.type == "change.planned":
            self._keep(record.data.get("change"))
        elif record.type == "run.started":
            for done in (record.data.get("undoes") or {}).get("changes", ()):
                self._keep(done.get("change"))

    def _keep(self, change: Mapping[str, Any] | None) -> None:
        type_ = pinned(change["kind"]) if change is not None else None
        if change is not None and type_ is not None:
            self._led.setdefault((type_, change.get("connection")), change["target"]["connection"])

    def adrift(self, kind: str, name: str | None, world: World) -> str | None:
        """Why nothing may be planned through the connection that a step names; None where it may.

        Raises WorldError where it cannot be told.
        """
        type_ = pinned(kind)
        led = self._led.get((type_, name)) if type_ is not None else None
        return _elsewhere(type_, led, world) if type_ is not None and led is not None else None


def astray(change: Change, world: World) -> str | None:
    """Why a change that was planned must not be sent or looked for through its connection as it is now.

    Raises WorldError where it cannot be told.
    """
    type_ = pinned(change.kind)
    return _elsewhere(type_, change.target.connection, world) if type_ is not None else None


def pinned(kind: str) -> str | None:
    """The type of connection of a kind, where that is one place and can tell."""
    spec = kinds.spec(kind)
    return spec.connection if spec is not None and spec.connection in PINNED else None


def _elsewhere(type_: str, led: str, world: World) -> str | None:
    said: str | None = world.client(type_).elsewhere(led)
    return f"{said}; {_MEND}" if said is not None else None
