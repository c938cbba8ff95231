"""What may be said from elsewhere to a run that is open: votes, answers, a request to abort, an alert that joins it.

A guest reads what is there, judges whether it may speak, and appends one record, all in one transaction; the runner
folds it in when it looks next. Nothing is performed here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runbook.core.addresses import last
from runbook.core.gates import SHORTEST_DIGEST, Vote
from runbook.core.history import History, address, short
from runbook.core.signing import Word
from runbook.core.views import GateView, QuestionView
from runbook.errors import Refused, UsageError
from runbook.hosts.past import stream_of
from runbook.hosts.place import Place
from runbook.hosts.signatures import written
from runbook.hosts.speaking import signature, speaker, speaking, still_open
from runbook.journal import Actor, Draft
from runbook.policy.limits import frozen
from runbook.policy.rights import may_attest, may_run, may_vote


def vote(
    place: Place,
    run: str,
    verdict: str,
    *,
    gate: str | None = None,
    digest: str | None = None,
    reason: str | None = None,
    break_glass: bool = False,
    key: Path | None = None,
) -> GateView:
    """Say `grant`, `deny` or `skip` at an open gate. Refused for those who may not, and for another digest.

    Where it must be signed, or a `key` is named, it is signed for the gate as it stands, before anything is written.
    """
    me = place.people.me
    at = place.journal.now()
    view = _gate(run, still_open(place, run), gate)
    _same(view, digest)
    said = Word(
        about="vote", key=view.key, by=me, said=verdict, reason=reason, digest=view.digest, break_glass=break_glass
    )
    signed = signature(place, run, said, at, key, view.terms.via)
    gate, digest = view.key, view.digest
    with speaking(place, run) as (writer, past):
        view = _gate(run, past, gate)
        _same(view, digest)
        actor = speaker(place, signed)
        word = Vote(
            verdict=verdict,
            by=me,
            digest=view.digest,
            at=place.journal.now(),
            reason=reason,
            via=actor.via,
            break_glass=break_glass,
        )
        _counts(place, run, past, view, word)
        data = {
            "gate": view.key,
            "digest": view.digest,
            "verdict": verdict,
            "reason": reason,
            "break_glass": break_glass,
            **written(signed),
        }
        writer.append(Draft("vote.given", None, data, actor), at=word.at)
    return view


def _counts(place: Place, run: str, past: History, view: GateView, word: Vote) -> None:
    """Refused or UsageError for a vote that would not count."""
    if word.at > view.deadline:
        raise Refused(
            "the gate's deadline has passed; this vote would not count",
            hint=f"`runbook resume {run}` takes the expiry and goes on",
        )
    if word.verdict == "grant" and view.terms.reason_required and not (word.reason or "").strip():
        raise UsageError("this gate asks for a reason", hint="add --reason TEXT")
    why = _why_not(place, past, view, word)
    if why is not None:
        raise Refused(why, hint=f"it asks for {view.terms.asks}" if view.terms.asks else None)


def _why_not(place: Place, past: History, view: GateView, word: Vote) -> str | None:
    freeze = frozen(place.people.policy, word.at)
    if freeze is not None and word.verdict == "grant" and not word.break_glass:
        return f"changes are frozen: {freeze.reason}, until {freeze.ends}; break the glass, with a reason"
    return may_vote(place.people, word, view.terms, past.initiators)


def _gate(run: str, past: History, key: str | None) -> GateView:
    gates = past.open_gates
    if key is not None:
        gates = [gate for gate in gates if key in (gate.key, gate.option, address(gate.key))]
    if len(gates) == 1:
        return gates[0]
    if not gates and past.open_gates:
        hint = f"waiting: {', '.join(gate.option for gate in past.open_gates)}"
        raise UsageError(f"no gate '{key}' of run {run} waits for a decision", hint=hint)
    if not gates:
        raise UsageError(f"no gate of run {run} waits for a decision", hint="`runbook approvals` lists what waits")
    names = ", ".join(gate.key for gate in gates)
    raise UsageError(f"{len(gates)} gates wait: {names}", hint="name one with --gate")


def _same(view: GateView, digest: str | None) -> None:
    """The digest that was approved must be that of what is asked for now."""
    if digest is None:
        return
    if len(digest) < SHORTEST_DIGEST:
        raise UsageError(f"a digest needs at least {SHORTEST_DIGEST} hexadecimal digits")
    if not view.digest.startswith(digest.lower()):
        raise Refused(
            f"the gate asks for something else now: its digest begins with {view.digest[:SHORTEST_DIGEST]}",
            hint="look at it again before you approve",
        )


def answer(
    place: Place, run: str, step: str, value: Any, *, reason: str | None = None, key: Path | None = None
) -> QuestionView:
    """Answer an open question by its step's id, its address or its key; signed where it must be."""
    at = place.journal.now()
    step = _question(run, still_open(place, run), step).key
    word = Word(about="answer", key=step, by=place.people.me, said=value, reason=reason)
    signed = signature(place, run, word, at, key)
    with speaking(place, run) as (writer, past):
        question = _question(run, past, step)
        why = _may_answer(place, question)
        if why is not None:
            raise Refused(why)
        if question.choices and str(value) not in question.choices:
            raise UsageError(f"{value!r} is no answer to it", hint=f"say one of {', '.join(question.choices)}")
        if question.purpose == "verification" and value in ("pass", "fail") and not (reason or "").strip():
            raise UsageError("what you saw is recorded as attested, and needs a reason", hint="add --reason TEXT")
        data = {"value": value, "reason": reason, "by": place.people.me, **written(signed)}
        writer.append(Draft("answer.given", question.key, data, speaker(place, signed)))
    return question


def _may_answer(place: Place, question: QuestionView) -> str | None:
    if question.purpose in ("verification", "symptoms"):
        return may_attest(place.people, place.people.me)
    return may_run(place.people, place.people.me)


def _question(run: str, past: History, step: str) -> QuestionView:
    def names(question: QuestionView) -> set[str]:
        path = address(question.key)
        return {question.key, path, short(path), question.id or "", last(path)}

    matching = [question for question in past.open_questions if step in names(question)]
    if len(matching) == 1:
        return matching[0]
    waiting = ", ".join(question.id or address(question.key) for question in past.open_questions)
    if not matching:
        hint = f"these wait: {waiting}" if waiting else "none waits"
        raise UsageError(f"no question {step!r} of run {run} waits for an answer", hint=hint)
    raise UsageError(f"several questions are called {step!r}", hint=f"give one of {waiting}")


def abort(place: Place, run: str, reason: str, *, key: Path | None = None) -> bool:
    """Ask for the end of a run; True when a live runner will carry it out, False when somebody must resume it.

    Signed where it must be.
    """
    why = may_run(place.people, place.people.me)
    if why is not None:
        raise Refused(why)
    at = place.journal.now()
    still_open(place, run)
    signed = signature(place, run, Word(about="abort", key="", by=place.people.me, said=None, reason=reason), at, key)
    with speaking(place, run) as (writer, _):
        data = {"reason": reason, "by": place.people.me, **written(signed)}
        writer.append(Draft("abort.requested", None, data, speaker(place, signed)))
    return place.journal.holder(stream_of(run)) is not None


def join(place: Place, run: str, alert: dict[str, Any]) -> None:
    """An alert that would have started this run joins it."""
    with speaking(place, run) as (writer, _):
        writer.append(Draft("alert.joined", None, {"alert": alert}, Actor(kind="alert", id="alertmanager")))
