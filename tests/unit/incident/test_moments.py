"""Times as people give them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from runbook.errors import UsageError
from runbook.incident.moments import SKEW, Given, ahead, given, moment

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-23T14:23Z", "2026-11-23T14:23:00+00:00"),
        ("2026-11-23 14:23:05Z", "2026-11-23T14:23:05+00:00"),
        ("2026-11-23T15:23+01:00", "2026-11-23T14:23:00+00:00"),
        ("14:23Z", "2026-11-23T14:23:00+00:00"),
        ("14:23z", "2026-11-23T14:23:00+00:00"),
        ("14:23 UTC", "2026-11-23T14:23:00+00:00"),
        ("2026-11-23 14:23:05 utc", "2026-11-23T14:23:05+00:00"),
        ("23:50Z", "2026-11-22T23:50:00+00:00"),
        ("09:31-05:00", "2026-11-23T14:31:00+00:00"),
        ("15m ago", "2026-11-23T14:15:00+00:00"),
        ("1h 30m ago", "2026-11-23T13:00:00+00:00"),
        ("2024-02-29T00:00Z", "2024-02-29T00:00:00+00:00"),
    ],
)
def test_a_time_means_one_moment(text: str, meant: str) -> None:
    """By its zone, its offset, or from now; a time of day is the last one that was."""
    assert moment(text, NOW) == datetime.fromisoformat(meant).timestamp()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-23T14:23", "has no time zone.*2026-11-23T14:23Z if that is UTC"),
        ("14:23", "has no time zone.*14:23Z"),
        ("2026-11-23", "has no time zone.*2026-11-23T00:00Z"),
        ("2026-02-29T10:00Z", "no time that there is"),
        ("yesterday", "'yesterday' is no time that there is; write"),
        ("2026-02-30T10:00Z", r"no time that there is \("),
        ("soon ago", "is no time"),
        ("14:23+99:00", "no time that there is"),
        ("2026-11-23T15:00Z", "in the future, by 30m"),
        ("1999-12-31T23:59Z", "before the year 2000"),
        ("0001-01-01T00:00+14:00", "no time that there is|before the year"),
    ],
)
def test_what_is_no_moment_is_refused_with_what_to_write(text: str, said: str) -> None:
    """An hour that everybody reads otherwise would be in every deadline that follows from it."""
    with pytest.raises(UsageError) as error:
        moment(text, NOW)
    assert re.search(said, str(error.value))


@given_any(
    st.one_of(
        st.text(max_size=20),
        st.from_regex(r"[0-9]{1,4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:?[0-9]{2})", fullmatch=True),
        st.from_regex(r"[0-9]{1,12}(ms|s|m|h|d) ago", fullmatch=True),
        st.from_regex(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:?[0-9]{2})?", fullmatch=True),
    )
)
def test_whatever_is_typed_is_a_past_moment_or_refused(text: str) -> None:
    """Never a traceback, and never a time that nobody could have seen."""
    try:
        at = moment(text, NOW)
    except UsageError as error:
        assert error.hint
    else:
        assert 946_684_800 <= at <= NOW + SKEW


def test_clocks_may_differ_a_little() -> None:
    """A time that is a minute ahead is what somebody's clock said."""
    assert moment("14:31Z", NOW) == NOW + 60 <= NOW + SKEW


def test_a_backdated_time_needs_who_says_so() -> None:
    """Now needs nobody: its record says when."""
    with pytest.raises(UsageError, match="has to say where that comes from"):
        given("15m ago", None, NOW)
    assert given("15m ago", " pager ", NOW) == Given(NOW - 900, "pager")
    assert given(None, None, NOW) == given("now", "", NOW) == Given(None, None)


def test_a_moment_is_written_as_records_write_theirs() -> None:
    """UTC, with microseconds; nothing where it is the record's own time."""
    assert Given(NOW, "x").written == {"at": "2026-11-23T14:30:00.000000Z", "source": "x"}
    assert Given().written == {"at": None, "source": None}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-12-24", "has no time of day"),
        ("2026-12-24T17:30", "has no time zone"),
        ("17:30Z", "is no time that there is"),
        ("2020-01-01T00:00Z", "is over since"),
        ("soon", "is no time that there is"),
    ],
)
def test_until_when_something_holds_is_a_whole_time_that_is_still_to_come(text: str, why: str) -> None:
    """A day alone ends when its zone says, and an hour of the day has no day."""
    assert ahead("2026-12-24T17:30-05:00", NOW) == datetime(2026, 12, 24, 22, 30, tzinfo=UTC).timestamp()
    with pytest.raises(UsageError, match=why):
        ahead(text, NOW)
