"""Doubts settled by people: whether a change that has no result was applied, once nothing of it can act any more."""

from __future__ import annotations

from pathlib import Path

from runbook.clients.attempts import Attempt
from runbook.clients.survivors import end
from runbook.core.addresses import last
from runbook.core.history import History, address, history
from runbook.core.signing import Word
from runbook.errors import Refused, StoreError, UsageError
from runbook.hosts.past import stream_of
from runbook.hosts.place import Place
from runbook.hosts.sending import attempt_path
from runbook.hosts.signatures import written
from runbook.hosts.speaking import signature, speaker, speaking, still_open
from runbook.journal import Draft
from runbook.policy.rights import may_settle


def settle(place: Place, run: str, step: str, as_: str, reason: str, *, key: Path | None = None) -> str:
    """Say whether a doubtful change was applied; it counts as its result. Returns the change's key.

    Refused while a process of its attempt lives: what has not arrived yet may arrive still. Signed where it must be.
    """
    at = place.journal.now()
    step = _doubt(run, still_open(place, run), step)
    word = Word(about="settlement", key=step, by=place.people.me, said=as_, reason=reason)
    signed = signature(place, run, word, at, key)
    with speaking(place, run) as (writer, past):
        doubt = _may_settle(place, run, past, step)
        running = _still_running(place, run, past, doubt)
        if running is not None:
            raise Refused(
                f"{step} still runs: {running}; it cannot be settled before it has ended",
                hint=f"wait for it, or end it, then `runbook resume {run}`",
            )
        data = {"as": as_, "reason": reason, "by": place.people.me, **written(signed)}
        writer.append(Draft("settlement.given", doubt, data, speaker(place, signed)))
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
