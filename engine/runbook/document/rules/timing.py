"""Lengths of time that cannot work: a verification that cannot hold, a timeout of nothing or of days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from runbook.document.durations import Duration, spoken
from runbook.document.formats import instant
from runbook.document.model import Policy, Runbook, Verification
from runbook.document.rules.walk import Checked, Pointer, verifications

if TYPE_CHECKING:
    from runbook.document.findings import Finding

LONGEST: Final = 24 * 3600.0
_FREE: Final = frozenset({"with", "parameters", "given", "alert", "answers"})  # keys there are not ours


def sensible_timeouts(doc: Checked) -> Iterator[Finding]:
    """No `timeout` is zero, nor longer than a day."""
    for pointer, text in _timeouts(doc.source.data, ()):
        seconds = _seconds(text)
        if seconds is not None and seconds <= 0:
            message, hint = f"a timeout of {text} ends everything before it starts", "write a longer time"
        elif seconds is not None and seconds > LONGEST:
            message, hint = f"a timeout of {text} is longer than {spoken(LONGEST)}", "write a shorter time"
        else:
            continue
        yield doc.source.finding(pointer, "RB039", message, hint)


def _timeouts(data: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    if isinstance(data, list):
        for i, entry in enumerate(data):
            yield from _timeouts(entry, (*pointer, i))
    elif isinstance(data, dict):
        for key, entry in data.items():
            if key == "timeout" and isinstance(entry, str):
                yield (*pointer, key), entry
            elif key not in _FREE:
                yield from _timeouts(entry, (*pointer, key))


def _seconds(text: str) -> float | None:
    try:
        return float(Duration.parse(text))
    except ValueError:
        return None  # the schema has said so


def possible_rounds(doc: Checked) -> Iterator[Finding]:
    """Verification leaves time for the rounds that `hold` asks for; rounds and updates are a second apart."""
    book = doc.document
    assert isinstance(book, Runbook)  # noqa: S101
    for place, verification in verifications(book):
        yield from _possible(doc, place, verification)
    for i, option in enumerate(book.resolution):
        if option.temporary is not None and option.temporary <= 0:
            message = f"what '{option.id}' changes would be due to be taken back at once"
            yield doc.source.finding(("resolution", i, "temporary"), "RB039", message, "write a longer time")
    for i, message_ in enumerate(book.communication):
        if message_.every is not None and message_.every < 1:
            place_ = ("communication", i, "every")
            yield doc.source.finding(place_, "RB039", "messages cannot be less than 1s apart", "write 1s or more")


def _possible(doc: Checked, place: Pointer, verification: Verification) -> Iterator[Finding]:
    raw = doc.raw(place)
    if verification.every < 1:
        yield doc.source.finding(
            (*place, "every"), "RB039", "rounds cannot start less than 1s apart", "write 1s or more"
        )
    every = verification.every if "every" in raw else min(verification.every, 1.0)
    if verification.within < verification.hold + every:
        needed = spoken(verification.hold + every)
        message = f"checks cannot hold for {spoken(verification.hold)} within {spoken(verification.within)}"
        where = (*place, "within" if "within" in raw else "hold")
        yield doc.source.finding(where, "RB039", message, f"'within' must be {needed} or more: hold + every")


def freezes_in_order(doc: Checked) -> Iterator[Finding]:
    """A freeze ends after it starts."""
    assert isinstance(doc.document, Policy)  # noqa: S101
    for i, freeze in enumerate(doc.document.freeze):
        starts, ends = instant(freeze.starts), instant(freeze.ends)
        if starts is not None and ends is not None and ends <= starts:
            message = f"the window ends at {freeze.ends}, which is not after its start"
            yield doc.source.finding(("freeze", i, "ends"), "RB039", message, "write a later time")
