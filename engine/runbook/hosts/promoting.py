"""What people did by hand in a run, read out of its record and those of its commands, for a draft of a runbook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from runbook.authoring.walk import OVER
from runbook.authoring.work import Answered, Command, Noted, Work
from runbook.core.history import History
from runbook.core.views import QuestionView
from runbook.document.durations import spoken
from runbook.document.model import Parameter, Runbook, Step
from runbook.document.templates import render_value
from runbook.errors import Diverged, DocumentError, PayloadDropped
from runbook.hosts.adhoc import ended, execs_of
from runbook.hosts.pinned import recalled
from runbook.hosts.place import Place

_PURPOSES = ("manual", "question")
_RUN = ("resolved", "not_resolved")  # how a command ends that was run to its end


def work_of(place: Place, run: str, past: History) -> Work:
    """Everything that was done by hand in a run, in order."""
    started = past.started
    walked = bool((started.get("documents") or {}).get("markdown"))
    name = past.runbook if walked else f"{past.runbook[:54].rstrip('-')}-by-hand"
    return Work(
        run=run,
        name=name,
        title=str(started.get("title") or past.runbook),
        commands=tuple(_command(place, id_, done) for id_, done in execs_of(place, run)),
        answered=tuple(_answered(past, q) for q in past.questions.values() if _is_work(q)),
        notes=tuple(_noted(note) for note in past.notes if note.get("about") == "note"),
        parameters=started.get("parameters") or {},
        known=_declared(place, run, started),
        alert=started.get("alert") or {},
        about={"service": started.get("service"), "severity": started.get("severity")},
    )


def _declared(place: Place, run: str, started: Mapping[str, Any]) -> Mapping[str, Parameter]:
    """The parameters as the run's runbook declares them; of another version's, nothing."""
    try:
        return recalled(run, started)[1].loaded(place.specs)[0].parameters
    except (Diverged, DocumentError, PayloadDropped):
        return {}


def _command(place: Place, run: str, past: History) -> Command:
    step = _only(recalled(run, past.started)[1].loaded(place.specs)[0])
    said = past.started.get("by_hand") or {}
    came: dict[str, Any] = ended(past) if past.finished else {"outcome": "not ended"}
    code = came.get("exit_code")
    reads = said.get("effect") == "read"
    settled = came["outcome"] == "resolved" and code is None
    return Command(
        at=past.started_at,
        uses=step.uses,
        inputs=render_value(step.inputs, {}),
        reads=reads,
        done=settled or (code == 0 if not reads else code is not None and came["outcome"] in _RUN),
        ended=code,
        came=f"ended with {code}" if code is not None else str(came["outcome"]).replace("_", " "),
        title=said.get("named"),
        asked=said.get("asked"),
        timeout=spoken(step.timeout) if step.timeout is not None else None,
        of=said.get("step"),
    )


def _only(book: Runbook) -> Step:
    return book.triage[0] if book.triage else book.resolution[0].steps[0]


def _is_work(question: QuestionView) -> bool:
    answered = question.answer is not None and not question.answer.get("expired")
    return answered and question.purpose in _PURPOSES and question.id not in (None, OVER)


def _answered(past: History, question: QuestionView) -> Answered:
    path = question.key.rsplit(":", 1)[0]
    answer = question.answer or {}
    return Answered(
        at=past.rows[path].finished or question.opened,
        id=str(question.id),
        uses="manual.do" if question.purpose == "manual" else "manual.ask",
        title=past.rows[path].title,
        text=question.question,
        value=answer.get("value"),
        reason=answer.get("reason"),
        type=question.type,
        choices=question.choices,
    )


def _noted(note: Mapping[str, Any]) -> Noted:
    when = datetime.fromtimestamp(note["at"], UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Noted(when, str(note["by"]), str(note.get("text")), note.get("step"))
