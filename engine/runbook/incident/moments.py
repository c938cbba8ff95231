"""Times that people give: `2026-11-23T14:23Z`, `14:23Z`, `15m ago`. Never without a zone, never in the future.

One kind of time is ahead, and only that: until when something holds.

A time without a zone means another moment to each who reads it, and one hour of every autumn happens twice; so it is
refused, with what to write. Who backdates says where the time comes from.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from runbook.document.durations import Duration, spoken
from runbook.errors import UsageError
from runbook.journal.record import stamp

SKEW: Final = 120.0  # seconds that the clock of whoever says a time may be ahead of ours
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
_TIME_OF_DAY: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ZULU: Final = re.compile(r"(?<=\d)\s*(?:z|utc)$", re.IGNORECASE | re.ASCII)
_HOW: Final = "write 2026-11-23T14:23Z, 14:23Z, or 15m ago"


class Given(NamedTuple):
    """When something happened, and who says so: `at` None is now, as it is recorded."""

    at: float | None = None
    source: str | None = None

    @property
    def written(self) -> dict[str, str | None]:
        """As it stands in a record."""
        return {"at": None if self.at is None else stamp(self.at), "source": self.source}


def given(text: str | None, source: str | None, now: float, *, flag: str = "--at") -> Given:
    """What was said with `--at` and `--source`; UsageError for no time, for a future one, and for one that nobody says.

    `now` is in seconds since 1970, UTC.
    """
    source = (source or "").strip() or None
    if text is None or text.strip().lower() == "now":
        return Given(None, source)
    at = moment(text, now, flag=flag)
    if source is None:
        raise UsageError(
            f"{flag} {text.strip()} is not now, so the record has to say where that comes from",
            hint='add --source, as in --source "first alert in #ops"',
        )
    return Given(at, source)


def moment(text: str, now: float, *, flag: str = "--at") -> float:
    """Seconds since 1970 of a time as people write it."""
    said = _ZULU.sub("Z", text.strip())
    at = now if said.lower() == "now" else _ago(said, now) or _today(said, now, flag) or _whole(said, flag)
    if at > now + SKEW:
        raise UsageError(
            f"{flag} {said} is in the future, by {spoken(round(at - now))}", hint="check the day and the zone; " + _HOW
        )
    if at < _EARLIEST:
        raise UsageError(f"{flag} {said} is before the year 2000", hint=_HOW)
    return at


def minute(at: float) -> str:
    """A moment as it stands in sentences: `2026-11-23 14:23Z`."""
    return stamp(at)[:16].replace("T", " ") + "Z"


def second(at: float) -> str:
    """The same to the second, where two moments are held against each other."""
    return stamp(at)[:19].replace("T", " ") + "Z"


def ahead(text: str, now: float, *, flag: str = "--until") -> float:
    """Seconds since 1970 of a whole time that is still to come; UsageError. A day alone ends when its zone says."""
    said = _ZULU.sub("Z", text.strip())
    if _DAY.fullmatch(said):
        raise UsageError(
            f"{flag} {said} has no time of day, and a day ends when its zone says",
            hint=f"write {said}T23:59Z, or with the zone's offset: {said}T23:59+01:00",
        )
    at = _whole(said, flag, "write 2026-11-23T17:30Z, or its offset: 2026-11-23T17:30-05:00")
    if at <= now:
        raise UsageError(f"{flag} {said} is over since {spoken(round(now - at))}", hint="check the day and the zone")
    return at


def _ago(said: str, now: float) -> float | None:
    word, _, ago = said.lower().rpartition(" ")
    if ago != "ago":
        return None
    try:
        return now - Duration.parse(word.replace(" ", ""))
    except ValueError as error:
        raise UsageError(f"{said!r} is no time: {error}", hint=_HOW) from error


def _today(said: str, now: float, flag: str) -> float | None:
    """A time of day is the last one that was: at 00:10Z, 23:50Z is yesterday's."""
    found = _TIME_OF_DAY.fullmatch(said)
    if found is None:
        return None
    if found[4] is None:
        raise _no_zone(said, flag)
    zone = _zone(said, found[4], flag)
    day = datetime.fromtimestamp(now + SKEW, UTC).astimezone(zone)
    at = day.replace(hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0), microsecond=0)
    return (at if at <= day else at - timedelta(days=1)).timestamp()


def _zone(said: str, offset: str, flag: str) -> tzinfo | None:
    try:
        return datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo
    except ValueError as error:
        raise _no_time(said, flag, error) from error


def _whole(said: str, flag: str, how: str = _HOW) -> float:
    try:
        read = datetime.fromisoformat(said)
        if read.tzinfo is None:
            raise _no_zone(said, flag)
        return read.timestamp()
    except (ValueError, OverflowError) as error:
        raise _no_time(said, flag, error, how) from error


def _no_time(said: str, flag: str, error: Exception, how: str = _HOW) -> UsageError:
    """What Python says of its own format helps nobody; that a day or an hour is out of range does."""
    why = "" if "isoformat" in str(error) else f" ({error})"
    return UsageError(f"{flag} {said!r} is no time that there is{why}", hint=how)


def _no_zone(said: str, flag: str) -> UsageError:
    day, _, time = said.replace(" ", "T").rpartition("T")
    whole = f"{day}T{time}" if day else time if ":" in time else f"{time}T00:00"
    return UsageError(
        f"{flag} {said} has no time zone, so it could be any of 24 hours",
        hint=f"write {whole}Z if that is UTC, else its offset: {whole}+01:00",
    )
