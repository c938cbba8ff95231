from __future__ import annotations

from pathlib import Path

import pytest

from runbook import kinds
from runbook.kinds.installed import brought


def installed(folder: Path, entry_points: str) -> None:
    """A distribution in a folder, as pip leaves it."""
    metadata = folder / "stranger-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(entry_points)


def test_a_kind_that_another_package_brings_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point of the group is all that a stranger's kind needs."""
    installed(tmp_path, "[console_scripts]\nx = x:main\n\n[runbook.kinds]\nacme.reboot = acme.reboot\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert kinds.modules()["acme.reboot"] == "acme.reboot"


def test_a_kind_of_ours_cannot_be_replaced_by_another_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runbook means the same wherever it is run."""
    installed(tmp_path, "[runbook.kinds]\ncommand.run = acme.worse\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert kinds.modules()["command.run"] == "runbook.kinds.command_run"


def test_a_path_that_is_an_archive_or_missing_brings_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    """Python's own path names an archive that is hardly ever there."""
    archive = tmp_path / "python.zip"
    archive.write_bytes(b"")
    assert brought((str(archive), str(tmp_path / "missing"), str(tmp_path))) == {}
