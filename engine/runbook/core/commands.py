"""What the procedure asks of a host, and how it says that things go side by side.

A command has a key, `path:verb#n`, unique in its run. Its `digest` covers what was rendered into it, so that a
log written by another procedure is noticed before anything is done (`Diverged`). Fields that only help to draw or
to judge (`scope`, `advice`) follow from the log and are not in the digest.

`Together`, `Beside` and `Joined` are for the machine alone; a host never sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from functools import cached_property
from typing import Any, ClassVar

import msgspec

from runbook.core.advice import Advice, Found
from runbook.core.canonical import digest
from runbook.core.changes import Change, Outcome
from runbook.document.model import Approval, Output, Retry
from runbook.document.words import Effect, Series, Verb

Scope = Mapping[str, object]

_NOT_RENDERED = frozenset({"scope", "title", "phase", "advice", "caution", "findings"})
# came after runs were recorded: what is empty leaves no trace in a digest
_LATER = frozenset({"outputs", "until", "again"})
_AS_THEY_ARE = frozenset({str, int, bool, type(None), dict})  # most fields


class Command(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Base of all commands. `path` is the key without verb and number: the step's full address."""

    verb: ClassVar[Verb]

    key: str
    path: str
    title: str | None = None

    @cached_property  # in every record about the command, and compared when that is read back
    def digest(self) -> str:
        """SHA-256 over verb, key and all that was rendered."""
        rendered = {
            name: value if type(value) in _AS_THEY_ARE else _plain(value)
            for name in self.__struct_fields__
            if name not in _NOT_RENDERED and ((value := getattr(self, name)) or name not in _LATER)
        }
        return digest({"verb": self.verb, **rendered})


def _plain(value: Any) -> Any:
    """What of a field goes into a command's digest: of a change, its digest and nothing that may move."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, Change):
        return value.digest
    if isinstance(value, tuple):  # the names of all locks of a stage are one, in each of its commands
        return value if _AS_THEY_ARE.issuperset(map(type, value)) else [_plain(item) for item in value]
    if isinstance(value, Proposal):
        return {"path": value.path, "change": value.change.digest}
    if isinstance(value, Retry | Approval):
        return _said(value)
    if isinstance(value, float):
        return float(value)  # a duration is a number of seconds
    return value


def _said(value: Retry | Approval) -> dict[str, Any]:
    """What an author wrote; what is not said leaves no trace, so that a later version may know more words."""
    fields = {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    return {name: field for name, field in fields.items() if field not in (None, False, [])}


class Observe(Command, frozen=True, kw_only=True):
    """Read the world once: a probe, a check, or whether a change has arrived.

    `timeout` in seconds, per attempt; None means the kind's. `round` counts the rounds of a verification, or the looks
    of a step with `until`: `until` is when the time for it is over, `again` when the next look is due.
    `if_configured` reads fail, not unknown, when the project has no such connection (alert symptoms).
    `sent` and `outcome` are set when the question is whether that change has taken effect. `outputs` are those that
    the step declares, to be read out of the kind's.
    """

    verb: ClassVar[Verb] = Verb.OBSERVE

    id: str
    phase: str
    kind: str
    inputs: dict[str, Any]
    connection: str | None = None
    timeout: float | None = None
    retry: Retry = Retry()
    expect: str | None = None
    series: Series = Series.ONE
    round: int | None = None
    until: float | None = None
    again: float | None = None
    if_configured: bool = False
    sent: Change | None = None
    outcome: Outcome | None = None
    outputs: Mapping[str, Output] = {}
    scope: Scope = {}


class PlanChange(Command, frozen=True, kw_only=True):
    """Find out what an action would do, exactly.

    `hold` names the locks that must be ours before the plan is made (before applying; empty at first).
    `grant` is the key of the decision that is about to be used, so that it can be judged by today's policy.
    `waits_for` is set in a dry run for what cannot be planned yet: the names whose outputs are missing.
    `undoes` is the key of the change that this one takes back. `limit` is how long, in seconds, the change may take
    once it is sent; None where nothing was said.
    """

    verb: ClassVar[Verb] = Verb.PLAN

    id: str
    phase: str
    kind: str
    inputs: dict[str, Any]
    option: str | None = None
    connection: str | None = None
    timeout: float | None = None
    must_undo: bool = False
    hold: tuple[str, ...] = ()
    grant: str | None = None
    waits_for: tuple[str, ...] = ()
    undoes: str | None = None
    limit: float | None = None


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One change as it stands at a gate: the step's path and title, what its author says beside it, and the change."""

    path: str
    change: Change
    title: str | None = None
    advice: Advice = Advice()


class Approve(Command, frozen=True, kw_only=True):
    """Open a gate: show these changes to people and wait for their decision.

    `approval` is what the runbook's author asks for; the policy may ask for more. `attempt` counts the times that
    this stage was asked for; `changed` says what is different from the last time. `later` lists steps that can only
    be planned after this stage; `beforehand` what was seen and done first; `proves_nothing` the checks that pass
    already. `auto` is True while the policy itself may decide. `caution` is the runbook's; the option's is in `advice`.
    `findings` say what triage means.
    """

    verb: ClassVar[Verb] = Verb.APPROVE

    option: str
    changes: tuple[Proposal, ...]
    approval: Approval | None = None
    attempt: int = 1
    auto: bool = False
    auto_allowed: bool = True
    later: tuple[str, ...] = ()
    proves_nothing: tuple[str, ...] = ()
    changed: str | None = None
    caution: str | None = None
    advice: Advice = Advice()
    findings: tuple[Found, ...] = ()

    @cached_property
    def gate_digest(self) -> str:
        """What an approval names: the digests of all changes of the stage, in order."""
        return digest([proposal.change.digest for proposal in self.changes])

    @cached_property  # asked again by each change that uses the grant
    def effect(self) -> Effect:
        """The most dangerous effect among the changes."""
        worst = Effect.CHANGE
        for proposal in self.changes:
            worst = worst.at_least(proposal.change.effect)
        return worst


class Apply(Command, frozen=True, kw_only=True):
    """Send one change, once. With `undoes` it is the undo of the change with that key. `outputs` as of `Observe`."""

    verb: ClassVar[Verb] = Verb.APPLY

    id: str
    phase: str
    change: Change
    option: str | None = None
    timeout: float | None = None
    grant: str | None = None
    undoes: str | None = None
    outputs: Mapping[str, Output] = {}


class Undo(Apply, frozen=True, kw_only=True):
    """Send the undo of a change, once."""

    verb: ClassVar[Verb] = Verb.UNDO


class Ask(Command, frozen=True, kw_only=True):
    """Ask a person. `purpose` tells a host what the question is about; `deadline` is absolute, None waits on.

    purpose: `manual` (do it, say done), `question` (a value), `choice` (one of a list), `symptoms` (do you see it?),
    `when` (cannot tell whether the option applies), `verification` (cannot tell whether it helped).
    """

    verb: ClassVar[Verb] = Verb.ASK

    purpose: str
    question: str
    id: str | None = None
    phase: str | None = None
    kind: str | None = None
    type: str = "string"
    choices: tuple[str, ...] = ()
    deadline: float | None = None
    advice: Advice = Advice()


class Wait(Command, frozen=True, kw_only=True):
    """Let time pass until `until` (seconds since the epoch)."""

    verb: ClassVar[Verb] = Verb.WAIT

    until: float
    id: str | None = None
    phase: str | None = None


class Announce(Command, frozen=True, kw_only=True):
    """Tell a channel: a template by name, the text of one, or `words` that are never rendered. Never a doubt."""

    verb: ClassVar[Verb] = Verb.ANNOUNCE

    to: str
    template: str | None = None
    text: str | None = None
    words: str | None = None
    id: str | None = None
    phase: str | None = None
    scope: Scope = {}

    @property
    def awaited(self) -> bool:
        """Whether the run waits a moment for what comes of it: a step does, whose output it is."""
        return self.id is not None


class Page(Command, frozen=True, kw_only=True):
    """Get a person: better twice than never, with one dedup key per run."""

    verb: ClassVar[Verb] = Verb.PAGE

    to: str
    reason: str
    message: str | None = None


class Preserve(Command, frozen=True, kw_only=True):
    """Keep one piece of evidence until `deadline` (absolute)."""

    verb: ClassVar[Verb] = Verb.PRESERVE

    id: str
    plan: str
    kind: str
    inputs: dict[str, Any]
    connection: str | None = None
    deadline: float = 0.0
    required: bool = False


class Note(Command, frozen=True, kw_only=True):
    """Write down what was decided (an option skipped, and why); nothing is performed."""

    verb: ClassVar[Verb] = Verb.NOTE

    about: str
    data: dict[str, Any]


Flow = Generator[Any, Any, Any]
Thunk = Callable[[], Flow]


class Together(msgspec.Struct, frozen=True):
    """Branches that go in parallel; each starts when those that it `needs` have ended. Results come by name."""

    branches: Mapping[str, tuple[frozenset[str], Thunk]]


class Beside(msgspec.Struct, frozen=True):
    """Start a flow in the background and go on at once; it is withdrawn when the run ends."""

    name: str
    flow: Thunk


class Joined(msgspec.Struct, frozen=True):
    """Wait for a flow that was started with `Beside`; gives its value."""

    name: str


class Aborted(Exception):
    """Thrown into a procedure once an abort was asked for and nothing is in flight any more."""

    def __init__(self, doubts: tuple[str, ...] = ()) -> None:
        super().__init__("aborted")
        self.doubts = doubts
