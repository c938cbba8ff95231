"""What a runbook says that its run's records do not repeat: titles, expectations, and how long things may take.

Reports work without it (a run of another version, a file that is gone); they only say less.
"""

from __future__ import annotations

from runbook.core.addresses import whole
from runbook.document.every_step import every_step
from runbook.document.model import Option, Runbook, Step


class Known:
    """Look-ups in one runbook, or in none."""

    def __init__(self, book: Runbook | None = None) -> None:
        self.book = book
        self._steps = {step.id: step for step in every_step(book, None)} if book else {}
        self._options = {option.id: option for option in book.resolution} if book else {}

    def step(self, id_: str) -> Step | None:
        """The step with this id; ids are unique in a runbook, and all items of a loop are one step there."""
        return self._steps.get(whole(id_))

    def option(self, id_: str) -> Option | None:
        """The option with this id."""
        return self._options.get(id_)

    def beside(self, check: str) -> tuple[Step, ...]:
        """All checks of the verification that this one belongs to: those of one round."""
        every = [
            *(option.verification for option in self._options.values()),
            self.book.verification if self.book else None,
        ]
        return next((one.checks for one in every if one and any(step.id == check for step in one.checks)), ())

    def expect(self, id_: str) -> str | None:
        """The expression that a check is held to, as its author wrote it."""
        step = self.step(id_)
        return step.expect if step else None

    def telling(self, id_: str) -> str:
        """The names of a step's outputs that say most: those that it expects something of, those that it declares."""
        step = self.step(id_)
        return " ".join([step.expect or "", *step.outputs]) if step else ""

    def title(self, id_: str) -> str | None:
        """What the author calls a step."""
        step = self.step(id_)
        return step.title if step else None

    def named(self, option: str) -> str:
        """An option as people know it: `rollback: Roll back the last deployment`."""
        found = self.option(option)
        return f"{option}: {found.title}" if found and found.title else option
