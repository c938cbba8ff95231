"""What a kind is: a module with a `SPEC` and these functions. No base class, no registration, no state.

    SPEC       runbook.document.spec.KindSpec
    describe   one line for people: what a step with these inputs does
    by_hand    the line that a person would type instead (kubectl, curl, psql), shown at gates and in pages
    needs      what must be there for a step besides its connection: a program, permissions in a cluster (`needs.py`,
               `kubernetes_needs.py`); left out by kinds that need nothing else

and, by its role, the functions of `Probe`, `Action` or both (`command.run` is either, by its effect).
Modules are listed in `runbook.kinds.MODULES`; strangers' come through the entry point `runbook.kinds`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from runbook.core.changes import Change, Confirmation, Observation, Outcome, Planned
from runbook.document.spec import KindSpec

if TYPE_CHECKING:
    from runbook.clients.attempts import Attempt
    from runbook.clients.outputs import Mask

Inputs = Mapping[str, Any]


class World(Protocol):
    """The world as one attempt of one step may touch it; handed in by the host.

    project    the folder that commands run in, and that the files of a step are found in; of a run that was started
               from a commit, the files of that commit
    home       the project itself: what the configuration names, and its repository
    environ    the environment that commands start from (already without our own secrets)
    attempt    an apply's locked file, which its processes inherit, or for `confirm` the view of the earlier one
               (see `clients/attempts.py`); None for reads
    intent     the idempotency key of an apply or undo, the same in every attempt; None for reads
    limit      seconds that a change may take once it is sent, until it has arrived: the step's `timeout`
    run        the run's id
    initiator  who started the run
    """

    project: Path
    home: Path
    environ: Mapping[str, str]
    attempt: Attempt | None
    intent: str | None
    limit: float
    run: str
    initiator: str

    def remaining(self) -> float:
        """Seconds until this attempt's timeout; never negative."""
        ...

    def cancelled(self) -> bool:
        """True once the run is being aborted or interrupted: end soon."""
        ...

    def client(self, type_: str) -> Any:
        """The client of this step's connection of a type; NotConfigured if there is none."""
        ...

    def secret(self, reference: Any) -> str:
        """Resolve `{env: …}`, `{file: …}` or `{command: [...]}`; the value is masked from then on."""
        ...

    def mask(self) -> Mask:
        """What takes secrets out of one stream of a command's output, as it is read."""
        ...

    def conceal(self, value: str) -> str:
        """An HMAC of a secret under the run's key: what may stand in a request or digest in its place."""
        ...

    def believed(self, argv: tuple[str, ...], host: str | None = None, env: Collection[str] = ()) -> bool:
        """True where the policy believes that this command only reads: here, or on the machine of that name.

        `env` are the names of the variables that the step sets for it.
        """
        ...


class Kind(Protocol):
    """What every kind has."""

    SPEC: KindSpec

    def describe(self, inputs: Inputs) -> str:
        """One line for people."""
        ...

    def by_hand(self, inputs: Inputs) -> str:
        """The line that a person would type."""
        ...


class Probe(Kind, Protocol):
    """A kind that reads. World errors are raised as errors.WorldError; only answers are returned."""

    def observe(self, inputs: Inputs, world: World) -> Observation:
        """Read once; raises WorldError where a server stands between us and the answer."""
        ...


class Action(Kind, Protocol):
    """A kind that changes."""

    def plan(self, inputs: Inputs, world: World) -> Planned:
        """Reads only; the exact change, with its undo and precondition."""
        ...

    def apply(self, change: Change, world: World) -> Outcome:
        """Once, with the precondition; returns when the world has accepted it. An exception is a doubt."""
        ...

    def arrived(self, change: Change, outcome: Outcome, world: World) -> Observation:
        """One look: has the change taken effect? Verdict pass, fail (it never will) or unknown (not yet).

        Only where `SPEC.arrives`; the host looks again until the step's timeout.
        """
        ...

    def confirm(self, change: Change, world: World) -> Confirmation:
        """After a crash or a lost answer: is the change in the world? A read."""
        ...

    def rehearse(self, inputs: Inputs, given: Mapping[str, Any]) -> Change:
        """The change as it would be in a simulated world; opens nothing."""
        ...
