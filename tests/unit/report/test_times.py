"""Times are absolute, in the reader's zone and in UTC."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

from runbook.report.times import by_when, clock, instant, moment, span

CET = timezone(timedelta(hours=1), "CET")
AT = 1_795_402_925.5  # 2026-11-23T03:02:05.5Z


def test_json_gets_rfc_3339_in_utc():
    """Milliseconds and a Z; None stays None."""
    assert instant(AT) == "2026-11-23T03:02:05.500Z"
    assert instant(None) is None


def test_people_get_their_own_time_and_utc():
    """Both are said, so that two people in two places mean the same."""
    assert moment(AT, CET, AT) == "04:02:05 CET (03:02:05 UTC)"
    assert moment(AT, UTC, AT) == "03:02:05 UTC"


def test_another_day_is_named():
    """`04:02:05` tomorrow is not `04:02:05` today."""
    assert moment(AT, CET, AT + 86400) == "Mon 23 Nov 2026 04:02:05 CET (03:02:05 UTC)"


def test_a_deadline_says_how_long_it_still_is():
    """Absolute first, relative beside; a deadline that is over says so."""
    assert by_when(AT + 598, AT, CET) == "04:12:03 CET (03:12:03 UTC), in 9m58s"
    assert by_when(AT - 60, AT, UTC).endswith("1m ago")


@pytest.mark.parametrize(("seconds", "said"), [(0.04, "0s"), (1.25, "1.2s"), (59.6, "1m"), (3725, "1h2m")])
def test_lengths_are_as_exact_as_they_are_useful(seconds, said):
    """Tenths below ten seconds, whole seconds above, two units at most."""
    assert span(seconds) == said


def test_a_log_has_the_time_of_day_in_utc():
    """Lines of two machines can be laid side by side."""
    assert clock(AT) == "03:02:05Z"
