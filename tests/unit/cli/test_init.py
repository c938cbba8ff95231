from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli.main import carried_out

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
