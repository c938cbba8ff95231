"""What a project reads: nothing that anybody could have put there, and nothing that a link leads out to."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.bootstrap import Project, stores
from runbook.core.masking import Masker
from runbook.errors import StoreError, UsageError

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


def test_a_policy_that_is_not_there_is_said_with_who_names_it(project: Path) -> None:
    """Nobody has typed its name, so nobody looks for a mistake on the command line."""
    with pytest.raises(UsageError, match=r"no file .*gone\.yaml, which the configuration names as its policy"):
        _ = configured(project, "policy: gone.yaml\n").policy


def test_a_name_is_not_simply_unknown_where_files_cannot_be_read(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runbook may be in one of them; `runbook init` would be the wrong advice."""
    (project / "runbooks").mkdir(exist_ok=True)
    locked = project / "runbooks" / "locked.yaml"
    locked.write_text("kind: Runbook\nname: locked\n")
    read = Path.read_bytes

    def denied(path: Path) -> bytes:
        if path.name == "locked.yaml":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(UsageError, match="no runbook 'locked'") as caught:
        configured(project, "library: [runbooks]\n").runbook_file("locked")
    assert "locked.yaml cannot be read: Permission denied" in str(caught.value.hint)


def test_a_file_that_is_not_there_is_called_a_file(project: Path) -> None:
    """Who types a path is told of a path, not of names in the library."""
    with pytest.raises(UsageError, match=r"there is no file runbooks/nope\.yaml"):
        configured(project, "").runbook_file("runbooks/nope.yaml")


def test_the_password_of_a_store_is_masked_from_the_first_word() -> None:
    """A server that cannot read a URL cites what it takes for its port."""
    masker = Masker()
    with pytest.raises(StoreError) as raised:
        stores.opened("postgresql://app:pa%ss3cret@127.0.0.1:1/x", masker)
    assert "s3cret" not in masker.text(str(raised.value))
