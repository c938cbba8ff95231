"""The words that people write in documents, as enums: parsed once, at the edge.

`core/words.py` has the words for what happens in a run. Both follow the vocabulary of `docs/architecture.md`.
"""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    """What a step does to the world, in order of danger."""

    READ = "read"
    NOTIFY = "notify"
    CHANGE = "change"
    DESTRUCTIVE = "destructive"

    @property
    def changes(self) -> bool:
        """True where a gate stands in front: `change` and `destructive`."""
        return self in (Effect.CHANGE, Effect.DESTRUCTIVE)

    def at_least(self, other: Effect) -> Effect:
        """The more dangerous of the two: a plan may raise an effect, never lower it."""
        order = list(Effect)
        return max(self, other, key=order.index)


class Verb(StrEnum):
    """What the engine does with a step of a kind, and the middle part of every command's key."""

    OBSERVE = "observe"
    PLAN = "plan"
    APPROVE = "approve"
    APPLY = "apply"
    UNDO = "undo"
    ASK = "ask"
    WAIT = "wait"
    ANNOUNCE = "announce"
    PAGE = "page"
    PRESERVE = "preserve"
    NOTE = "note"


class Role(StrEnum):
    """How a step of a kind is performed."""

    PROBE = "probe"  # reads: one Observe
    ACTION = "action"  # changes: planned, approved, applied
    MANUAL = "manual"  # a person does it: one Ask
    NOTICE = "notice"  # tells people: one Announce
    PAUSE = "pause"  # waits for time to pass: one Wait


class Reach(StrEnum):
    """What an unreachable server means to a probe of a kind."""

    ASKS = "asks"  # reachability is the question: refused is the answer `fail`
    READS_THROUGH = "reads_through"  # the server stands between us and the answer: refused is `unknown`
    LOCAL = "local"  # nothing remote


class OnFailure(StrEnum):
    """What an option does with what it applied when one of its steps failed."""

    STOP = "stop"
    UNDO = "undo"


class StepOnFailure(StrEnum):
    """What a failed step means to its option."""

    STOP = "stop"
    CONTINUE = "continue"


class Votes(StrEnum):
    """When what people say to a run counts: signed in a shared store and as it stands in a file, or always signed."""

    BY_STORE = "by_store"
    SIGNED = "signed"


class Unreviewed(StrEnum):
    """What the policy says to a run of documents that were not read from a reviewed commit."""

    REFUSE = "refuse"
    BREAK_GLASS = "break_glass"
    ALLOW = "allow"


class Declaring(StrEnum):
    """What the configuration says to a run that belongs to no incident, of a runbook about something major."""

    NEVER = "never"
    ASK = "ask"
    ALWAYS = "always"


class Sealed(StrEnum):
    """What the policy says to a run whose records cannot be sealed."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class NotHelped(StrEnum):
    """What an option does with what it applied when verification ended `fail`."""

    KEEP = "keep"
    UNDO = "undo"


class Series(StrEnum):
    """How several series are judged by one `expect`."""

    ONE = "one"
    ANY = "any"
    ALL = "all"


class Moment(StrEnum):
    """When a message goes out."""

    START = "start"
    RESOLVED = "resolved"
    NOT_RESOLVED = "not_resolved"
    FINISHED = "finished"


class Audience(StrEnum):
    """Who reads a channel: one's own team (at least once) or customers (at most once)."""

    TEAM = "team"
    CUSTOMERS = "customers"
