"""Times as people and scripts read them: absolute, in the reader's zone and in UTC; how long, in words."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from runbook.document.durations import spoken


def instant(at: float | None) -> str | None:
    """RFC 3339, UTC, milliseconds: for JSON."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock(at: float) -> str:
    """The time of day in UTC, for the margin of a log: `03:12:05Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%SZ")


def minute(at: float) -> str:
    """Day and minute in UTC, for a column of a list: `2026-11-23 03:12Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%MZ")


def moment(at: float, zone: tzinfo | None = None, now: float | None = None) -> str:
    """`04:12:05 CET (03:12:05 UTC)`, with the day where it is not that of `now`."""
    here = datetime.fromtimestamp(at, UTC).astimezone(zone)
    there = datetime.fromtimestamp(at, UTC)
    today = now is not None and datetime.fromtimestamp(now, UTC).astimezone(zone).date() == here.date()
    day = "" if today else here.strftime("%a %d %b %Y ")
    if not here.utcoffset():
        return f"{day}{there:%H:%M:%S} UTC"
    return f"{day}{here:%H:%M:%S %Z} ({there:%H:%M:%S} UTC)"


def by_when(deadline: float, now: float, zone: tzinfo | None = None) -> str:
    """A deadline, absolute and from now: `04:22:05 CET (03:22:05 UTC), in 9m58s`; `…, 2m ago` when it is over."""
    left = deadline - now
    relative = f"in {span(left)}" if left >= 0 else f"{span(-left)} ago"
    return f"{moment(deadline, zone, now)}, {relative}"


def span(seconds: float) -> str:
    """A length of time as a person says it: tenths below ten seconds, then whole ones."""
    return spoken(round(seconds, 1) if seconds < 10 else float(round(seconds)))
