"""What people do by hand within a run: each command a run of its own, linked both ways.

The link that counts is `within` in the command's own first record. The notes in the run that it belongs to, when it
begins and when it has ended, are for whoever reads that run; they are written by whoever drives the command.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runbook.authoring.adhoc import NAME, STEP, Adhoc, document
from runbook.core.facts import step_ids
from runbook.core.history import History, history
from runbook.core.views import Row
from runbook.document.suggest import did_you_mean
from runbook.errors import Diverged, DocumentError, Refused, UsageError
from runbook.hosts.notes import mark
from runbook.hosts.past import RUNS, stream_of
from runbook.hosts.pinned import Pinned, Start, recalled
from runbook.hosts.place import Place
from runbook.policy.commands import believed_read


def exec_start(place: Place, run: str, adhoc: Adhoc, new: str) -> tuple[Start, Pinned]:
    """How an ad-hoc command within `run` is started.

    UsageError for what cannot be recorded as it was typed, Refused for a read that the policy does not believe.
    """
    past = history(place.journal.read(stream_of(run)))
    _is_of(place, run, past, adhoc.step)
    inside = str(past.started.get("within") or run)
    said = [*adhoc.words, *filter(None, (adhoc.title, adhoc.reason))]
    if place.journal.masker.value(said) != said:
        raise UsageError(
            "what was typed holds a secret, which is masked in the record: what is run could not be told from it",
            hint="let the command read it itself, from a variable of the environment or a file",
        )
    policy = place.people.policy
    if adhoc.reads and policy is not None and not believed_read(policy, adhoc.words):
        raise Refused(
            "the policy does not list this command as one that only reads",
            hint="leave out --read, so that it passes a gate, or list it under `commands.read` in the policy",
        )
    pinned = Pinned(runbook=document(adhoc), path=f"{NAME} (typed by hand)", by_hand=True).opened(place.specs)
    start = Start(
        run=new,
        initiator=place.people.me,
        incident=past.started.get("incident"),
        environment=past.environment,
        env=past.started.get("env") or {},
        target=past.target,
        within=inside,
        by_hand=adhoc.told(),
    )
    return start, pinned


def _is_of(place: Place, run: str, past: History, step: str | None) -> None:
    """The step that it is done for is one of the run's; where another version wrote that, whatever is said."""
    if step is None:
        return
    try:
        known = step_ids(recalled(run, past.started)[1].loaded(place.specs)[0])
    except (Diverged, DocumentError):
        return
    if step not in known:
        raise UsageError(f"run {run} has no step {step!r}", hint=did_you_mean(step, known, what="its steps are"))


def begun(place: Place, start: Start) -> str | None:
    """Note in a run that a command within it begins. Gives why that is not signed though it must."""
    data = {"about": "exec", "exec": start.run, "state": "begun", **(start.by_hand or {})}
    return mark(place, str(start.within), data)


def noted(place: Place, past: History, run: str, key: Path | None = None) -> str | None:
    """Note in the run that a command belongs to what came of it, once it has ended; likewise."""
    parent = past.started.get("within")
    if not parent or past.finished is None:
        return None
    known = history(place.journal.read(stream_of(parent))).execs.get(run, {})
    if known.get("state") == "ended":
        return None
    data = {"about": "exec", "exec": run, "state": "ended", **(past.started.get("by_hand") or {}), **ended(past)}
    return mark(place, parent, data, key)


def ended(past: History) -> dict[str, Any]:
    """What came of a finished command, as the note about it says it."""
    row = performed(past)
    code = row.output.get("exit_code") if row else None
    reason = (row.reason if row else None) or (past.finished or {}).get("reason")
    return {"outcome": str(past.outcome), "exit_code": code, "reason": reason}


def performed(past: History) -> Row | None:
    """The only step of an ad-hoc command's run, once there is anything to say of it."""
    return next((row for row in past.rows.values() if row.id == STEP), None)


def execs_of(place: Place, run: str) -> list[tuple[str, History]]:
    """The ad-hoc commands within a run, oldest first: read from their own runs, not from notes about them."""
    found = [info for info in place.journal.streams(RUNS) if info.first.data.get("within") == run]
    return [
        (info.stream.removeprefix(RUNS), history(place.journal.read(info.stream)))
        for info in sorted(found, key=lambda info: info.first.time)
    ]
