"""Whether there is a store to be looked at, before it is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli.completing import store_exists
from support.sessions import session


def test_a_store_behind_a_closed_door_is_opened_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's folder is a reason that opening it tells (4), and no bug of ours (1)."""
    heard = session(tmp_path)
    assert not store_exists(heard)

    def closed(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", closed)  # root, as whom tests may run, finds no door closed
    assert store_exists(heard)
