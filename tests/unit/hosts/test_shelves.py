"""A folder at a commit is read as what it is; what is no document there says so when it is asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runbook.document.model import GitLibrary
from runbook.errors import UsageError
from runbook.hosts.shelves import CommitShelf
from support.repositories import Repo

DOCUMENT = "apiVersion: runbook/v1\nkind: Runbook\nname: one\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def shelf(repo: Repo, path: str = "runbooks", git: str = ".") -> CommitShelf:
    """The folder at main."""
    return CommitShelf(GitLibrary(git=git, ref="main", path=path), repo.folder, os.environ)


def test_documents_are_those_of_the_commit(repo: Repo) -> None:
    """In order, below folders too; under paths that no file has."""
    repo.commit({"runbooks/b.yaml": DOCUMENT, "runbooks/a/c.yml": DOCUMENT, "runbooks/x.sh": "x", "other.yaml": "x"})
    repo.write({"runbooks/b.yaml": "changed", "runbooks/new.yaml": "x"})
    one = shelf(repo)
    assert [one.shown(path) for path in one.paths()] == ["main:runbooks/a/c.yml", "main:runbooks/b.yaml"]
    assert [one.read(path) for path in one.paths()] == [DOCUMENT.encode()] * 2
    assert not any(path.exists() for path in one.paths())


def test_a_project_may_be_a_part_of_its_repository(repo: Repo) -> None:
    """Paths are shown as git spells them, and the policy stands beside the library."""
    repo.commit({"ops/runbooks/b.yaml": DOCUMENT, "ops/policy.yaml": "x", "policy.yaml": "y"})
    one = shelf(repo, git="ops")
    assert [one.shown(path) for path in one.paths()] == ["main:ops/runbooks/b.yaml"]
    policy = one.there("policy.yaml")
    assert policy is not None
    assert one.read(policy) == b"x"
    assert one.there("missing.yaml") is None
    assert one.there("../../policy.yaml") is None


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("../../outside.yaml", "is a link out of the repository"),
        ("/etc/passwd", "is a link out of the repository"),
        ("gone.yaml", "which is not in this commit"),
        ("link.yaml", "is a link to a link"),
    ],
)
def test_a_link_is_followed_in_the_commit_alone(repo: Repo, target: str, said: str) -> None:
    """Never to a file of the machine."""
    (repo.folder / "runbooks").mkdir()
    (repo.folder / "runbooks" / "link.yaml").symlink_to(target)
    repo.commit({"runbooks/b.yaml": DOCUMENT})
    one = shelf(repo)
    with pytest.raises(UsageError, match=said):
        one.read(one.top / "runbooks/link.yaml")


def test_a_link_inside_is_the_document_that_it_leads_to(repo: Repo) -> None:
    """As the working tree would have it."""
    (repo.folder / "runbooks").mkdir()
    (repo.folder / "runbooks" / "link.yaml").symlink_to("../shared/b.yaml")
    repo.commit({"shared/b.yaml": DOCUMENT})
    one = shelf(repo)
    assert one.read(one.top / "runbooks/link.yaml") == DOCUMENT.encode()


def test_what_is_no_document_is_said_when_it_is_asked_for(repo: Repo) -> None:
    """A pointer to Git LFS has no text here; what is very large is no runbook."""
    lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    repo.commit({"runbooks/lfs.yaml": lfs, "runbooks/big.yaml": "#" * (1 << 21), "runbooks/b.yaml": DOCUMENT})
    one = shelf(repo)
    with pytest.raises(UsageError, match=r"main:runbooks/lfs\.yaml is a pointer to Git LFS"):
        one.read(one.top / "runbooks/lfs.yaml")
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        one.read(one.top / "runbooks/big.yaml")


@pytest.mark.parametrize(
    ("path", "said"),
    [("nowhere", "no folder nowhere with files"), ("..", "leads out"), ("part", "submodule"), ("part/x", "submodule")],
)
def test_a_folder_that_is_not_there_says_why(repo: Repo, tmp_path: Path, path: str, said: str) -> None:
    """Not an empty library."""
    other = Repo(tmp_path / "other")
    other.commit({"x/a.yaml": DOCUMENT})
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.folder), "part")
    repo.commit({"a": "x"})
    with pytest.raises(UsageError, match=said):
        shelf(repo, path).paths()


def test_a_repository_that_is_not_here_is_said(repo: Repo, tmp_path: Path) -> None:
    """A clone that is missing, and a folder that is none."""
    with pytest.raises(UsageError, match="repository is not here"):
        shelf(repo, git="../gone").paths()
    (tmp_path / "plain").mkdir()
    with pytest.raises(UsageError, match="is not in a git repository"):
        shelf(repo, git="../plain").paths()


@pytest.mark.fault(28)
def test_a_shallow_clone_reads_what_it_has(repo: Repo, tmp_path: Path) -> None:
    """The commit that it was cloned at is whole."""
    repo.commit({"runbooks/b.yaml": "old"})
    repo.commit({"runbooks/b.yaml": DOCUMENT})
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.folder}", str(tmp_path / "clone"))
    one = CommitShelf(GitLibrary(git="clone", ref="origin/main", path="runbooks"), tmp_path, os.environ)
    assert [one.read(path) for path in one.paths()] == [DOCUMENT.encode()]
