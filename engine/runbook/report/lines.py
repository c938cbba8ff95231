"""A running run, line by line: for logs, CI and pipes. Every fact is printed once, as it happens, and never redrawn.

    Symptoms
    03:12:05Z ! error_rate: More than 5 % of requests fail: is there, value 0.12 (expects value > 0.05)

In GitHub Actions each phase is a group that folds. A line that the runner would take for a command of its own
(`::set-output …`, which any message or pod name could contain) is broken, so that it is only text.
"""

from __future__ import annotations

from typing import TextIO

from runbook.core.commands import Command
from runbook.document.model import Runbook
from runbook.journal.record import Record
from runbook.report.fact import Fact
from runbook.report.gate import gate_text
from runbook.report.layout import heading
from runbook.report.safe import shown, wrapped
from runbook.report.sheet import sheet_from
from runbook.report.story import Story
from runbook.report.style import Style, put
from runbook.report.times import clock

_MARGIN = len("03:12:05Z ")


class Lines:
    """A `Watcher` that prints to `stream`. Records before `since` are read but not told (a run that is resumed).

    `actions`: the reader is a GitHub Actions log.
    """

    def __init__(
        self, stream: TextIO, style: Style, *, book: Runbook | None = None, since: int = 0, actions: bool = False
    ) -> None:
        self._stream = stream
        self._style = style
        self._story = Story(book, style.zone)
        self._since = since
        self._actions = actions
        self._phase: str | None = None
        self._held: str | None = None

    def record(self, record: Record) -> None:
        """Print what there is to tell of a record."""
        past = record.seq < self._since
        facts = self._story.take(record, past=past)
        for fact in () if past else facts:
            self._tell(fact)
        if record.type == "run.finished":
            self._end_group()

    def performing(self, command: Command) -> None:
        """Remember which checks make a round; nothing is printed before there is an answer."""
        self._story.performing(command)

    def held(self, what: str) -> None:
        """Say once that a target is held by another run."""
        if what != self._held:
            self._held = what
            self.say(f"waiting for a target: {what}")

    def say(self, text: str) -> None:
        """Text for people beside the records: a message on the console channel, a warning."""
        lines = shown(text, lines=True).split("\n")
        self._put([part.rstrip() for line in lines for part in _quoted(line, self._style.width)])

    def _tell(self, fact: Fact) -> None:
        if fact.beside in self._story.history.gates:
            return  # the whole gate is printed
        if fact.phase is not None and fact.phase != self._phase:
            self._head(fact.phase)
        gate = self._story.history.gates.get(fact.gate or "")
        if gate is not None:
            sheet = sheet_from(gate, self._story.history, self._story.known)
            self._put(gate_text(sheet, self._style, fact.at, headed=False).split("\n"))
            return
        style, lead = self._style, " " * (_MARGIN + 2)
        first, *more = wrapped(fact.text, style.width - len(lead))
        told = f"{style.paint('dim', clock(fact.at))} {style.paint(fact.mark.role, fact.mark.sign)} {first}"
        self._put([told, *(lead + part for part in more)])

    def _head(self, phase: str) -> None:
        if self._actions:
            self._end_group()
            put(self._stream, f"::group::{phase.replace('%', '%25')}")
        else:
            if self._phase is not None:
                put(self._stream, "")
            put(self._stream, heading(phase, self._style))
        self._phase = phase

    def _end_group(self) -> None:
        if self._actions and self._phase is not None:
            put(self._stream, "::endgroup::")
            self._phase = None

    def _put(self, lines: list[str]) -> None:
        """Lines that belong together, in one write: messages come from another thread than records."""
        put(self._stream, "\n".join(map(_only_text, lines) if self._actions else lines))


def _quoted(line: str, width: int) -> list[str]:
    return wrapped(line, width, indent="  | ", hanging="  | ")


def _only_text(line: str) -> str:
    """A line in which the runner of GitHub Actions finds no command, in its old spelling or its new one."""
    quiet = line.replace("##[", "## [")
    return f". {quiet}" if quiet.lstrip().startswith("::") else quiet
