"""What is noted in a run from elsewhere: words, follow-ups that are closed, what another run has done of it.

Nothing follows from a note but what people read; so a run that is finished takes notes too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runbook.core.history import History, history
from runbook.core.signing import Signed, noted
from runbook.errors import Refused, UsageError
from runbook.hosts.past import stream_of
from runbook.hosts.place import Place
from runbook.hosts.signatures import written
from runbook.hosts.speaking import signature, speaker
from runbook.journal import Draft, Writer
from runbook.policy.rights import may_run


def note(place: Place, run: str, text: str, *, key: Path | None = None) -> None:
    """Write something down in a run's record, signed where it must be; finished runs take notes too."""
    data = {"about": "note", "text": text}
    signed = signature(place, run, noted(data, place.people.me), place.journal.now(), key)
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
    signed = signature(place, run, noted(data, place.people.me), place.journal.now(), key)
    with place.journal.writing(stream_of(run)) as writer:
        _due(history(writer.tail(-1)), run, option)
        _note(place, writer, data, signed)
    return option


def mark(place: Place, run: str, data: dict[str, Any], key: Path | None = None) -> str | None:
    """Note in a run what another has done of it; signed where it must be. Nothing follows from it.

    What cannot be signed is written as it is, because it has happened; gives why, None where nothing is missing.
    """
    signed, why = None, None
    try:
        signed = signature(place, run, noted(data, place.people.me), place.journal.now(), key)
    except (Refused, UsageError) as error:
        why = f"what is noted in run {run} is not signed: {error}"
    with place.journal.writing(stream_of(run)) as writer:
        _note(place, writer, data, signed)
    return why


def _note(place: Place, writer: Writer, data: dict[str, Any], signed: Signed | None) -> None:
    writer.append(Draft("note.added", None, {**data, **written(signed)}, speaker(place, signed)))


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
