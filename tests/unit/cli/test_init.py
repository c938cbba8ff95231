from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from runbook.cli.main import carried_out
from runbook.errors import Exit

FILES = ["runbook.yaml", "policy.yaml", "runbooks/first-steps.yaml", "runbooks/first-steps.scenarios.yaml"]


@pytest.mark.parametrize("command", [["lint", "--fail-on", "warning"], ["test"], ["list"]])
def test_a_new_project_is_clean_and_rehearsed(tmp_path: Path, command: list[str], monkeypatch) -> None:
    """What `init` writes lints without a finding, and its scenarios come out as they say."""
    monkeypatch.chdir(tmp_path)
    assert carried_out(["init"]) == 0
    assert carried_out(command) == 0


@pytest.mark.parametrize("name", FILES)
def test_init_never_overwrites(tmp_path: Path, name: str) -> None:
    """A file that is there stays as it is, byte for byte."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine\n")
    assert carried_out(["init", str(tmp_path)]) == 0
    assert (tmp_path / name).read_text() == "mine\n"


def test_init_makes_every_file_once(tmp_path: Path) -> None:
    """A second `init` finds everything there and changes nothing."""
    carried_out(["init", str(tmp_path)])
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    assert carried_out(["init", str(tmp_path)]) == 0
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == before


def test_a_full_disk_leaves_no_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next `init` would keep it, as if somebody had written it."""
    (tmp_path / "policy.yaml").touch()
    opened = Path.open

    def full(path: Path, mode: str = "r", **given: Any) -> Any:
        opened(path, mode, **given).close()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    assert carried_out(["init", str(tmp_path)]) == Exit.USAGE
    assert not (tmp_path / "runbook.yaml").exists()
