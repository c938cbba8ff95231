"""Two who declare an incident of one service at the same moment: two incidents, and one is told of the other."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from runbook.cli.incident_declare import Options, declare
from runbook.errors import Exit
from support.sessions import Heard, session


@pytest.fixture(params=["sqlite", "postgres"])
def folders(request: pytest.FixtureRequest, tmp_path: Path) -> list[Path]:
    """Where each of them works; the store is one."""
    store = tmp_path / "journal.db"
    if request.param == "postgres":
        store = request.getfixturevalue("postgres").database()
    found = [tmp_path / name for name in ("ana", "ben")]
    for folder in found:
        folder.mkdir()
        config = f"apiVersion: runbook/v1\nkind: Config\nstore: {store}\n"
        (folder / "runbook.yaml").write_text(config, encoding="utf-8")
    return found


def test_of_two_who_declare_at_once_the_later_is_told_of_the_earlier(folders: list[Path]) -> None:
    """Perhaps they are one: whoever has the higher number reads so, with what to type."""
    said = [session(folder) for folder in folders]
    ready = threading.Barrier(2)

    def declares(heard: Heard) -> None:
        options = Options(title="Down", severity="SEV1", type="Service", service="checkout", output="json")
        ready.wait()
        assert declare(heard, options) == Exit.OK

    threads = [threading.Thread(target=declares, args=(heard,)) for heard in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = {heard.json["incident"]: heard.json["told"] for heard in said}
    assert sorted(numbers) == ["INC-1", "INC-2"]
    assert any("runbook incident link INC-2 incident INC-1" in note for note in numbers["INC-2"])
