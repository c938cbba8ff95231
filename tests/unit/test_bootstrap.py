"""What a project reads: nothing that anybody could have put there, and nothing that a link leads out to."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.bootstrap import Project
from runbook.errors import UsageError

CONFIG = "apiVersion: runbook/v1\nkind: Config\n"
POLICY = "apiVersion: runbook/v1\nkind: Policy\npeople: {ann: {user: ann}}\n"
RUNBOOK = "apiVersion: runbook/v1\nkind: Runbook\nname: away\ntitle: Away\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "runbooks").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "policy.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Policy\npeople: {ann: {user: ann}}\n"
    )
    (tmp_path / "elsewhere" / "away.yaml").write_text(RUNBOOK)
    return folder


def configured(folder: Path, config: str) -> Project:
    (folder / "runbook.yaml").write_text(CONFIG + config)
    return Project(folder)


def test_a_policy_outside_is_read_unless_everybody_may_write_there(project: Path) -> None:
    """A team may keep one for all its projects, but not where anybody could change it."""
    outside = configured(project, "policy: ../elsewhere/policy.yaml\n")
    assert outside.policy is not None
    (project.parent / "elsewhere").chmod(0o777)
    with pytest.raises(UsageError, match="everybody may write to"):
        _ = configured(project, "policy: ../elsewhere/policy.yaml\n").policy
    (project.parent / "elsewhere").chmod(0o755)
    (project.parent / "elsewhere" / "policy.yaml").chmod(0o666)
    with pytest.raises(UsageError, match=r"everybody may write to .*policy\.yaml"):
        _ = configured(project, "policy: ../elsewhere/policy.yaml\n").policy


def test_a_library_outside_is_held_to_the_same(project: Path) -> None:
    """Before a name is looked up in it."""
    assert list(configured(project, "library: [../elsewhere]\n").runbooks()) == ["away"]
    (project.parent / "elsewhere").chmod(0o777)
    with pytest.raises(UsageError, match="everybody may write to"):
        configured(project, "library: [../elsewhere]\n").runbooks()


def test_a_link_of_the_library_out_of_the_project_is_not_followed(project: Path) -> None:
    """As lint says of it; one within the project is as good as a file."""
    (project / "runbooks" / "away.yaml").symlink_to(project.parent / "elsewhere" / "away.yaml")
    with pytest.raises(UsageError, match="is a link out of the project"):
        configured(project, "").runbook("away")
    (project / "runbooks" / "away.yaml").unlink()
    (project / "kept.yaml").write_text(RUNBOOK)
    (project / "runbooks" / "away.yaml").symlink_to(project / "kept.yaml")
    assert configured(project, "").runbook("away")[0].name == "away"
