"""A connection that leads somewhere else than a change was planned for."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.core.changes import Change, Target
from runbook.core.masking import Masker
from runbook.document.words import Effect
from runbook.kinds.elsewhere import elsewhere
from runbook.testing.world import FakeWorld

DATABASE = "postgresql://db.invalid:5432/orders"
URL = "postgresql://orders:orders@db.invalid/orders"  # as many first databases are called


def planned(connection: str) -> Change:
    return Change(
        kind="sql.execute",
        version="1",
        target=Target(kind="Database", name="orders", connection=connection),
        summary="",
        effect=Effect.CHANGE,
        inputs={},
        request={},
        irreversible="no",
    )


def world(folder: Path) -> FakeWorld:
    known = FakeWorld(folder, environ={"DB": URL})
    known.secret({"env": "DB"})
    return known


def test_a_database_that_is_called_as_its_password_is_where_it_was(tmp_path: Path) -> None:
    """What comes back from the journal is without secrets; it is the same place all the same."""
    kept = Masker([URL]).text(DATABASE)
    assert kept == "postgresql://db.invalid:5432/***"
    assert elsewhere(planned(kept), DATABASE, world(tmp_path)) is None
    assert elsewhere(planned(DATABASE), DATABASE, world(tmp_path)) is None


@pytest.mark.parametrize("identity", ["postgresql://db2.invalid:5432/orders", "postgresql://db.invalid:5432/stock"])
def test_another_server_or_database_is_elsewhere(identity: str, tmp_path: Path) -> None:
    """Both are named."""
    kept = Masker([URL]).text(DATABASE)
    assert elsewhere(planned(kept), identity, world(tmp_path)) == (
        f"it was planned for {kept}, and the connection leads to {identity} now"
    )
