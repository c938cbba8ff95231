"""A run as JSON: the object that `run`, `resume` and `show` end with, the list of runs, and records one by one.

The shape is a promise to scripts: keys are added, never renamed. Times are RFC 3339, UTC. Text is what was stored;
`json_text` writes it so that a terminal is not harmed by it and a parser reads the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from runbook.core.dropped import told
from runbook.core.history import History
from runbook.core.records import Written
from runbook.core.views import AppliedChange, GateView, Row
from runbook.core.words import Status
from runbook.errors import Exit
from runbook.report.advice import contacts
from runbook.report.follow_ups import of_run
from runbook.report.meaning import findings_object
from runbook.report.next_steps import Waits, undo_command, waiting
from runbook.report.times import instant

FORMAT = 1
_UNSEEN = re.compile(
    "[\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef]"
)


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One run in a list. Times in seconds since the epoch. `waits` says for what, in words.

    `within` is the run that it was done by hand in, `continued` the run that went on from it, `continued_from` the one
    that it went on from. `seal` is what its first record says of seals: `{"key"}`, or `{"missing"}` with the reason.
    """

    run: str
    runbook: str
    status: Status
    outcome: str | None
    started: float
    finished: float | None
    initiator: str
    mode: str = "by_hand"
    environment: str | None = None
    target: Mapping[str, str] | None = None
    waits: tuple[str, ...] = ()
    within: str | None = None
    continued_from: str | None = None
    continued: str | None = None
    seal: Mapping[str, str] | None = None


def exit_of(history: History, *, alive: bool) -> Exit:
    """The exit code of a command that shows this run: its outcome's, or what it waits for."""
    if history.outcome is not None:
        return history.outcome.exit
    if history.doubts:
        return Exit.IN_DOUBT
    status = history.status(alive=alive)
    return {Status.WAITING: Exit.WAITING, Status.INTERRUPTED: Exit.INTERRUPTED}.get(status, Exit.OK)


def run_object(
    history: History, run: str, *, alive: bool, exit_: Exit | None = None, program: str = "runbook"
) -> dict[str, Any]:
    """The run. `exit_` is the command's own code where it differs from what the history says (a signal)."""
    exit_ = exit_of(history, alive=alive) if exit_ is None else exit_
    finished = history.finished or {}
    return {
        "format": FORMAT,
        "run": run,
        "runbook": history.runbook,
        "status": str(history.status(alive=alive)),
        "outcome": str(history.outcome) if history.outcome else None,
        "option": finished.get("option"),
        "reason": finished.get("reason"),
        "mode": history.started.get("mode"),
        "initiator": history.started.get("initiator"),
        "reviewed": list((history.started.get("documents") or {}).get("reviewed", ())),
        "unreviewed": history.started.get("unreviewed"),
        "continued_from": history.started.get("continued_from"),
        "continued": dict(history.continued) if history.continued else None,
        "parameters": dict(history.started.get("parameters", {})),
        "seal": history.started.get("seal"),
        "environment": history.environment,
        "target": history.target,
        "started": instant(history.started_at),
        "finished": instant(history.ended_at),
        "steps": [_step(row) for row in history.rows.values()],
        "findings": findings_object(history),
        "options": [
            {**msgspec.to_builtins(option), "pointed_to_by": list(history.pointed_by(option.id))}
            for option in history.options.values()
        ],
        "approvals": [_approval(gate) for gate in history.gates.values()],
        "changes": [_change(change) for change in history.changes.values()],
        "messages": [_told(message, "channel") for message in history.messages],
        "pages": [_told(page, "to") for page in history.pages],
        "evidence": [
            {"id": id_, "status": kept.get("status"), "error": kept.get("error") or kept.get("reason")}
            for id_, kept in history.evidence.items()
        ],
        "notes": [_note(note) for note in history.notes if note.get("about") == "note"],
        "execs": [_exec(done) for done in history.execs.values()],
        "within": history.started.get("within"),
        "follow_ups": of_run(history),
        "contacts": [dict(contact) for contact in contacts(history)],
        "waiting": [_waits(one) for one in waiting(history, run, alive=alive, program=program)],
        "undo": undo_command(history, run, program) if history.finished else None,
        "exit": exit_object(exit_),
    }


def exit_object(exit_: Exit) -> dict[str, Any]:
    """`{"code", "name"}`, as every command's JSON ends."""
    return {"code": int(exit_), "name": exit_.word}


def listed(history: History, run: str, *, alive: bool) -> Listed:
    """One run for a list."""
    return Listed(
        run=run,
        runbook=history.runbook,
        status=history.status(alive=alive),
        outcome=str(history.outcome) if history.outcome else None,
        started=history.started_at,
        finished=history.ended_at,
        initiator=str(history.started.get("initiator", "")),
        mode=str(history.started.get("mode", "by_hand")),
        environment=history.environment,
        target=history.target,
        waits=tuple(one.text for one in waiting(history, run, alive=alive)),
        within=history.started.get("within"),
        continued_from=history.started.get("continued_from"),
        continued=(history.continued or {}).get("run"),
        seal=history.started.get("seal"),
    )


def runs_object(rows: Iterable[Listed]) -> dict[str, Any]:
    """The list of runs, newest first."""
    newest_first = sorted(rows, key=lambda row: row.started, reverse=True)
    return {
        "format": FORMAT,
        "runs": [
            {
                **msgspec.to_builtins(row),
                "started": instant(row.started),
                "finished": instant(row.finished),
            }
            for row in newest_first
        ],
    }


def event_object(record: Written) -> dict[str, Any]:
    """One record, as a line of `--output jsonl`."""
    actor = record.actor
    return {
        "seq": record.seq,
        "at": instant(record.time),
        "type": record.type,
        "key": record.key,
        "actor": {"kind": actor.kind, "id": actor.id, "via": actor.via},
        "data": told(record.data) if record.dropped else record.data,
    }


def json_text(value: Any, *, indent: int = 0) -> str:
    """JSON in which every invisible character is an escape: it parses to the same value, and draws nothing."""
    try:
        raw = msgspec.json.encode(value, enc_hook=str)
    except (UnicodeEncodeError, OverflowError):  # half a character, an integer beyond 64 bits: slower, and total
        raw = json.dumps(value, default=msgspec.to_builtins).encode()
    text = (msgspec.json.format(raw, indent=indent) if indent else raw).decode()
    return _UNSEEN.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _step(row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "id": row.id,
        "path": row.path,
        "phase": row.phase,
        "kind": row.kind,
        "effect": row.effect,
        "title": row.title,
        "status": str(row.status),
        "applied": row.applied,
        "verdict": row.verdict,
        "attested": row.attested,
        "tries": row.tries,
        "rounds": row.rounds,
        "started": instant(row.started),
        "finished": instant(row.finished),
        "output": row.output,
        "change": msgspec.to_builtins(row.change) if row.change else None,
        "digest": row.digest,
        "exact": row.exact,
        "waits_for": list(row.waits_for),
        "reason": row.reason,
        "error": row.error,
    }


def _approval(gate: GateView) -> dict[str, Any]:
    decision = gate.decision or {}
    return {
        "gate": gate.key,
        "option": gate.option,
        "attempt": gate.attempt,
        "digest": gate.digest,
        "asks": gate.terms.asks,
        "required": gate.terms.required,
        "opened": instant(gate.opened),
        "deadline": instant(gate.deadline),
        "decision": decision.get("verdict"),
        "by": list(decision.get("by", ())),
        "reason": decision.get("reason"),
        "at": instant(gate.decided),
        "break_glass": bool(decision.get("break_glass")),
        "elsewhere": list(gate.elsewhere),
        "policy": decision.get("policy"),
        "votes": [
            {"verdict": v.verdict, "by": v.by, "via": v.via, "reason": v.reason, "at": instant(v.at)}
            | ({"refused": v.refused} if v.refused else {})
            for v in gate.votes
        ],
    }


def _change(applied: AppliedChange) -> dict[str, Any]:
    return {
        "key": applied.key,
        "id": applied.id,
        "summary": applied.change.summary,
        "target": str(applied.change.target),
        "applied": str(applied.outcome.applied),
        "at": instant(applied.at),
        "undone": applied.undone,
        "can_be_undone": applied.change.undo is not None and applied.lost is None,
    }


def _told(said: Any, where: str) -> dict[str, Any]:
    names = ("template", "reason", "status", "repeated", "text", "error")
    return {where: said.get(where), "at": instant(said["at"])} | {name: said[name] for name in names if name in said}


def _note(note: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": instant(note["at"]), "by": note["by"], "text": note.get("text"), "step": note.get("step")}


def _exec(done: Mapping[str, Any]) -> dict[str, Any]:
    names = ("by", "title", "argv", "script", "effect", "step", "outcome", "exit_code", "reason", "asked")
    times = {"started": instant(done["at"]), "finished": instant(done.get("ended"))}
    return {"run": done.get("exec"), **{name: done.get(name) for name in names}, **times}


def _waits(one: Waits) -> dict[str, Any]:
    return {
        "for": one.about,
        "key": one.key or None,
        "text": one.text,
        "deadline": instant(one.deadline),
        "commands": [command.line for command in one.commands],
        "cautions": [advice.caution for advice in one.advice if advice.caution],
    }
