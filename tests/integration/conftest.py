"""What holds for tests that start processes of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.crash import alone


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """A run in a process of its own ends with its test, also with one that failed."""
    yield
    alone.end_all()
