"""The terminal where a Markdown runbook is walked through: each step shown, done, skipped, noted; its blocks run.

A block is run as work by hand within the walk, by a command of its own (`runbook exec`): it has its own gate, record
and end, whatever becomes of us. Nothing is run that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from runbook.authoring.markdown import Block, blocks
from runbook.authoring.walk import OVER
from runbook.cli.asking import YES
from runbook.cli.desk import TerminalDesk
from runbook.core.commands import Ask
from runbook.hosts.said import Leave, Question, Remark, Reply, Said, Stop
from runbook.report.by_hand import result
from runbook.report.layout import heading
from runbook.report.markdown import copied, markdown_lines
from runbook.report.safe import shown

Run = Callable[[str, Block], None]  # run a block for the step with this id, to its end


class Place(NamedTuple):
    """Where a step stands among all of them, from 1."""

    number: int
    of: int


class WalkDesk(TerminalDesk):
    """A desk for the steps of a walk; all else is asked as usual. `run` runs a block, `places` has the steps by id."""

    def __init__(self, *given: Any, run: Run, places: Mapping[str, Place], **more: Any) -> None:
        super().__init__(*given, **more)
        self._run_block = run
        self._places = places

    def _asked_question(self, question: Question) -> Said:
        command = question.command
        if command.purpose != "manual" or command.id is None:
            return super()._asked_question(question)
        why_not = self._dialogue.may_answer(command.purpose)
        if why_not is not None:
            return super()._asked_question(question)
        return self._over(command) if command.id == OVER else self._step(command)

    def _step(self, command: Ask) -> Said:
        found = blocks(command.question)
        self._introduced(command, found)
        words = ["done", "failed", "skip", "note", *(["run", "copy"] if found else []), "wait", "abort"]
        while True:
            word = self._word(words)
            if word is None or word == "wait":
                return Leave(command.key)
            if word == "abort":
                return self._stopped()
            if word == "done":
                return Reply(command.key, "done", self._dialogue.me)
            if word == "skip":
                return Reply(command.key, "skipped", self._dialogue.me, self._line("Why? (may be empty) ") or None)
            if word == "failed":
                return Reply(
                    command.key, "failed", self._dialogue.me, self._line("What went wrong? (may be empty) ") or None
                )
            if word == "note":
                self._noted(command)
            elif word == "copy":
                for block in found:
                    self._say(copied(block.text) + "\n")
            elif word == "run":
                self._ran(command, found)

    def _over(self, command: Ask) -> Said:
        self._say("")
        self._say(heading("That was the last step. Is the trouble over?", self._style))
        while True:
            word = self._word(["yes", "no", "note", "wait", "abort"])
            if word is None or word == "wait":
                return Leave(command.key)
            if word == "abort":
                return self._stopped()
            if word == "note":
                self._noted(command)
            elif word == "yes":
                return Reply(command.key, "done", self._dialogue.me)
            elif word == "no":
                return Reply(
                    command.key, "failed", self._dialogue.me, self._line("What is left? (may be empty) ") or None
                )

    def _introduced(self, command: Ask, found: tuple[Block, ...]) -> None:
        self._say("")
        place = self._places.get(str(command.id))
        where = f"Step {place.number} of {place.of}: " if place else ""
        self._say(heading(shown(f"{where}{command.title or command.id}"), self._style))
        for line in markdown_lines(command.question, self._style):
            self._say(line)
        for line in self._done_for(str(command.id)):
            self._say(line)
        if len(found) > 1:
            self._say(f"  ({len(found)} blocks to run)")
        self._say("")

    def _done_for(self, step: str) -> list[str]:
        """What was run by hand for a step already: whoever comes back must not do it twice."""
        mine = ((run, data) for run, data in self._view.by_hand.items() if data.get("step") == step)
        return [shown(f"  already by hand: {data.get('title')}: {self._came(run, data)}") for run, data in mine]

    def _came(self, run: str, data: Mapping[str, Any]) -> str:
        go_on = "" if data.get("state") == "ended" else f"; see runbook resume {run}"
        return f"{result(data)}{go_on}"

    def _word(self, words: list[str]) -> str | None:
        """One of these words, whole or as it begins; None when nothing more comes."""
        self._keyboard.forget()
        while True:
            typed = self._keyboard.line(f"{' / '.join(words)}: ")
            if typed is None:
                return None
            if typed.lower() in words:
                return typed.lower()
            meant = [word for word in words if typed and word.startswith(typed.lower())]
            if len(meant) == 1:
                return meant[0]
            if typed:
                self._say("That is none of the answers; nothing was decided.")

    def _line(self, prompt: str) -> str:
        return self._keyboard.line(prompt) or ""

    def _stopped(self) -> Said:
        return Stop(self._dialogue.me, self._line("Why? (may be empty) ") or "aborted at a step")

    def _noted(self, command: Ask) -> None:
        text = self._line("Note: ")
        waits = self._open.get(command.key)
        if text and waits is not None:
            waits[1](Remark(self._dialogue.me, text, command.id))
            self._say("Noted.")

    def _ran(self, command: Ask, found: tuple[Block, ...]) -> None:
        block = self._chosen(found)
        if block is None:
            return
        if block.placeholders:
            self._say(f"It holds {shown(', '.join(block.placeholders))}, which nobody has replaced.")
            if (self._line("Run it exactly as it stands? yes / no: ")).lower() not in YES:
                self._say("Nothing was run. Replace it, and run it with `runbook exec` from another terminal:")
                self._say(f"  runbook exec {self._run} --step {command.id} --shell '...'")
                return
        before = [d for d in self._view.by_hand.values() if d.get("script") == block.text]
        if before:
            self._say(f"It was run already: {shown(result(before[-1]))}.")
            if self._line("Run it again? yes / no: ").lower() not in YES:
                return
        self._run_block(str(command.id), block)

    def _chosen(self, found: tuple[Block, ...]) -> Block | None:
        if len(found) == 1:
            return found[0]
        for number, block in enumerate(found, 1):
            self._say(f"  {number}  {shown(block.text.strip().splitlines()[0])}")
        typed = self._line(f"Which block, 1 to {len(found)}? ")
        if typed.isdecimal() and 1 <= int(typed) <= len(found):
            return found[int(typed) - 1]
        self._say("That is none of them; nothing was run.")
        return None
