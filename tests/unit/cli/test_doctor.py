"""`runbook doctor` where there is little to ask."""

from __future__ import annotations

from pathlib import Path

from runbook.cli import doctor
from runbook.errors import Exit
from support.sessions import session

CONFIG = """\
apiVersion: runbook/v1
kind: Config
store: sqlite:///.runbook/journal.db
channels:
  log: {file: {path: nowhere/team.md}}
"""


def test_channels_are_asked_before_there_is_a_runbook(tmp_path: Path) -> None:
    """Who only tells of incidents has none, and wants to know all the same whether a message would go."""
    (tmp_path / "runbook.yaml").write_text(CONFIG)
    heard = session(tmp_path, runbook=None)
    assert doctor.doctor(heard, doctor.Options(output="json")) == Exit.INVALID
    checks = [(one["about"], one["status"]) for one in heard.json["checks"]]
    assert ("channel log", "finding") in checks
    assert "no runbooks here yet" in heard.err.getvalue()
