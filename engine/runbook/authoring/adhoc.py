"""A command that somebody types within a run, as a runbook of one step: so it goes the way of every other.

What changes something is a step of an option, and passes a gate; what only reads is a step of triage. Nothing that was
typed is a template.
"""

from __future__ import annotations

from typing import Any

import msgspec

from runbook.authoring.emit import emitted, literal
from runbook.kinds import command_run, shell_run

NAME = "exec"
STEP = "command"
TITLE = 120  # characters of what was typed that make a title


class Adhoc(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed: a program with its arguments, or a `script` for a shell; and how it is to be understood.

    `shell` is the interpreter where it is not the usual one, `cwd` the folder where it is not the project's, `timeout`
    a duration as people write it. `step` names the step of the run that it was done for.
    """

    argv: tuple[str, ...] = ()
    script: str | None = None
    shell: tuple[str, ...] = ()
    reads: bool = False
    title: str | None = None
    reason: str | None = None
    timeout: str | None = None
    cwd: str | None = None
    step: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The argv that is run in the end, as a policy sees it."""
        if self.script is None:
            return self.argv
        return (*(self.shell or shell_run.SHELL), self.script, shell_run.NAME)

    @property
    def summary(self) -> str:
        """What it does, on a line."""
        return self.title or (
            command_run.describe({"argv": self.argv})
            if self.script is None
            else shell_run.describe({"script": self.script})
        )

    def told(self) -> dict[str, Any]:
        """What a note about it says."""
        said: dict[str, Any] = {
            "argv": list(self.argv) or None,
            "script": self.script,
            "shell": list(self.shell) or None,
            "effect": "read" if self.reads else "change",
            "title": self.summary,
            "named": self.title,
            "asked": self.reason,
            "step": self.step,
        }
        return {name: value for name, value in said.items() if value is not None}


def document(adhoc: Adhoc) -> bytes:
    """The runbook of an ad-hoc command; UsageError for words that no document can hold."""
    kind = command_run.SPEC.name if adhoc.script is None else shell_run.SPEC.name
    inputs: dict[str, Any] = {"argv": [literal(word) for word in adhoc.argv]}
    if adhoc.script is not None:
        inputs = {"script": literal(adhoc.script)} | ({"shell": [*adhoc.shell]} if adhoc.shell else {})
    inputs |= {"cwd": literal(adhoc.cwd)} if adhoc.cwd else {}
    inputs["effect"] = "read" if adhoc.reads else "change"
    title = adhoc.summary[:TITLE]
    step = {"id": STEP, "title": title, "uses": kind, "with": inputs}
    if adhoc.timeout is not None:
        step["timeout"] = adhoc.timeout
    book: dict[str, Any] = {"apiVersion": "runbook/v1", "kind": "Runbook", "name": NAME, "title": title}
    if adhoc.reason:
        book["description"] = adhoc.reason
    if adhoc.reads:
        book["triage"] = [step]
    else:
        book["resolution"] = [{"id": "by_hand", "title": title, "steps": [step]}]
    return emitted(book).encode()
