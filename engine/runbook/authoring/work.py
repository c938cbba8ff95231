"""What people did by hand in a run, as `promote` takes it: commands, manual steps, notes, each with its time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from runbook.document.model import Parameter


class Command(NamedTuple):
    """One ad-hoc command: its step's kind and inputs as they were run; `ended` with which code, None if not seen.

    `done`: it was run to its end; `came` says what came of it, `of` the id of the step that it was done for.
    """

    at: float
    uses: str
    inputs: Mapping[str, Any]
    reads: bool
    done: bool
    ended: int | None
    came: str
    title: str | None = None
    asked: str | None = None
    timeout: str | None = None
    of: str | None = None


class Answered(NamedTuple):
    """One manual step or question of the run that somebody answered."""

    at: float
    id: str
    uses: str
    title: str | None
    text: str
    value: Any
    reason: str | None = None
    type: str = "string"
    choices: tuple[str, ...] = ()


class Noted(NamedTuple):
    """One note; `when` as people read it."""

    when: str
    by: str
    text: str
    of: str | None = None


class Work(NamedTuple):
    """Everything that people did in a run, in order, and what is known of the run."""

    run: str
    name: str
    title: str
    commands: tuple[Command, ...]
    answered: tuple[Answered, ...] = ()
    notes: tuple[Noted, ...] = ()
    parameters: Mapping[str, Any] = {}
    known: Mapping[str, Parameter] = {}
    alert: Mapping[str, Any] = {}
    about: Mapping[str, Any] = {}  # service, severity: as the run says them
