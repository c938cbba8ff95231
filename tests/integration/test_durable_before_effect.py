"""Nothing reaches the world on records that a power cut could take back."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli.main import carried_out
from runbook.core.commands import Announce, Apply, Page
from runbook.hosts.hands import LocalHands

TRIAGE = """\
  - {id: one, uses: command.run, with: {argv: ["true"], effect: read}}
  - {id: two, uses: command.run, with: {argv: [test, "{{ steps.one.exit_code }}", -eq, 0], effect: read}}

resolution:"""


@pytest.fixture
def performed(tmp_path: Path, monkeypatch) -> list[tuple[str, bool]]:
    """A whole run of the starter project: each command that was begun, and whether a record was not on the disk."""
    seen: list[tuple[str, bool]] = []
    stores = []
    original = LocalHands.perform

    def perform(self, command, deliver):
        seen.append((type(command).__name__, stores[0].loose))
        original(self, command, deliver)

    from runbook.journal.sqlite import SqliteStore

    made = SqliteStore.__init__
    monkeypatch.setattr(SqliteStore, "__init__", lambda self, path: (stores.append(self), made(self, path))[1])
    monkeypatch.setattr(LocalHands, "perform", perform)
    monkeypatch.chdir(tmp_path)
    carried_out(["init"])
    book = tmp_path / "runbooks" / "first-steps.yaml"
    book.write_text(book.read_text().replace("resolution:", TRIAGE, 1))
    with book.open("a") as file:
        file.write("communication:\n  - {at: start, to: incidents, text: It begins}\n")
    (tmp_path / "broken").touch()
    assert carried_out(["run", "first-steps", "--yes"]) == 0
    return seen


@pytest.mark.fault(83, 85)
def test_an_effect_waits_for_the_disk(performed: list[tuple[str, bool]]) -> None:
    """Its intent, and all that led to it, cannot be lost any more when it begins."""
    effects = [loose for name, loose in performed if name in (Apply.__name__, Announce.__name__, Page.__name__)]
    assert {name for name, _ in performed} >= {Apply.__name__, Announce.__name__}
    assert not any(effects)


def test_reads_do_not_wait_for_it(performed: list[tuple[str, bool]]) -> None:
    """What is only looked at is looked at again after a power cut, so it need not wait."""
    assert any(loose for name, loose in performed if name == "Observe")
