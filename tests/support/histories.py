"""Runs as small lists of records: what a journal would hold of a night with the demo project's runbook."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from runbook import kinds
from runbook.core.canonical import digest
from runbook.core.changes import Change, Field, Target
from runbook.core.history import History, history
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.document.words import Effect
from runbook.journal.record import Actor, Record, stamp

RUN = "01kaqs3zq4v5w6x7y8z9a0b1c2"
START = 1_795_402_800.0  # 2026-11-23T03:00:00Z
ENGINE = Actor(kind="engine", id="runbook-engine", via="engine")
EXAMPLE = Path(__file__).parents[2] / "examples" / "demo" / "runbooks" / "high-api-error-rate.yaml"

ROLLBACK = "resolution/rollback/roll_back"
SCALE = "resolution/scale_up/scale"


class Tape:
    """Records in order; `wait` lets time pass between them."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.now = START

    def add(self, type_: str, key: str | None = None, who: str | None = None, **data: Any) -> Tape:
        actor = Actor(kind="person", id=who) if who else ENGINE
        seq = len(self.records)
        self.records.append(
            Record(
                v=1,
                stream=f"run/{RUN}",
                seq=seq,
                at=stamp(self.now),
                epoch=1,
                actor=actor,
                type=type_,
                key=key,
                data=data,
                prev="",
                bytes=b"",
                hash="",
            )
        )
        self.now += 1
        return self

    def wait(self, seconds: float) -> Tape:
        self.now += seconds
        return self

    @property
    def history(self) -> History:
        return history(self.records)


@cache
def book() -> Runbook:
    """The demo project's runbook."""
    document = load(EXAMPLE.read_bytes(), kinds.specs(), path=EXAMPLE.name).document
    assert isinstance(document, Runbook)
    return document


def rollback(**keys: Any) -> Change:
    """Returning the API to the last good revision."""
    target = Target(connection="cluster-7", kind="Deployment", name="api", namespace="production", uid="u-1")
    undo = Change(
        kind="kubernetes.rollout_undo",
        target=target,
        summary="Return Deployment production/api to revision 7 (api:7), from which it was rolled back",
        effect=Effect.CHANGE,
        irreversible="it takes a change back itself",
    )
    plain: dict[str, Any] = {
        "kind": "kubernetes.rollout_undo",
        "target": target,
        "summary": "Return Deployment production/api from revision 7 (api:7) to revision 6 (api:6)",
        "effect": Effect.CHANGE,
        "fields": (Field(path="/spec/template", before={"hash": "7f9c", "images": {"api": "api:7"}}, after="6d5b"),),
        "undo": undo,
        "diff": "--- revision 7 (7f9c)\n+++ revision 6 (6d5b)\n@@ -4,3 +4,3 @@\n   - name: api\n"
        "-    image: registry.example.com/api:7\n+    image: registry.example.com/api:6",
        "by_hand": "kubectl --namespace production rollout undo deployment/api --to-revision=6",
    }
    return Change(**{**plain, **keys})


def drain(**keys: Any) -> Change:
    """Something that no undo brings back."""
    target = Target(connection="cluster-7", kind="Node", name="worker-3")
    plain: dict[str, Any] = {
        "kind": "kubernetes.drain",
        "target": target,
        "summary": "Drain node worker-3",
        "effect": Effect.DESTRUCTIVE,
        "irreversible": "pods that were evicted are gone",
        "warnings": ("12 pods run there",),
        "by_hand": "kubectl drain worker-3",
    }
    return Change(**{**plain, **keys})


def started(tape: Tape | None = None, **data: Any) -> Tape:
    """The run begins; the symptoms are there; triage is done."""
    tape = tape or Tape()
    first = {
        "engine": "0.1.0",
        "runbook": "high-api-error-rate",
        "title": "High API error rate",
        "severity": "SEV2",
        "mode": "by_hand",
        "initiator": "ann",
        "parameters": {"namespace": "production", "deployment": "api", "replicas": 10},
    }
    tape.add("run.started", who="ann", **{**first, **data})
    observed(tape, "symptoms/error_rate", "symptoms", "pass", {"value": 0.12}, title="More than 5 % of requests fail")
    tape.add("message.sent", "communication/c1:announce#1", channel="incidents", template="initial", status="sent")
    observed(tape, "triage/endpoints", "triage", None, {"value": 3.1, "rows": [{}], "count": 1})
    observed(tape, "triage/database", "triage", "pass", {"reachable": True, "error": None})
    return observed(tape, "triage/redis", "triage", "fail", {"reachable": False, "error": "refused"})


def observed(
    tape: Tape, path: str, phase: str, verdict: str | None, output: dict[str, Any], number: int = 1, **data: Any
) -> Tape:
    """A probe answered."""
    said = {"id": path.rsplit("/", 1)[-1], "phase": phase, "kind": "prometheus.query", "status": "succeeded"}
    said |= {"verdict": verdict, "output": output, "tries": 1, "started": tape.now - 0.2, **data}
    return tape.add("step.observed", f"{path}:observe#{number}", **said)


def planned(tape: Tape, path: str, change: Change, number: int = 1, **data: Any) -> Tape:
    """A change was planned."""
    said = {"id": path.rsplit("/", 1)[-1], "phase": "resolution", "kind": change.kind, **data}
    plan = {"change": msgspec.to_builtins(change), "digest": change.digest}
    return tape.add("change.planned", f"{path}:plan#{number}", **said, **plan)


def gated(tape: Tape, path: str, *changes: Change, number: int = 1, **data: Any) -> Tape:
    """The gate of an option opened."""
    option = path.split("/")[1]
    terms = {"required": 1, "timeout": 600.0, "from": ["ann", "ben"], "asks": "1 of sre", **data.pop("terms", {})}
    shown = [{"path": path, "title": None, "digest": c.digest, "summary": c.summary} for c in changes]
    said = {"option": option, "digest": digest([c.digest for c in changes]), "terms": terms}
    said |= {"deadline": tape.now + 600, "attempt": number, "changes": shown, **data}
    return tape.add("gate.opened", f"resolution/{option}:approve#{number}", **said)


def decided(tape: Tape, option: str, verdict: str, number: int = 1, by: str = "ben", **data: Any) -> Tape:
    """A gate was decided."""
    said = {"verdict": verdict, "by": [by], "reason": None, "until": tape.now + 600, **data}
    return tape.add("decision.given", f"resolution/{option}:approve#{number}", **said)


def applied(tape: Tape, path: str, change: Change, **data: Any) -> Tape:
    """A change was planned again, sent, and accepted."""
    id_ = path.rsplit("/", 1)[-1]
    planned(tape, path, change, 2)
    tape.add("change.intended", f"{path}:apply#1", id=id_, phase="resolution", attempt=1, digest=change.digest)
    said = {"id": id_, "phase": "resolution", "applied": "yes", **data}
    return tape.wait(2).add("change.resulted", f"{path}:apply#1", **said)


def verified(tape: Tape, option: str, number: int, errors: str, value: float | None) -> Tape:
    """One round of the verification's checks; number 0 is the look before the change."""
    path = f"resolution/{option}/verification" if number else "verification"
    counted = max(1, number)
    why = None if value is not None else "no data"
    observed(tape, f"{path}/errors_low", "verification", errors, {"value": value}, counted, round=number, reason=why)
    observed(tape, f"{path}/latency", "verification", "pass", {"value": 0.2}, counted, round=number)
    return observed(tape, f"{path}/health", "verification", "pass", {"status": 200}, counted, round=number)


def finished(tape: Tape, outcome: str, **data: Any) -> Tape:
    """The run is over."""
    return tape.add("run.finished", outcome=outcome, **{"option": None, "reason": None, **data})


# --- whole nights -----------------------------------------------------------------------------------------------


def waiting(change: Change | None = None, **gate: Any) -> Tape:
    """The rollback waits for a yes."""
    change = change or rollback()
    tape = planned(started(), ROLLBACK, change)
    verified(tape, "rollback", 0, "fail", 0.12)
    tape.add("evidence.preserved", "evidence/events:preserve#1", id="events", status="preserved", output={})
    tape.add(
        "evidence.preserved",
        "evidence/logs:preserve#1",
        id="logs",
        status="missing",
        error={"code": "forbidden", "message": "may not read logs"},
    )
    return gated(tape, ROLLBACK, change, proves_nothing=["health"], **gate)


def granted(change: Change | None = None) -> Tape:
    """Ben said yes."""
    tape = waiting(change).wait(30)
    gate = next(record for record in tape.records if record.type == "gate.opened")
    tape.add("vote.given", who="ben", gate=gate.key, digest=gate.data["digest"], verdict="grant", reason="looks right")
    return decided(tape, "rollback", "granted")


def resolved() -> Tape:
    """The rollback helped."""
    tape = applied(granted(), ROLLBACK, rollback())
    observed(tape, ROLLBACK, "resolution", "pass", {}, arrived=True)
    tape.wait(120)
    verified(tape, "rollback", 1, "fail", 0.03).wait(12)
    verified(tape, "rollback", 2, "pass", 0.002).wait(12)
    verified(tape, "rollback", 3, "pass", 0.0)
    tape.add("note.added", "resolution/rollback:note#1", about="option", option="rollback", ended="resolved")
    tape.add("message.sent", "communication/c2:announce#1", channel="incidents", template="resolved", status="sent")
    return finished(tape, "resolved", option="rollback")


def in_doubt() -> Tape:
    """The rollback may have happened: its answer was lost."""
    tape = planned(granted(), ROLLBACK, rollback(), 2)
    key = f"{ROLLBACK}:apply#1"
    tape.add("change.intended", key, id="roll_back", phase="resolution", attempt=1)
    why = "the answer was lost; it is not there yet, and may still arrive"
    return tape.wait(5).add(
        "change.confirmed", key, id="roll_back", found="unknown", reason=why, running="process group 4711"
    )


def denied() -> Tape:
    """Ben said no, and nothing else was tried."""
    tape = waiting().wait(20)
    gate = next(record for record in tape.records if record.type == "gate.opened")
    said = {"gate": gate.key, "digest": gate.data["digest"], "verdict": "deny", "reason": "wrong deployment"}
    tape.add("vote.given", who="ben", **said)
    decided(tape, "rollback", "denied", reason="wrong deployment")
    about = {"about": "option", "option": "rollback", "ended": "denied", "reason": "wrong deployment"}
    tape.add("note.added", "resolution/rollback:note#1", **about)
    return finished(tape, "denied")


def undone() -> Tape:
    """The rollback did not help, and was taken back; a person was paged."""
    tape = applied(granted(), ROLLBACK, rollback())
    observed(tape, ROLLBACK, "resolution", "pass", {}, arrived=True)
    verified(tape, "rollback", 1, "fail", 0.2)
    planned(tape, ROLLBACK, rollback().undo, 3, phase="undo")
    key = f"{ROLLBACK}:undo#1"
    tape.add("change.intended", key, id="roll_back", phase="undo", attempt=1, undoes=f"{ROLLBACK}:apply#1")
    tape.wait(2).add("change.resulted", key, id="roll_back", phase="undo", applied="yes")
    tape.add("note.added", "resolution/rollback:note#1", about="option", option="rollback", ended="not_helped")
    channels = {"incidents": {"status": "sent", "error": None}}
    paged = {"to": "production", "reason": "outcome not_resolved", "status": "sent", "channels": channels}
    tape.add("page.sent", "escalation:page#1", **paged)
    return finished(tape, "not_resolved")


def asked() -> Tape:
    """It cannot be seen whether the rollback helped; a person is asked."""
    tape = applied(granted(), ROLLBACK, rollback())
    verified(tape, "rollback", 1, "unknown", None)
    question = "It could not be seen whether this helped. Look again, or say what you see."
    said = {"id": None, "purpose": "verification", "question": question, "choices": ["extend", "pass", "fail"]}
    return tape.add("question.opened", "resolution/rollback/verification:ask#1", type="string", deadline=None, **said)


def interrupted() -> Tape:
    """The runner ended in the middle of triage."""
    return started()


NIGHTS: dict[str, Callable[[], Tape]] = {
    "resolved": resolved,
    "waiting": waiting,
    "in_doubt": in_doubt,
    "denied": denied,
    "undone": undone,
    "asked": asked,
    "interrupted": interrupted,
}
