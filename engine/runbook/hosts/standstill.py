"""What a run waits for while nothing of it is under way: until when, and whether for people who are not here."""

from __future__ import annotations

from collections.abc import Set

from runbook.core.commands import Approve, Ask, Command, Wait
from runbook.core.machine import Machine
from runbook.errors import Exit
from runbook.hosts.books import Books
from runbook.hosts.holds import Holds
from runbook.hosts.ports import Suspended
from runbook.hosts.said import Desk

LATER = 1e-6  # seconds after a deadline: at the deadline itself a word still counts


def timers(machine: Machine, books: Books, holds: Holds) -> list[float]:
    """When something happens by itself: waits that end, deadlines that pass, targets that are tried again."""
    found = [command.until for command in machine.pending.values() if isinstance(command, Wait)]
    questions = [command for command in machine.pending.values() if isinstance(command, Ask)]
    found += [question.deadline + LATER for question in questions if question.deadline is not None]
    found += [gate.deadline + LATER for gate in books.gates.values()]
    found += holds.waiting.values()
    return found


def at_people(machine: Machine) -> bool:
    """Whether a gate or a question is all that the run is at."""
    foreground = machine.foreground()
    return bool(foreground) and all(isinstance(command, Approve | Ask) for command in foreground)


def suspended(machine: Machine, holds: Holds, desk: Desk, left: Set[str]) -> Suspended | None:
    """Why the run is let go: it waits for people, and none is here who could answer. `left` is what they let wait."""
    foreground = machine.foreground()
    if not foreground or not all(_needs_people(machine, holds, command) for command in foreground):
        return None
    if machine.doubts:
        return Suspended(Exit.IN_DOUBT, "a change may have happened")
    if holds.waiting:
        return None if desk.attended else Suspended(Exit.BLOCKED, "a target is held by another run")
    here = desk.attended and not all(command.key in left for command in foreground)
    return None if here else Suspended(Exit.WAITING, "people are asked")


def _needs_people(machine: Machine, holds: Holds, command: Command) -> bool:
    key = command.key
    return isinstance(command, Approve | Ask) or key in machine.doubts or key in holds.waiting
