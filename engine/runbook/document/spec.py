"""The type of a kind's spec: what a kind tells about itself, as data.

`document`, `core` and `lint` work from a table `{name: KindSpec}` that is handed to them; none of them imports
a kind. The kinds themselves live in `runbook.kinds`.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Set
from typing import Any

import msgspec

from runbook.document.words import Effect, Reach, Role

JSONSchema = Mapping[str, Any]


class KindSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What can be known of a kind without running it.

    `inputs` is the JSON Schema (2020-12, an object, `additionalProperties: false`, a `description` on every
    property) of a step's `with`. `outputs` is the JSON Schema of what a step yields; each of its properties is
    present in every observation, null when absent. `effect` None means that `with.effect` says it (default
    `change`); such a kind may also stand where only reads are allowed if it says `effect: read`. `expect` is the
    default check. `connection` is the type of connection that a step opens (`prometheus`, `kubernetes`), or None.
    `outcome` is the JSON Schema of what an action yields when applied; for probes it equals `outputs`.
    `arrives` is True where an accepted change takes time to take effect and `arrived` must be asked.
    `irreversible` is True where no change of the kind ever has an undo, whatever a step says.
    `text` names the output that declared outputs read where they do not say `from` (`stdout`, `body`), or None.
    `example` is a whole step, used in docs and tests.
    """

    name: str
    summary: str
    role: Role
    effect: Effect | None = Effect.READ
    version: int = 1
    inputs: JSONSchema
    outputs: JSONSchema
    expect: str | None = None
    text: str | None = None
    reach: Reach = Reach.LOCAL
    connection: str | None = None
    arrives: bool = False
    irreversible: bool = False
    timeout: str = "30s"
    example: Mapping[str, Any]

    @property
    def output_names(self) -> frozenset[str]:
        """Names of the declared outputs."""
        return frozenset(self.outputs.get("properties", {}))


Specs = Mapping[str, KindSpec]


class ImportedWhenUsed(Specs, ABC):
    """A table in which looking up a kind imports its module: whoever wants all of them waits for all of them.

    `brought` are the names of those that other packages bring; what nobody can know without asking is asked of these.
    """

    brought: Set[str]
