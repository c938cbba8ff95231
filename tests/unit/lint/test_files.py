"""Which files are looked at, and that none of them can hurt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runbook.document.characters import MAX_BYTES
from runbook.errors import DocumentError, UsageError
from runbook.lint.files import found, is_foreign, read


def refusal(path: Path, searched: Path | None = None) -> str:
    with pytest.raises(DocumentError) as caught:
        read(path, searched)
    [finding] = caught.value.findings
    assert (finding.code, finding.line, finding.column) == ("RB050", 1, 1)
    return finding.message


def test_folders_are_searched_in_order_without_hidden_ones(tmp_path: Path) -> None:
    """YAML by its suffix, below every folder that is not hidden, always in the same order."""
    for name in ("b.yaml", "a.yml", "sub/c.yaml", ".git/d.yaml", ".hidden.yaml", "sub/.e/f.yaml", "notes.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert [str(path.relative_to(tmp_path)) for path, _ in found([tmp_path])] == ["a.yml", "b.yaml", "sub/c.yaml"]


def test_a_file_that_is_named_twice_is_looked_at_once(tmp_path: Path) -> None:
    """By itself and through its folder it is the same file."""
    (tmp_path / "a.yaml").write_text("")
    assert len(list(found([tmp_path / "a.yaml", tmp_path]))) == 1


def test_a_path_that_does_not_exist_is_a_mistake_of_the_command(tmp_path: Path) -> None:
    """It is said before anything is read."""
    with pytest.raises(UsageError, match=r"there is no file or folder '.*nope'"):
        list(found([tmp_path / "nope"]))


@pytest.mark.fault(26)
def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    """Nobody writes into it, and lint does not stand still."""
    os.mkfifo(tmp_path / "pipe.yaml")
    assert refusal(tmp_path / "pipe.yaml", tmp_path) == "the file cannot be read: it is not a regular file"


@pytest.mark.fault(26)
def test_a_device_is_refused_without_being_opened() -> None:
    """`/dev/zero` has no end."""
    assert "not a regular file" in refusal(Path("/dev/zero"))


@pytest.mark.fault(26)
def test_a_link_out_of_the_searched_folder_is_refused(tmp_path: Path) -> None:
    """A repository cannot make lint read what is not in it; a link inside it is a file like any other."""
    folder = tmp_path / "repo"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text("a: 1")
    (folder / "real.yaml").write_text("b: 1")
    (folder / "out.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "in.yaml").symlink_to("real.yaml")
    assert "a link out of" in refusal(folder / "out.yaml", folder)
    assert read(folder / "in.yaml", folder) == b"b: 1"
    assert read(folder / "out.yaml") == b"a: 1"  # named by a person


def test_a_link_to_nothing_is_a_finding(tmp_path: Path) -> None:
    """Neither a traceback nor a file that is silently left out."""
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    assert [path.name for path, _ in found([tmp_path])] == ["gone.yaml"]
    assert "no such file" in refusal(tmp_path / "gone.yaml", tmp_path)


@pytest.mark.fault(9, 26)
def test_a_huge_file_is_never_read_whole(tmp_path: Path) -> None:
    """One byte more than the limit is enough to know."""
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(10**12)
    assert len(read(tmp_path / "huge.yaml")) == MAX_BYTES + 1


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("apiVersion: apps/v1\nkind: Deployment\n", True),
        ("kind: List\napiVersion: v1\n", True),
        ("apiVersion: runbook/v2\nkind: Runbook\n", False),
        ("apiVersion: runbok/v1\nkind: Runbook\n", False),
        ("name: no version at all\n", False),
        ("", False),
    ],
)
def test_only_what_says_that_it_is_somebody_elses_is_left_alone(text: str, foreign: bool) -> None:
    """A misspelt version must not make a runbook invisible."""
    assert is_foreign(text.encode()) is foreign


def test_a_folder_that_may_not_be_looked_into_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing wrong was found there, because nothing was looked at."""
    (tmp_path / "locked").mkdir()
    scan = os.scandir

    def denied(path: str) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", denied)
    assert list(found([tmp_path])) == [(tmp_path / "locked", tmp_path)]
    assert "a folder that may not be looked into" in refusal(tmp_path / "locked", tmp_path)
