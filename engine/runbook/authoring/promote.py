"""What was done by hand in a run, as the draft of a runbook: so that next time it need not be done by hand.

    reads before the last change      triage
    changes, and what people did      the option `as_done`, in order
    reads after the last change       what they looked at afterwards: verification
    notes, and the text of a step     descriptions

A draft is to be read and completed: what only its author can know stands in it as a TODO. What did not work is named in
a comment, and left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from runbook.authoring.draft_text import Entry, commented, section
from runbook.authoring.emit import literal
from runbook.authoring.proposing import Proposals
from runbook.authoring.work import Answered, Command, Work
from runbook.errors import UsageError

OPTION = "as_done"
DONE, FAILED, SKIPPED = "done", "failed", "skipped"

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?^[ \t]*\1`*~*[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_ID = 40


def draft(work: Work) -> str:
    """The draft as YAML; UsageError where nothing was done by hand."""
    if not (work.commands or work.answered or work.notes):
        raise UsageError(
            f"nothing was done by hand in run {work.run}: there is nothing to promote",
            hint="`runbook exec` and `runbook note` write down what is done; `runbook walk` does so with Markdown",
        )
    made = _Draft(work)
    steps = made.steps()
    parts = [
        commented(
            f"Drafted of what was done by hand in run {work.run}.",
            "Read it line by line before anybody runs it: what it does not know is marked TODO.",
        ),
        section({"apiVersion": "runbook/v1", "kind": "Runbook", "name": work.name, "title": work.title}),
        section({name: value for name, value in work.about.items() if value}),
        section({"about": made.notes()} if made.notes() else {}),
        section({"parameters": made.proposals.used} if made.proposals.used else {}),
        *made.symptoms(),
        *steps,
        *made.left_out(),
    ]
    return "\n".join(part for part in parts if part)


class _Draft:
    """One draft in the making; ids are given out once."""

    def __init__(self, work: Work) -> None:
        self.work = work
        labels = work.alert.get("labels") or {}
        self.proposals = Proposals(work.parameters, work.known, labels)
        self._taken: set[str] = set()
        changes = [c.at for c in work.commands if not c.reads and c.done]
        by_people = [a.at for a in work.answered if a.value == DONE and not self._done_for(a)]
        self._last_change = max(changes or by_people, default=None)

    def steps(self) -> list[str]:
        """Triage, the option and its verification."""
        read = [c for c in self.work.commands if c.reads and c.done]
        before = [c for c in read if self._last_change is None or c.at < self._last_change]
        after = [c for c in read if self._last_change is not None and c.at > self._last_change]
        triage = [self._command(c, "triage") for c in _once(before)]
        done = self._as_done()
        parts = [section({}, "triage", triage)] if triage else []
        if done:
            said = {"id": OPTION, "title": "As it was done by hand"}
            parts += [section({}, "resolution", [Entry({**said}, nested=("steps", tuple(done)))])]
            parts += self._verification(after)
        return parts

    def _as_done(self) -> list[Entry]:
        entries: list[tuple[float, Entry]] = [
            (c.at, self._command(c, OPTION)) for c in self.work.commands if c.done and not c.reads
        ]
        for answered in self.work.answered:
            if answered.value not in (FAILED, SKIPPED, None) and not self._done_for(answered):
                entries.append((answered.at, self._manual(answered)))
        return [entry for _, entry in sorted(entries, key=lambda pair: pair[0])]

    def _done_for(self, answered: Answered) -> list[Command]:
        """The commands that were the doing of a manual step."""
        return [c for c in self.work.commands if c.of == answered.id and c.done]

    def _command(self, command: Command, where: str) -> Entry:
        todo = (
            []
            if where != OPTION
            else ["TODO: `undo`, what takes it back; `confirm`, a command that tells after a crash"]
        )
        todo += [f"it ended with {command.ended}"] if command.ended else []
        todo += ["how it ended was settled by a person"] if command.ended is None else []
        inputs = {name: value for name, value in command.inputs.items() if value is not None}
        if "argv" in inputs:
            inputs["argv"] = [self.proposals.within(str(word)) for word in inputs["argv"]]
        if "script" in inputs:
            named = ", ".join(self.proposals.named_in(inputs["script"]))
            todo += [f"TODO: it holds the value of {named}; pass it under `values`"] if named else []
            inputs["script"] = literal(str(inputs["script"]))
        if "cwd" in inputs:
            todo += ["TODO: the folder in which it was done; leave it out if any will do"]
            inputs["cwd"] = self.proposals.within(str(inputs["cwd"]))
        if inputs.get("effect") == "change":
            del inputs["effect"]
        step = self._for(command)
        title = command.title or (step.title if step else None)
        said = {
            "id": self._id(title or _words(command)),
            "title": title,
            "description": self._described(command, step),
            "uses": command.uses,
            "with": inputs,
            "timeout": command.timeout,
        }
        return Entry({name: value for name, value in said.items() if value}, comments=tuple(todo))

    def _for(self, command: Command) -> Answered | None:
        return next((a for a in self.work.answered if a.id == command.of), None)

    def _described(self, command: Command, step: Answered | None) -> str | None:
        parts = [command.asked or ""]
        if step is None or self._done_for(step)[0] is command:
            parts = [_FENCED.sub("", step.text).strip() if step else "", *parts, *self._notes_of(command.of)]
        return "\n\n".join(part for part in parts if part) or None

    def _notes_of(self, step: str | None) -> list[str]:
        return [note.text for note in self.work.notes if step is not None and note.of == step]

    def _manual(self, answered: Answered) -> Entry:

        text = literal(answered.text)
        inputs: dict[str, Any] = {"text": text} if answered.uses == "manual.do" else {"question": text}
        if answered.uses != "manual.do":
            inputs |= {"choices": [literal(c) for c in answered.choices]} if answered.choices else {}
            inputs |= {"type": answered.type} if answered.type != "string" and not answered.choices else {}
        uses = answered.uses if answered.uses == "manual.do" else "manual.ask"
        reply = [] if uses == "manual.do" else [f"It was answered: {answered.value}"]
        description = "\n\n".join(filter(None, [*reply, answered.reason or "", *self._notes_of(answered.id)]))
        said = {
            "id": self._id(answered.id),
            "title": answered.title,
            "description": description,
            "uses": uses,
            "with": inputs,
        }
        return Entry({name: value for name, value in said.items() if value})

    def _verification(self, after: list[Command]) -> list[str]:
        checks = [self._command(c, "verification") for c in _once(after) if c.ended == 0]
        if checks:
            note = commented("TODO: what was looked at afterwards; does it tell that the trouble is over?")
            return [note + section({}, "verification", [], checks)]
        never = {"id": self._id("is_it_over"), "uses": "command.run", "with": {"argv": ["false"], "effect": "read"}}
        note = commented("TODO: how is it known that it helped? Until that is written here, nothing says so.")
        return [note + section({}, "verification", [], [Entry(never)])]

    def symptoms(self) -> list[str]:
        """The alert that the run was started for, if it was."""
        name = (self.work.alert.get("labels") or {}).get("alertname")
        if not name:
            return [commented("TODO: symptoms: how is it known that this is the trouble?")]
        return [section({}, "symptoms", [Entry({"alert": str(name)})])]

    def notes(self) -> str:
        """The notes that belong to no step, in order."""
        kept = {c.of for c in self.work.commands if c.done}
        kept |= {a.id for a in self.work.answered if a.value not in (FAILED, SKIPPED, None)}
        free = [note for note in self.work.notes if note.of is None or note.of not in kept]
        return "\n".join(f"{note.when}, {note.by}: {note.text}" for note in free)

    def left_out(self) -> list[str]:
        """What was tried, and is in no step."""
        gone = [f"{_words(c)}: {c.came}" for c in self.work.commands if not c.done]
        gone += [
            f"{a.title or a.id}: {a.value}{f', {a.reason}' if a.reason else ''}"
            for a in self.work.answered
            if a.value in (FAILED, SKIPPED) and not self._done_for(a)
        ]
        return [commented("Left out:", *(f"  {line}" for line in gone))] if gone else []

    def _id(self, words: str) -> str:
        plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_ID].strip("_")
        stem = stem if stem[:1].isalpha() else f"step_{stem}".rstrip("_")
        id_, count = stem, 1
        while id_ in self._taken or id_ == OPTION:
            count += 1
            id_ = f"{stem}_{count}"
        self._taken.add(id_)
        return id_


def _once(commands: Iterable[Command]) -> list[Command]:
    """Each command once, where it was done last: what was looked at again and again is one step."""
    newest = {repr((c.uses, sorted(c.inputs.items(), key=str))): c for c in commands}
    return list(newest.values())


def _words(command: Command) -> str:
    """A command in the words that name it: its program and what follows, without flags."""
    if "argv" in command.inputs:
        program, *more = map(str, command.inputs["argv"])
        return " ".join([program.rsplit("/", 1)[-1], *[word for word in more if not word.startswith("-")][:2]])
    script = str(command.inputs.get("script", ""))
    return next((line.strip() for line in script.splitlines() if line.strip()), "script")
