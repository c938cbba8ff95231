"""Trees give the same answers about the same files, wherever they lie, and open nothing that is no plain file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runbook import kinds
from runbook.clients.git import opened
from runbook.hosts.comparing import compared
from runbook.hosts.trees import LARGEST, Committed, OnDisk, Tree, working_tree
from support.repositories import Repo

BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: a
title: A title
resolution:
  - id: o
    approval: {required: 2, exclude_initiator: true}
    steps:
      - {id: run, uses: command.run, with: {argv: [./run.sh], cwd: tools}}
      - {id: other, uses: command.run, with: {argv: ["bin/{{ params.name }}.sh", --config=etc/app.conf]}}
      - {id: linked, uses: command.run, with: {argv: [vendor/tool/run]}}
parameters:
  name: {type: string, enum: [one, two]}
verification:
  checks: [{id: c, uses: tcp.connect, with: {host: h, port: 80}}]
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit(
        {"runbooks/a.yaml": BOOK, "tools/run.sh": "one\n", "bin/one.sh": "one\n", "etc/app.conf": "x\n", "unused": "x"}
    )
    return repo


def head(repo: Repo) -> Committed:
    git = opened(repo.folder, os.environ)
    return Committed(git, git.resolve("HEAD"), "HEAD")


def sentences(before: Tree, after: Tree) -> list[str]:
    return [one.sentence for one in compared(before, after, kinds.specs()).meanings]


def test_a_working_tree_has_the_digests_that_git_gives(repo: Repo) -> None:
    """So nothing differs that would not differ once it is committed: modes, links, empty files."""
    (repo.folder / "link").symlink_to("unused")
    (repo.folder / "unused").chmod(0o755)
    repo.commit({"empty": ""})
    git = opened(repo.folder, os.environ)
    assert dict(working_tree(git).entries) == dict(head(repo).entries)
    assert head(repo).entries["link"].mode == "120000"


def test_a_file_is_found_where_a_step_would_find_it(repo: Repo) -> None:
    """From the folder that it runs in, behind an option's `=`, and wherever a template may lead."""
    repo.write({"tools/run.sh": "two\n", "bin/one.sh": "two\n", "etc/app.conf": "y\n", "unused": "y"})
    found = sentences(head(repo), working_tree(opened(repo.folder, os.environ)))
    assert sorted(found) == [
        "bin/one.sh changed, and 'other' uses it",
        "etc/app.conf changed, and 'other' uses it",
        "tools/run.sh changed, and 'run' uses it",
    ]


def test_a_script_that_becomes_a_link_is_told(repo: Repo) -> None:
    """What it leads to is not opened."""
    before = head(repo)
    (repo.folder / "tools/run.sh").unlink()
    (repo.folder / "tools/run.sh").symlink_to("/etc/passwd")
    found = compared(before, working_tree(opened(repo.folder, os.environ)), kinds.specs()).meanings
    assert [one.sentence for one in found] == ["tools/run.sh is a link now, and was a file; 'run' uses it"]
    assert "root:" not in "\n".join(found[0].lines)


def test_another_commit_of_a_submodule_is_told(repo: Repo) -> None:
    """Its files are in no tree of ours; that a step uses it is all that can be said."""
    commit = repo.git("rev-parse", "HEAD")
    for number in (1, 2):
        oid = f"{number}" * 40
        repo.git("update-index", "--add", "--cacheinfo", f"160000,{oid},vendor/tool")
        repo.git("commit", "-q", "-m", f"{number}")
    git = opened(repo.folder, os.environ)
    trees = [Committed(git, git.resolve(revision), revision) for revision in ("HEAD~1", "HEAD")]
    assert sentences(*trees) == ["vendor/tool is another repository, at another commit now; 'linked' uses it"]
    assert sentences(Committed(git, commit, "first"), trees[0]) == ["vendor/tool is new, and 'linked' uses it"]


def test_a_document_that_is_a_link_or_too_large_is_said_to_be_unread(repo: Repo) -> None:
    """It is not followed, and not read; that something may be in there is told."""
    before = head(repo)
    (repo.folder / "runbooks/link.yaml").symlink_to("/etc/passwd")
    repo.write({"runbooks/large.yaml": b"kind: Runbook\n" + b"#" * LARGEST})
    found = compared(before, working_tree(opened(repo.folder, os.environ)), kinds.specs()).meanings
    assert [(one.code, one.path) for one in found] == [
        ("not-readable", "runbooks/large.yaml"),
        ("not-readable", "runbooks/link.yaml"),
    ]


def test_pipes_and_names_that_are_no_text_do_no_harm(repo: Repo) -> None:
    """A pipe is not waited for; a name in Latin-1 is shown with its bytes."""
    os.mkfifo(repo.folder / "runbooks" / "pipe.yaml")
    name = os.fsdecode(b"runbooks/caf\xe9.yaml")
    repo.write({name: BOOK.replace("name: a", "name: cafe")})
    before = head(repo)
    found = compared(before, OnDisk(repo.folder, "here"), kinds.specs()).meanings
    assert [(one.code, one.path) for one in found] == [("runbook-added", name)]


def test_a_file_of_very_many_lines_is_counted_and_not_compared(repo: Repo) -> None:
    """Line by line it could take for ever."""
    before = head(repo)
    repo.write({"tools/run.sh": "a\n" * 100_000})
    [found] = compared(before, working_tree(opened(repo.folder, os.environ)), kinds.specs()).meanings
    assert found.lines == ("(1 lines before, 100,000 now)",)


def test_binary_files_are_told_and_not_shown(repo: Repo) -> None:
    """Their bytes would say nothing."""
    before = head(repo)
    repo.write({"tools/run.sh": b"\0\1\2"})
    [found] = compared(before, working_tree(opened(repo.folder, os.environ)), kinds.specs()).meanings
    assert found.code == "script-changed"
    assert not any("\0" in line for line in found.lines)
