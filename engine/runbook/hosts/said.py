"""What people say to a run while it is open, at its own terminal or as its simulated persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from runbook.core.commands import Approve, Ask
from runbook.core.signing import Signed
from runbook.core.terms import Terms


class Vote(NamedTuple):
    """A word at a gate: `grant`, `deny` or `skip`."""

    key: str
    verdict: str
    by: str
    reason: str | None = None
    via: str = "os"
    break_glass: bool = False
    signed: Signed | None = None


class Reply(NamedTuple):
    """An answer to a question."""

    key: str
    value: Any
    by: str
    reason: str | None = None
    via: str = "os"


class Leave(NamedTuple):
    """Let the run wait: nobody decides here now."""

    key: str


class Stop(NamedTuple):
    """Abort the run."""

    by: str
    reason: str


class Remark(NamedTuple):
    """Something to be written down, about a step of the run."""

    by: str
    text: str
    step: str | None = None


Said = Vote | Reply | Leave | Stop | Remark
Say = Callable[[Said], None]


class Gate(NamedTuple):
    """An open gate, with all that must be seen to decide. Times are seconds since the epoch.

    `elsewhere` says which of its changes are not of the run's `target`.
    """

    command: Approve
    terms: Terms
    deadline: float
    frozen: str | None = None
    initiators: frozenset[str] = frozenset()
    environment: str | None = None
    target: Mapping[str, str] | None = None
    elsewhere: tuple[str, ...] = ()


class Question(NamedTuple):
    """An open question."""

    command: Ask


class Desk(Protocol):
    """Where a run's gates and questions are shown. Must not block: answers come through `say`, when they come."""

    @property
    def attended(self) -> bool:
        """True when somebody sits there who can answer; without, a run that needs people is suspended."""
        ...

    def opened(self, open_: Gate | Question, say: Say) -> None:
        """Something waits for people."""
        ...

    def closed(self, key: str) -> None:
        """It does not wait any more."""
        ...


class Nobody:
    """A desk with nobody at it: everything is answered from elsewhere, or later."""

    attended = False

    def opened(self, open_: Gate | Question, say: Say) -> None:
        """Nobody sees it here."""

    def closed(self, key: str) -> None:
        """Nobody saw it here."""


class Yes:
    """`--yes`: says yes at every gate that this person may answer; everything else goes to the desk behind it."""

    def __init__(self, desk: Desk, person: str, may: Callable[[Gate], bool]) -> None:
        self._desk = desk
        self._person = person
        self._may = may

    @property
    def attended(self) -> bool:
        """Whether somebody sits at the desk behind."""
        return self._desk.attended

    def opened(self, open_: Gate | Question, say: Say) -> None:
        """Yes at once, or on to the desk."""
        if isinstance(open_, Gate) and self._may(open_):
            say(Vote(open_.command.key, "grant", self._person, "--yes"))
        else:
            self._desk.opened(open_, say)

    def closed(self, key: str) -> None:
        """Pass it on."""
        self._desk.closed(key)
