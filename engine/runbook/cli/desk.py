"""The terminal where a run is driven: its gates and questions are shown and answered here, one at a time.

The driver never waits for a person: it opens and closes, a thread of ours asks. What was decided elsewhere, or too
late, is withdrawn while somebody may still be typing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from runbook.cli.asking import Asked, Dialogue, destructive_names
from runbook.cli.keyboard import Keyboard, Withdrawn
from runbook.cli.watching import View
from runbook.core.gates import SHORTEST_DIGEST
from runbook.hosts.said import Gate, Leave, Question, Said, Say, Vote
from runbook.policy.people import People
from runbook.report.advice import advice_lines
from runbook.report.gate import gate_text
from runbook.report.layout import labelled, paragraph
from runbook.report.safe import shown
from runbook.report.sheet import sheet_of
from runbook.report.style import Style

PATIENCE = 2.0  # seconds until somebody who has said yes is told that more people are needed


class TerminalDesk:
    """A `Desk` at a keyboard. `say` shows lines, `now` is the host's clock. Close it when the run is left."""

    attended = True

    def __init__(
        self,
        keyboard: Keyboard,
        view: View,
        people: People,
        run: str,
        *,
        style: Style,
        say: Callable[[str], None],
        now: Callable[[], float],
    ) -> None:
        self._keyboard = keyboard
        self._view = view
        self._run = run
        self._style = style
        self._say = say
        self._now = now
        self._dialogue = Dialogue(people, keyboard.line, say, style.width)
        self._open: dict[str, tuple[Gate | Question, Say]] = {}
        self._answered: dict[str, Said] = {}
        self._asking: str | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    # --- what the driver says -----------------------------------------------------------------------------

    def opened(self, open_: Gate | Question, say: Say) -> None:
        """Ask about it, after what is being asked already."""
        with self._changed:
            self._open[open_.command.key] = (open_, say)
            self._answered.pop(open_.command.key, None)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="desk", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def closed(self, key: str) -> None:
        """Nobody needs an answer any more."""
        with self._changed:
            self._open.pop(key, None)
            if self._asking == key:
                self._keyboard.withdraw()
            self._changed.notify_all()

    def close(self) -> None:
        """Ask nothing more; what is being asked is withdrawn."""
        with self._changed:
            self._closing = True
            if self._asking is not None:
                self._keyboard.withdraw()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    # --- the thread that asks -----------------------------------------------------------------------------

    def _serve(self) -> None:
        while (waits := self._next()) is not None:
            open_, say = waits
            key = open_.command.key
            with self._view.paused():
                said = self._heard(open_)
            if said is not None:
                with self._changed:
                    self._answered[key] = said
                say(said)
                self._settled(key)

    def _heard(self, open_: Gate | Question) -> Said | None:
        """What they say; None when nobody needs it any more."""
        try:
            said = self._asked(open_)
        except Withdrawn:
            if not self._closing:
                self._say("(decided elsewhere, or too late)")
            return None
        finally:
            with self._changed:
                self._asking = None
        if isinstance(said, Leave):
            self._say("Left as it is; nobody decides here now.")
        return said

    def _next(self) -> tuple[Gate | Question, Say] | None:
        """The oldest that is open and not answered here; None when the desk is closed."""
        with self._changed:
            while not self._closing:
                waits = [item for key, item in self._open.items() if self._unanswered(key)]
                if waits:
                    self._keyboard.ready()
                    self._asking = waits[0][0].command.key
                    return waits[0]
                self._changed.wait()
        return None

    def _unanswered(self, key: str) -> bool:
        """A gate that got a yes here and is open still is asked about again: more people are needed."""
        said = self._answered.get(key)
        return said is None or isinstance(said, Vote)

    def _settled(self, key: str) -> None:
        """Give the run time to take the word before anything else is asked."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or key not in self._open, timeout=PATIENCE)

    def _asked(self, open_: Gate | Question) -> Said:
        if isinstance(open_, Gate):
            return self._asked_gate(open_)
        return self._asked_question(open_)

    def _asked_question(self, question: Question) -> Said:
        command = question.command
        self._say("")
        for line in [*paragraph(command.question, self._style), *advice_lines(command.advice, self._style)]:
            self._say(line)
        if command.deadline is not None:
            from runbook.report.times import by_when

            for line in labelled("until", by_when(command.deadline, self._now(), self._style.zone), self._style):
                self._say(line)
        self._keyboard.forget()
        return self._dialogue.question(command.key, command.purpose, command.type, command.choices)

    def _asked_gate(self, gate: Gate) -> Said:
        command = gate.command
        before = self._answered.get(command.key)
        if isinstance(before, Vote) and before.verdict == "grant":
            return self._more_needed(gate)
        sheet = sheet_of(gate)
        headed = not self._view.under(f"Gate {shown(sheet.name)}")
        self._say("")
        self._say(gate_text(sheet, self._style, self._now(), headed=headed))
        self._say("")
        self._keyboard.forget()
        return self._dialogue.gate(
            Asked(
                key=command.key,
                digest=command.gate_digest,
                terms=gate.terms,
                initiators=gate.initiators,
                names=destructive_names([proposal.change for proposal in command.changes]),
                closed=gate.frozen or gate.terms.cannot_be_met,
            )
        )

    def _more_needed(self, gate: Gate) -> Said:
        """Their yes stands in the record, and does not suffice: wait here, or leave."""
        self._say(
            f"Your yes is recorded. This gate asks for {gate.terms.asks or gate.terms.required}; others answer with"
        )
        self._say(f"  runbook approve {self._run} --digest {gate.command.gate_digest[:SHORTEST_DIGEST]}")
        while True:
            word = self._keyboard.line("Waiting for them here; wait (leave it) / no: ")
            if word is None or word.lower() in ("w", "wait"):
                return Leave(gate.command.key)
            if word.lower() in ("n", "no") and (reason := self._keyboard.line("Why not? ")):
                return Vote(gate.command.key, "deny", self._dialogue.me, reason)
