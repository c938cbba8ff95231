"""What people may say to a run from elsewhere: votes, answers, settlements, notes, a request to abort.

A guest reads what is there, judges whether it may speak, and appends one record, all in one transaction; the runner
folds it in when it looks next. Nothing is performed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runbook.clients.attempts import Attempt
from runbook.clients.survivors import end
from runbook.core.addresses import last
from runbook.core.gates import Vote
from runbook.core.history import History, address, history, short
from runbook.core.signing import Signed, Word, noted
from runbook.core.views import GateView, QuestionView
from runbook.core.words import RunOutcome
from runbook.errors import Refused, StoreError, UsageError
from runbook.hosts.past import stream_of
from runbook.hosts.place import Place
from runbook.hosts.sending import attempt_path
from runbook.hosts.signatures import Signatures, written
from runbook.journal import Actor, Draft, Journal, Writer
from runbook.policy.limits import frozen
from runbook.policy.rights import may_attest, may_run, may_settle, may_vote

SHORTEST_RUN = 4
SHORTEST_DIGEST = 12


def find_run(journal: Journal, prefix: str) -> str:
    """The run whose id begins so; UsageError when there is none, or more than one."""
    wanted = prefix.lower()
    if len(wanted) < SHORTEST_RUN:
        raise UsageError(f"{prefix!r} is too short for a run's id", hint=f"give at least {SHORTEST_RUN} characters")
    found = [name.partition("/")[2] for name in journal.names(f"run/{wanted}")]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"no run begins with {prefix!r}", hint="`runbook runs` lists them")
    raise UsageError(f"{len(found)} runs begin with {prefix!r}: {', '.join(found[:4])}", hint="give more of it")


def seen(place: Place, run: str, past: History | None = None) -> tuple[History, bool]:
    """A run as its journal tells it, and whether somebody runs it now. `past` was seen before, and is read on from."""
    stream = stream_of(run)
    told = past or History()
    for record in place.journal.read(stream, after=told.size - 1):
        told.take(record)
    return told, place.journal.holder(stream) is not None


@contextmanager
def _speaking(place: Place, run: str) -> Iterator[tuple[Writer, History]]:
    """A guest's transaction, with everything that was written before it."""
    with place.journal.writing(stream_of(run)) as writer:
        past = history(writer.tail(-1))
        if past.finished is not None:
            raise _over(run, past)
        yield writer, past


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
    view = _gate(run, _open(place, run), gate)
    _same(view, digest)
    word_ = Word(
        about="vote", key=view.key, by=me, said=verdict, reason=reason, digest=view.digest, break_glass=break_glass
    )
    signed = _signed(place, run, word_, at, key, view.terms.via)
    gate, digest, via = view.key, view.digest, "signature" if signed else "os"
    with _speaking(place, run) as (writer, past):
        view = _gate(run, past, gate)
        _same(view, digest)
        word = Vote(
            verdict=verdict,
            by=me,
            digest=view.digest,
            at=place.journal.now(),
            reason=reason,
            via=via,
            break_glass=break_glass,
        )
        if word.at > view.deadline:
            raise Refused(
                "the gate's deadline has passed; this vote would not count",
                hint=f"`runbook resume {run}` takes the expiry and goes on",
            )
        if verdict == "grant" and view.terms.reason_required and not (reason or "").strip():
            raise UsageError("this gate asks for a reason", hint="add --reason TEXT")
        why = _why_not(place, past, view, word)
        if why is not None:
            raise Refused(why, hint=f"it asks for {view.terms.asks}" if view.terms.asks else None)
        data = {
            "gate": view.key,
            "digest": view.digest,
            "verdict": verdict,
            "reason": reason,
            "break_glass": break_glass,
            **written(signed),
        }
        writer.append(Draft("vote.given", None, data, _me(place, via)), at=word.at)
    return view


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
    step = _question(run, _open(place, run), step).key
    word = Word(about="answer", key=step, by=place.people.me, said=value, reason=reason)
    signed = _signed(place, run, word, at, key)
    with _speaking(place, run) as (writer, past):
        question = _question(run, past, step)
        why = _may_answer(place, question)
        if why is not None:
            raise Refused(why)
        if question.choices and str(value) not in question.choices:
            raise UsageError(f"{value!r} is no answer to it", hint=f"say one of {', '.join(question.choices)}")
        if question.purpose == "verification" and value in ("pass", "fail") and not (reason or "").strip():
            raise UsageError("what you saw is recorded as attested, and needs a reason", hint="add --reason TEXT")
        data = {"value": value, "reason": reason, "by": place.people.me, **written(signed)}
        writer.append(Draft("answer.given", question.key, data, _me(place, "signature" if signed else "os")))
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


def settle(place: Place, run: str, step: str, as_: str, reason: str, *, key: Path | None = None) -> str:
    """Say whether a doubtful change was applied; it counts as its result. Returns the change's key.

    Refused while a process of its attempt lives: what has not arrived yet may arrive still. Signed where it must be.
    """
    at = place.journal.now()
    step = _doubt(run, _open(place, run), step)
    word = Word(about="settlement", key=step, by=place.people.me, said=as_, reason=reason)
    signed = _signed(place, run, word, at, key)
    with _speaking(place, run) as (writer, past):
        doubt = _may_settle(place, run, past, step)
        running = _still_running(place, run, past, doubt)
        if running is not None:
            raise Refused(
                f"{step} still runs: {running}; it cannot be settled before it has ended",
                hint=f"wait for it, or end it, then `runbook resume {run}`",
            )
        data = {"as": as_, "reason": reason, "by": place.people.me, **written(signed)}
        writer.append(Draft("settlement.given", doubt, data, _me(place, "signature" if signed else "os")))
    return doubt


def end_survivors(place: Place, run: str, step: str, *, grace: float = 10.0) -> bool:
    """End the processes of a doubtful change that outlived its runner: SIGTERM, and SIGKILL after `grace` seconds.

    True once nothing of it lives here; what it did until then is still to be settled.
    """
    past = history(place.journal.read(stream_of(run)))
    key = _may_settle(place, run, past, step)
    return end(_attempt(place, run, past, key), grace)


def _may_settle(place: Place, run: str, past: History, step: str) -> str:
    """The key of the doubt, for somebody who may approve that step."""
    key = _doubt(run, past, step)
    grant = past.gates.get(str(past.intents[key][1].get("grant")))
    why = may_settle(place.people, place.people.me, grant.terms, past.initiators) if grant is not None else None
    if why is not None:
        raise Refused(why)
    return key


def _attempt(place: Place, run: str, past: History, key: str) -> Attempt:
    intent = past.intents[key][1]
    path = attempt_path(place.attempts, run, key, int(intent.get("attempt", 1)))
    return Attempt.earlier(path, str(intent.get("boot", "")))


def _still_running(place: Place, run: str, past: History, key: str) -> str | None:
    """What of a doubtful change lives; where this user may not look, what was seen last is believed."""
    try:
        look = _attempt(place, run, past, key).look()
    except StoreError:
        return past.still_running.get(key)
    if not look.locked:
        return None
    return f"process group {look.group}" if look.group else "a process that had just been started"


def _doubt(run: str, past: History, step: str) -> str:
    found = [key for key in past.doubts if step in (key, address(key), last(address(key)))]
    if len(found) == 1:
        return found[0]
    doubts = ", ".join(last(address(key)) for key in past.doubts)
    hint = f"in doubt: {doubts}" if doubts else "nothing of it is; `runbook resume` looks at what has no result"
    raise UsageError(f"{step!r} of run {run} is not in doubt", hint=hint)


def abort(place: Place, run: str, reason: str, *, key: Path | None = None) -> bool:
    """Ask for the end of a run; True when a live runner will carry it out, False when somebody must resume it.

    Signed where it must be.
    """
    why = may_run(place.people, place.people.me)
    if why is not None:
        raise Refused(why)
    at = place.journal.now()
    _open(place, run)
    signed = _signed(place, run, Word(about="abort", key="", by=place.people.me, said=None, reason=reason), at, key)
    with _speaking(place, run) as (writer, _):
        data = {"reason": reason, "by": place.people.me, **written(signed)}
        writer.append(Draft("abort.requested", None, data, _me(place, "signature" if signed else "os")))
    return place.journal.holder(stream_of(run)) is not None


def note(place: Place, run: str, text: str, *, key: Path | None = None) -> None:
    """Write something down in a run's record, signed where it must be; finished runs take notes too."""
    data = {"about": "note", "text": text}
    signed = _signed(place, run, noted(data, place.people.me), place.journal.now(), key)
    with place.journal.writing(stream_of(run)) as writer:
        _note(place, writer, data, signed)


def close_follow_up(place: Place, run: str, option: str | None, reason: str, *, key: Path | None = None) -> str:
    """Note that what an option left for a while only needs nothing further; gives the option. Nothing is changed by it.

    UsageError where no follow-up is open by that name, or where several are and none is named. Signed where it must be.
    """
    why = may_run(place.people, place.people.me)
    if why is not None:
        raise Refused(why)
    option = _due(history(place.journal.read(stream_of(run))), run, option)
    data = {"about": "follow_up_closed", "option": option, "reason": reason}
    signed = _signed(place, run, noted(data, place.people.me), place.journal.now(), key)
    with place.journal.writing(stream_of(run)) as writer:
        _due(history(writer.tail(-1)), run, option)
        _note(place, writer, data, signed)
    return option


def _note(place: Place, writer: Writer, data: dict[str, Any], signed: Signed | None) -> None:
    me = _me(place, "signature" if signed else "os")
    writer.append(Draft("note.added", None, {**data, **written(signed)}, me))


def _due(past: History, run: str, option: str | None) -> str:
    """The option whose follow-up is open, by its name or as the only one."""
    due = [one.option for one in past.follow_ups.values() if one.closed is None and past.left(one)]
    if option is None and due[1:]:
        raise UsageError(f"run {run} has left several: {', '.join(due)}", hint="name one of them after the run")
    if not due or option not in (None, *due):
        which = f"{option!r} of run {run}" if option else f"run {run}"
        hint = f"open are: {', '.join(due)}" if due else "`runbook runs --follow-ups` lists what is"
        raise UsageError(f"nothing temporary of {which} is left open", hint=hint)
    return option or due[0]


def join(place: Place, run: str, alert: dict[str, Any]) -> None:
    """An alert that would have started this run joins it."""
    with _speaking(place, run) as (writer, _):
        writer.append(Draft("alert.joined", None, {"alert": alert}, Actor(kind="alert", id="alertmanager")))


def mark(place: Place, run: str, data: dict[str, Any], key: Path | None = None) -> str | None:
    """Note in a run what another has done of it; signed where it must be. Nothing follows from it.

    What cannot be signed is written as it is, because it has happened; gives why, None where nothing is missing.
    """
    signed, why = None, None
    try:
        signed = _signed(place, run, noted(data, place.people.me), place.journal.now(), key)
    except (Refused, UsageError) as error:
        why = f"what is noted in run {run} is not signed: {error.message}; {error.hint}"
    except UnicodeEncodeError:
        why = f"what is noted in run {run} is not signed: it is not text in UTF-8"
    with place.journal.writing(stream_of(run)) as writer:
        _note(place, writer, data, signed)
    return why


def still_changed(past: History) -> bool:
    """Whether a finished run has left something changed."""
    return bool(past.applied) and past.outcome is not RunOutcome.PLANNED


def _me(place: Place, via: str = "os") -> Actor:
    return Actor(kind="person", id=place.people.me, via=via)


def _open(place: Place, run: str) -> History:
    """A run as it stands, for what is prepared before anything is written; Refused for one that is finished."""
    past = history(place.journal.read(stream_of(run)))
    if past.finished is not None:
        raise _over(run, past)
    return past


def _over(run: str, past: History) -> Refused:
    return Refused(f"run {run} is finished: {past.outcome}", hint=f"`runbook log show {run}` tells what happened")


def _signed(
    place: Place, run: str, word: Word, at: float, key: Path | None, via: Sequence[str] | None = None
) -> Signed | None:
    """The signature of a word where it must have one, or a key was named; made outside of any transaction."""
    signatures = Signatures(place.journal, place.people, stream_of(run))
    return signatures.sign(word, at, key) if key is not None or signatures.asked(via) else None
