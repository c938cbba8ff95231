"""A claim to read is believed for what the policy lists, where it is run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runbook import kinds
from runbook.document.model import Commands, Policy
from runbook.hosts.unproven import unproven
from runbook.policy.commands import believed_read
from support.policies import policy

LISTED: Policy = policy(commands=Commands(read=(("git", "log"), ("scripts/status.sh",), ("/usr/bin/make", "status"))))


def why(project: Path, **inputs: Any) -> str | None:
    world: Any = SimpleNamespace(
        project=project, believed=lambda argv, host, env: believed_read(LISTED, argv, host, env)
    )
    return unproven(LISTED, kinds.get("command.run").SPEC, {"effect": "read", **inputs}, world)


@pytest.mark.parametrize("folder", [None, "src", ".", "src/../src"])
def test_a_folder_of_the_project_changes_nothing(folder: str | None, tmp_path: Path) -> None:
    """What lies in it is reviewed with the rest."""
    assert why(tmp_path, argv=["git", "log"], **({"cwd": folder} if folder else {})) is None


@pytest.mark.parametrize(
    ("argv", "folder"),
    [
        (["git", "log"], "/tmp"),
        (["/usr/bin/make", "status"], "../elsewhere"),
        (["git", "log"], "link"),
        (["scripts/status.sh"], "src"),
    ],
)
def test_in_another_folder_it_is_another_command(argv: list[str], folder: str, tmp_path: Path) -> None:
    """A Makefile that nobody has reviewed, or a program of the same relative name."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "link").symlink_to(tmp_path)
    assert "unproven read" in (why(tmp_path / "project", argv=argv, cwd=folder) or "")
