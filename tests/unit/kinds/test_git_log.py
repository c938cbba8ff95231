"""`git.log` tells what was committed, and nothing that a repository's configuration names is started."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from runbook.errors import ParameterError, WorldError
from runbook.kinds import git_log
from runbook.testing.world import FakeWorld

WHO = ("-c", "user.name=Ada \x1b[31m", "-c", "user.email=ada@example.com", "-c", "commit.gpgSign=false")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def git(folder: Path, *argv: str) -> str:
    done = subprocess.run(["git", *WHO, *argv], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path, name: str, subject: str, date: str = "now") -> str:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(subject)
    git(folder, "add", "--", name)
    environ = {"GIT_COMMITTER_DATE": date} if date != "now" else {}
    subprocess.run(
        ["git", *WHO, "commit", "-qm", subject], cwd=folder, env={"PATH": "/usr/bin:/bin", **environ}, check=True
    )
    return git(folder, "rev-parse", "HEAD")


def test_the_latest_commits_come_newest_first(repository: Path) -> None:
    """Hash, author, instant in UTC and subject of each; older ones are left out."""
    commit(repository, "a", "long ago", date="2020-01-01T00:00:00+02:00")
    first, second = commit(repository, "a", "first"), commit(repository, "b", "second: 50 %n {{ 7*7 }} é")
    output = git_log.observe({"since": "1d"}, FakeWorld(repository)).output
    assert [(c["hash"], c["subject"]) for c in output["commits"]] == [
        (second, "second: 50 %n {{ 7*7 }} é"),
        (first, "first"),
    ]
    assert output.keys() == git_log.SPEC.output_names and output["count"] == 2
    assert output["commits"][0]["author"].startswith("Ada")
    assert output["commits"][0]["at"].endswith("Z")


def test_an_instant_is_in_utc(repository: Path) -> None:
    """A committer's time zone is not ours to guess."""
    commit(repository, "a", "long ago", date="2020-01-01T01:00:00+02:00")
    output = git_log.observe({"since": "9999d"}, FakeWorld(repository)).output
    assert output["commits"][0]["at"] == "2019-12-31T23:00:00Z"


def test_a_commit_that_no_calendar_has_is_told_like_the_others(repository: Path) -> None:
    """Who pushed it could otherwise keep everybody from seeing what was merged."""
    tree = subprocess.run(["git", "mktree"], cwd=repository, input="", capture_output=True, text=True, check=True)
    who = "Ada <ada@example.com> 99999999999999 +0000"
    text = f"tree {tree.stdout.strip()}\nauthor {who}\ncommitter {who}\n\nlater\n"
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        cwd=repository, input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    git(repository, "update-ref", "HEAD", made.stdout.strip())
    (told,) = git_log.observe({"since": "1d"}, FakeWorld(repository)).output["commits"]
    assert (told["subject"], told["at"]) == ("later", "@99999999999999")


@pytest.mark.fault(23)
def test_a_path_is_literal(repository: Path) -> None:
    """Neither a pattern, nor magic, nor an option."""
    commit(repository, "a*", "star")
    commit(repository, "ab", "other")
    commit(repository, "--all", "dashes")
    seen = {
        p: git_log.observe({"path": p}, FakeWorld(repository)).output["count"] for p in ("a*", "--all", ":/", ":!ab")
    }
    assert seen == {"a*": 1, "--all": 1, ":/": 0, ":!ab": 0}


def test_no_commit_is_an_answer_and_no_repository_is_none(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nothing lately is a count of 0; where git cannot say, its reason is told."""
    commit(repository, "a", "long ago", date="2020-01-01T00:00:00Z")
    assert git_log.observe({}, FakeWorld(repository)).output == {"commits": [], "count": 0}
    with pytest.raises(WorldError, match="not a git repository"):
        git_log.observe({}, FakeWorld(tmp_path_factory.mktemp("empty")))


def test_the_limit_holds(repository: Path) -> None:
    """At most so many; beyond 200 is refused, whatever a template made of it."""
    for n in range(3):
        commit(repository, "a", str(n))
    assert git_log.observe({"limit": 2}, FakeWorld(repository)).output["count"] == 2
    for limit in (0, 201, "2", True):
        with pytest.raises(ParameterError, match="integer from 1 to 200"):
            git_log.observe({"limit": limit}, FakeWorld(repository))


def test_a_since_that_is_no_duration_is_refused(repository: Path) -> None:
    """git would take anything for a date, and answer."""
    with pytest.raises(ParameterError, match="not a duration: 'yesterday'"):
        git_log.observe({"since": "yesterday"}, FakeWorld(repository))


def test_nothing_that_a_repository_names_is_started(repository: Path) -> None:
    """Pagers, monitors, signature programs, aliases and hooks of a stranger's configuration stay where they are."""
    commit(repository, "a", "first")
    trap = repository / "trap"
    trap.write_text("#!/bin/sh\ntouch sprung\n")
    trap.chmod(0o755)
    for name in ("core.pager", "pager.log", "core.fsmonitor", "gpg.program", "alias.log", "core.sshCommand"):
        git(repository, "config", name, f"!{trap}" if name.startswith("alias") else str(trap))
    git(repository, "config", "core.hooksPath", str(repository))
    git(repository, "config", "log.showSignature", "true")
    assert git_log.observe({}, FakeWorld(repository)).output["count"] == 1
    assert not (repository / "sprung").exists()


def test_our_own_git_variables_do_not_leak(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A hook that starts the engine does not point it at its own repository."""
    commit(repository, "a", "first")
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    world = FakeWorld(repository, environ={"GIT_DIR": str(other / ".git"), "GIT_PAGER": "false"})
    assert git_log.observe({}, world).output["count"] == 1


def test_the_line_to_type_by_hand_is_a_git_command(repository: Path) -> None:
    """It runs as it stands, and says what the step says."""
    commit(repository, "a b", "first")
    line = git_log.by_hand({"since": "2h", "path": "a b", "repository": "."})
    assert line == "git -C . log --oneline '--since=7200 seconds ago' -- 'a b'"
    assert subprocess.run(
        ["sh", "-c", line], cwd=repository, capture_output=True, text=True, check=True
    ).stdout.endswith("first\n")
    assert git_log.describe({"path": "a b"}) == "commits of the last 2h in a b"
