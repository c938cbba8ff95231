"""A run as an auditor asks about it: what was approved by whom, how they were known, and what was out of the ordinary.

`audited` folds a run's records; nothing else is looked at, so the same records give the same rows for ever. `COLUMNS`
are what scripts and spreadsheets rely on: names are only ever added, at the end.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import msgspec

from runbook.core.dropped import Dropped
from runbook.core.gates import Vote
from runbook.core.history import History, address
from runbook.core.records import Written
from runbook.core.target import spoken
from runbook.core.views import GateView
from runbook.core.words import Mode
from runbook.report.reviewed import recorded_words
from runbook.report.times import instant
from runbook.report.votes import uncounted

COLUMNS = (
    "run", "runbook", "environment", "target", "mode", "initiator", "started", "finished", "outcome", "reviewed",
    "seal", "approvals", "denials", "changes", "settlements", "exceptions",
)  # fmt: skip


class Oddity(msgspec.Struct, frozen=True, kw_only=True):
    """One thing out of the ordinary: what, who, when (seconds since 1970, UTC), in which run, and where in it."""

    what: str
    who: str
    at: float | None
    run: str
    where: str
    why: str

    @property
    def wire(self) -> dict[str, Any]:
        """As scripts are told."""
        return {**msgspec.structs.asdict(self), "at": instant(self.at)}


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """A run in `COLUMNS`, and what was out of the ordinary."""

    row: dict[str, Any]
    oddities: tuple[Oddity, ...]


def audited(run: str, records: Iterable[Written]) -> Audited:
    """A run from its records, in order."""
    past, settled, doubted = History(), [], []
    for record in records:
        past.take(record)
        if record.type == "settlement.given":
            settled.append(record)
        elif record.type == "change.confirmed" and record.data.get("found") == "unknown":
            doubted.append(record)
    oddities = (*_at_start(run, past), *_at_gates(run, past), *_of_changes(run, past, settled, doubted))
    return Audited(row=_row(run, past, settled, oddities), oddities=oddities)


def unreadable(run: str, why: str) -> Oddity:
    """A run whose record cannot be read to its end."""
    return Oddity(what="unreadable", who="", at=None, run=run, where="record", why=why)


def drawn(runs: Sequence[str], count: int, seed: str) -> list[str]:
    """So many runs by lot. The same seed draws the same runs, and one run more in the store replaces one at most."""
    return sorted(runs, key=lambda run: hashlib.sha256(f"{seed}\n{run}".encode()).digest())[:count]


def is_real(past_mode: str) -> bool:
    """Whether a run could change anything: a dry run is left out of audits."""
    return past_mode != Mode.DRY


def csv_line(cells: Iterable[Any]) -> str:
    """One line of a CSV file (RFC 4180, without its line break); what a spreadsheet would compute is kept as text."""
    out = io.StringIO()
    csv.writer(out).writerow([_cell(cell) for cell in cells])  # quotes what would end a line, as it ends one so
    return out.getvalue().removesuffix("\r\n")


def _cell(value: Any) -> str:
    text = _text(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(_text(item) for item in value)
    if isinstance(value, dict):
        return " ".join(f"{name}={_text(item)}" for name, item in value.items() if item not in (None, "", [], ()))
    return "" if value is None else str(value)


def _row(run: str, past: History, settled: Sequence[Written], oddities: Sequence[Oddity]) -> dict[str, Any]:
    decided = [(gate, gate.decision) for gate in past.gates.values() if gate.decision is not None]
    values = (
        run,
        past.runbook,
        past.environment,
        spoken(past.target) if past.target else None,
        past.started.get("mode"),
        past.started.get("initiator"),
        instant(past.started_at),
        instant(past.ended_at),
        str(past.outcome) if past.outcome else None,
        _reviewed(past),
        _seal(past),
        [_approval(gate, said) for gate, said in decided if said["verdict"] == "granted"],
        [_denial(gate, said) for gate, said in decided if said["verdict"] == "denied"],
        [_change(change) for change in past.changes.values()],
        [_settlement(record) for record in settled],
        sorted({oddity.what for oddity in oddities}),
    )
    return dict(zip(COLUMNS, values, strict=True))


def _approval(gate: GateView, said: Any) -> dict[str, Any]:
    by = list(said.get("by", ()))
    via = sorted({vote.via for vote in gate.votes if vote.by in by and vote.verdict == "grant" and not vote.refused})
    return {
        "gate": address(gate.key),
        "by": by,
        "via": via or (["policy"] if said.get("policy") else []),
        "at": instant(gate.decided),
        "digest": gate.digest,
        "break_glass": bool(said.get("break_glass")),
        "reason": said.get("reason"),
    }


def _denial(gate: GateView, said: Any) -> dict[str, Any]:
    by, at = list(said.get("by", ())), instant(gate.decided)
    return {"gate": address(gate.key), "by": by, "at": at, "reason": said.get("reason")}


def _change(change: Any) -> dict[str, Any]:
    return {
        "step": change.path,
        "summary": change.change.summary,
        "target": str(change.change.target),
        "digest": change.change.digest,
        "applied": str(change.outcome.applied),
        "at": instant(change.at),
        "undone": change.undone,
    }


def _settlement(record: Written) -> dict[str, Any]:
    said = {"as": record.data.get("as"), "by": record.actor.id, "via": record.actor.via}
    return {"step": address(record.key or ""), **said, "at": instant(record.time), "reason": record.data.get("reason")}


def _reviewed(past: History) -> str:
    documents = past.started.get("documents") or {}
    if isinstance(documents, Dropped):
        return documents.tombstone.text
    return "yes" if documents.get("reviewed") and not past.started.get("unreviewed") else "no"


def _seal(past: History) -> str | None:
    seal = past.started.get("seal")
    if not isinstance(seal, dict):
        return None
    return str(seal["key"]) if "key" in seal else "none"


def _at_start(run: str, past: History) -> Iterable[Oddity]:
    who = str(past.started.get("initiator", ""))
    unreviewed = past.started.get("unreviewed")
    if unreviewed:
        what = "break_glass" if unreviewed.get("break_glass") else "unreviewed"
        by = str(unreviewed.get("by") or who)
        why = recorded_words(past.started) or "not read from a reviewed commit"
        yield Oddity(what=what, who=by, at=past.started_at, run=run, where="run.started", why=why)
    seal = past.started.get("seal")
    if isinstance(seal, dict) and "missing" in seal:
        why = f"its record is not sealed: {seal['missing']}"
        yield Oddity(what="unsealed", who=who, at=past.started_at, run=run, where="run.started", why=why)


def _at_gates(run: str, past: History) -> Iterable[Oddity]:
    for gate in past.gates.values():
        where = address(gate.key)
        for vote in gate.votes:
            yield from _odd_vote(run, past, gate, vote)
        said = gate.decision
        if said is None:
            continue
        by, reason = list(said.get("by", ())), str(said.get("reason") or "no reason given")
        told = partial(Oddity, who=", ".join(by), at=gate.decided, run=run, where=where)
        if said["verdict"] == "denied":
            yield told(what="denied", why=reason)
        if said["verdict"] != "granted":
            continue
        if said.get("break_glass"):
            yield told(what="break_glass", why=reason)
        own = sorted(set(by) & set(past.initiators))
        if own:
            yield told(what="self_approval", why=f"{', '.join(own)} started, resumed or settled this run")


def _odd_vote(run: str, past: History, gate: GateView, vote: Vote) -> Iterable[Oddity]:
    why = uncounted(vote, gate, past.initiators)
    if why is not None:
        what = "unsigned_vote" if vote.refused else "vote_not_counted"
        yield Oddity(what=what, who=vote.by, at=vote.at, run=run, where=address(gate.key), why=why)


def _of_changes(run: str, past: History, settled: Sequence[Written], doubted: Sequence[Written]) -> Iterable[Oddity]:
    for record in settled:
        why = f"said to be {str(record.data.get('as')).replace('_', ' ')}: {record.data.get('reason')}"
        where, who = address(record.key or ""), record.actor.id
        yield Oddity(what="doubt_settled", who=who, at=record.time, run=run, where=where, why=why)
    for key in past.doubts:
        at = next((record.time for record in reversed(doubted) if record.key == key), None)
        why = f"nobody knows whether it was applied: {past.doubts[key]}"
        yield Oddity(what="doubt_open", who="", at=at, run=run, where=address(key), why=why)
    looked = any(row.phase == "verification" and row.verdict in ("pass", "fail") for row in past.rows.values())
    if past.finished is not None and not looked:
        for change in past.applied:
            why = "what it did was not verified afterwards"
            where, who = change.path, ", ".join(past.initiators)
            yield Oddity(what="unverified_change", who=who, at=change.at, run=run, where=where, why=why)
