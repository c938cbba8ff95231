"""`runbook audit`: what is asked for, before it is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli import audit
from runbook.errors import UsageError
from support.sessions import session


def test_a_window_that_ends_before_it_begins_is_a_mistake(tmp_path: Path) -> None:
    """An empty list would be read as "nothing was out of the ordinary"."""
    with pytest.raises(UsageError, match="--since 2026-11-30 is not before --until"):
        audit.exceptions(session(tmp_path), audit.Options(since="2026-11-30", until="2026-11-01"))
