"""The age of what was reviewed is said calmly, in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from runbook.hosts.documents import Reviewed
from runbook.report.reviewed import ago, commit_words

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(5, "just now"), (61, "1 min ago"), (3 * 3600 + 1, "3 h ago"), (47 * 3600, "47 h ago"), (3 * 86400, "3 days ago")],
)
def test_how_long_ago_is_said_in_the_largest_unit(seconds: float, said: str) -> None:
    """A clock that is ahead makes nothing older than now."""
    assert ago(seconds) == said
    assert ago(-seconds) == "just now"


def test_the_fetch_and_the_commit_have_ages_of_their_own() -> None:
    """A branch of one's own is not fetched."""
    commit = Reviewed(
        repository="/src/shop",
        ref="origin/main",
        commit="0123456789abcdef",
        at="2026-11-21T12:00:00+00:00",
        author="Ada",
        fetched="2026-11-23T09:00:00+00:00",
    )
    assert commit_words(commit, NOW) == "origin/main as fetched 3 h ago, commit 0123456789ab of 2 days ago, by Ada"
    own = Reviewed(
        repository="/src/shop", ref="main", commit="0123456789abcdef", at="2026-11-23T12:00:00+00:00", author=""
    )
    assert commit_words(own, NOW) == "main, commit 0123456789ab made just now"
