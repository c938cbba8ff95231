"""What a step sees, would do and did: the values that pass between kinds, hosts, the journal and people.

A `Change` is planned exactly, approved by its digest, applied once and, if asked, taken back by its `undo`,
which is a change like any other, planned beforehand from the state before.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec

from runbook.core.canonical import digest
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect

Value = Any


class _Data(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class Error(_Data, frozen=True, kw_only=True):
    """Why something did not come out: a stable code and a sentence."""

    code: str
    message: str


class Observation(_Data, frozen=True, kw_only=True):
    """What a probe saw: the kind's declared outputs, each present.

    `verdict` is set by kinds that ask about reachability (`fail`: the answer is that it is not); otherwise
    `expect` judges. `unknown` says why the outputs must not be judged (no data, several series, a partial answer).
    `error` says that nothing could be read; `output` is then empty.
    """

    output: dict[str, Value] = {}
    verdict: Verdict | None = None
    unknown: str | None = None
    error: Error | None = None
    warnings: tuple[str, ...] = ()


class Target(_Data, frozen=True, kw_only=True):
    """The thing that a change touches. `connection` is the identity of the server (a cluster's uid, a URL, a host).

    `uid` tells an object from its successor of the same name.
    """

    connection: str
    kind: str
    name: str
    namespace: str | None = None
    uid: str | None = None

    @property
    def lock(self) -> str:
        """Name of the lock that keeps two runs from one object."""
        return "/".join(part for part in (self.connection, self.kind, self.namespace, self.name) if part)

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"


class Field(_Data, frozen=True, kw_only=True):
    """One field that a change touches: its value now, and as it will be."""

    path: str
    before: Value = None
    after: Value = None


class Change(_Data, frozen=True, kw_only=True, dict=True):
    """What an action would do, exactly.

    `inputs` plan it anew. `request` is what is sent, without its precondition. `fields` are what it touches.
    `undo` takes it back; without one `irreversible` says why. `precondition` is tested by the request itself when
    it is sent. `known_as` is what people call the server of the target. `after` is the digest of an earlier change
    of the same stage on the same target. Of these the precondition is not part of the digest, nor is what is said
    to people: `summary`, `warnings`, `diff`, `by_hand` and `known_as`.
    """

    kind: str
    version: int = 1
    target: Target
    summary: str
    effect: Effect
    inputs: dict[str, Value] = {}
    connection: str | None = None
    request: dict[str, Value] = {}
    fields: tuple[Field, ...] = ()
    undo: Change | None = None
    irreversible: str | None = None
    precondition: dict[str, Value] = {}
    warnings: tuple[str, ...] = ()
    diff: str = ""
    by_hand: str = ""
    known_as: str = ""
    after: str | None = None

    @cached_property  # asked for at the gate, in the intent and by each plan that is compared
    def digest(self) -> str:
        """What an approval is bound to: 64 hexadecimal digits."""
        return digest(
            {
                "kind": self.kind,
                "version": self.version,
                "target": self.target,
                "request": self.request,
                "fields": self.fields,
                "undo": self.undo.digest if self.undo else self.irreversible,
                "effect": self.effect,
                "after": self.after,
            }
        )


class NothingToDo(_Data, frozen=True, kw_only=True):
    """The world is already as the step wants it."""

    reason: str


class Refused(_Data, frozen=True, kw_only=True):
    """The step may not be planned: `by` is `kind` (it would be wrong) or `policy` (it is not allowed)."""

    reason: str
    by: str = "kind"


class Outcome(_Data, frozen=True, kw_only=True):
    """What came of sending a change. `state` is what it left on its target (uid, generation, …).

    `warnings` are what is to be known of it and is no failure.
    """

    applied: Applied
    state: dict[str, Value] = {}
    output: dict[str, Value] = {}
    error: Error | None = None
    warnings: tuple[str, ...] = ()


class DidApply(_Data, frozen=True, kw_only=True):
    """`confirm` found the change in the world."""

    outcome: Outcome


class DidNotApply(_Data, frozen=True, kw_only=True):
    """`confirm` proved that the change is not in the world, and that nothing can still arrive."""

    reason: str


class CannotTell(_Data, frozen=True, kw_only=True):
    """`confirm` could not say; `running` names a process of the attempt that is still alive."""

    reason: str
    running: str | None = None


Confirmation = DidApply | DidNotApply | CannotTell
Planned = Change | NothingToDo | Refused
