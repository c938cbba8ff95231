"""The files of a commit, in a private place: as they were committed, whatever has happened to them since."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from runbook.errors import StoreError
from runbook.hosts.documents import Reviewed
from runbook.hosts.layout import OUTSIDE, Layout
from support.repositories import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.write({"bin/run.sh": "#!/bin/sh\n", "bin/data": b"\0\n", "deep/er/file": "x"})
    (repo.folder / "bin/run.sh").chmod(0o755)
    (repo.folder / "link").symlink_to("bin/data")
    (repo.folder / "deep" / "out").symlink_to("../../outside")
    repo.commit({})
    return repo


def pinned(repo: Repo) -> Reviewed:
    """Its commit."""
    commit = repo.git("rev-parse", "HEAD")
    return Reviewed(repository=str(repo.folder), ref="main", commit=commit, at="2026-01-01T00:00:00+00:00", author="A")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "store", os.environ)


def test_files_have_their_bytes_and_modes(repo: Repo, layout: Layout) -> None:
    """Links inside are links; one that leads out leads nowhere; nobody else may look."""
    found, folder = layout.laid_out(pinned(repo))
    assert stat.S_IMODE((folder / "bin/run.sh").stat().st_mode) == 0o755
    assert stat.S_IMODE((folder / "bin/data").stat().st_mode) == 0o644
    assert (folder / "link").read_bytes() == b"\0\n"
    assert str((folder / "deep/out").readlink()) == OUTSIDE
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    assert layout.again(found) == folder


def test_what_was_changed_is_written_anew(repo: Repo, layout: Layout, tmp_path: Path) -> None:
    """Bytes, modes, a folder that became a link."""
    found, folder = layout.laid_out(pinned(repo))
    (folder / "bin/data").write_bytes(b"forged")
    (folder / "bin/run.sh").chmod(0o700)
    shutil.move(folder / "deep", tmp_path / "deep")
    (folder / "deep").symlink_to(tmp_path / "deep")
    layout.again(found)
    assert (folder / "bin/data").read_bytes() == b"\0\n"
    assert stat.S_IMODE((folder / "bin/run.sh").stat().st_mode) == 0o755
    assert not (folder / "deep").is_symlink()
    assert (folder / "deep/er/file").read_text() == "x"


def test_it_is_enough_without_the_clone(repo: Repo, layout: Layout) -> None:
    """As long as it is whole; a part that is missing is an error, not an empty file."""
    found, folder = layout.laid_out(pinned(repo))
    shutil.rmtree(repo.folder)
    assert layout.again(found) == folder
    (folder / "bin/data").unlink()
    with pytest.raises(StoreError, match="are not here any more"):
        layout.again(found)


def test_a_clone_is_enough_without_it(repo: Repo, layout: Layout) -> None:
    """The commit is still there when its branch has moved on."""
    found, folder = layout.laid_out(pinned(repo))
    repo.commit({"bin/data": "newer"})
    shutil.rmtree(folder.parent)
    assert (layout.again(found) / "bin/data").read_bytes() == b"\0\n"


def test_a_list_that_is_not_the_pinned_one_is_not_believed(repo: Repo, layout: Layout) -> None:
    """What is run is what was pinned, whatever stands beside it."""
    found, folder = layout.laid_out(pinned(repo))
    (folder.with_name(f"{folder.name}.list")).write_bytes(b"")
    (folder / "bin/data").write_bytes(b"forged")
    assert (layout.again(found) / "bin/data").read_bytes() == b"\0\n"


def test_a_place_that_others_may_write_to_is_not_used(repo: Repo, layout: Layout) -> None:
    """It would be theirs to say what runs."""
    found, folder = layout.laid_out(pinned(repo))
    folder.parent.chmod(0o777)
    with pytest.raises(StoreError, match="others may write"):
        layout.again(found)


def test_a_place_that_nobody_has_used_for_long_is_taken_away(repo: Repo, layout: Layout) -> None:
    """Every merge makes another one."""
    _, old = layout.laid_out(pinned(repo))
    os.utime(old.with_name(f"{old.name}.list"), (1e9, 1e9))
    repo.commit({"bin/data": "newer"})
    _, new = layout.laid_out(pinned(repo))
    assert new.is_dir()
    assert not old.exists()
