"""A repository is read from its objects alone, whatever its config, its names or its state."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runbook.clients.git import NotARepository, UnknownRevision, opened
from runbook.clients.git.calls import GitFailed
from runbook.clients.git.state import state
from support.repositories import WHO, Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def test_a_commit_is_read_without_its_working_tree(repo: Repo) -> None:
    """What was committed is read, not what lies in the folder by now."""
    commit = repo.commit({"runbooks/a.yaml": "one\n", "bin/x.sh": "#!/bin/sh\n"})
    repo.write({"runbooks/a.yaml": "two\n", "bin/x.sh": None})
    git = opened(repo.folder, os.environ)
    files = git.files(git.resolve("main"))
    assert list(files) == ["bin/x.sh", "runbooks/a.yaml"]
    assert git.blob(files["runbooks/a.yaml"].oid) == b"one\n"
    assert list(git.files(commit, "runbooks/")) == ["a.yaml"]
    assert git.files(commit, "nowhere") == {}


def test_many_blobs_are_read_at_once_and_a_large_one_gives_its_size(repo: Repo) -> None:
    """Bytes are exact, also without a newline at their end, empty, or with odd ones in them."""
    datas = [b"", b"x", b"\0\n\xff" * 5, b"y" * 300_000]
    commit = repo.commit({f"{i}": data for i, data in enumerate(datas)})
    git = opened(repo.folder, os.environ)
    oids = [file.oid for file in git.files(commit).values()]
    assert list(git.bytes_of(oids, most=100_000).values()) == [*datas[:3], 300_000]
    assert git.bytes_of(oids)[oids[3]] == datas[3]
    assert git.bytes_of([]) == {}
    with pytest.raises(GitFailed, match="300,000 bytes"):
        git.blob(oids[3], most=100_000)


def test_the_folder_inside_of_its_repository_is_known(repo: Repo) -> None:
    """A project may be a part of a repository."""
    repo.commit({"ops/runbook.yaml": "x"})
    git = opened(repo.folder / "ops", os.environ)
    assert (git.root, git.prefix) == (repo.folder.resolve(), "ops")
    assert opened(repo.folder, os.environ).prefix == ""


@pytest.mark.parametrize("revision", ["nowhere", "-x", "--output=/tmp/x", "", "a\nb", "HEAD~99", "0" * 40])
def test_what_is_no_commit_is_said(repo: Repo, revision: str) -> None:
    """Never an option of git, never another commit instead."""
    repo.commit({"a": "x"})
    with pytest.raises(UnknownRevision):
        opened(repo.folder, os.environ).resolve(revision)


def test_a_tag_means_its_commit(repo: Repo) -> None:
    """An annotated tag is an object of its own."""
    commit = repo.commit({"a": "x"})
    repo.git("tag", "-a", "v1", "-m", "one")
    assert opened(repo.folder, os.environ).resolve("v1") == commit


@pytest.mark.fault(28)
def test_a_shallow_clone_says_how_to_have_the_rest(repo: Repo, tmp_path: Path) -> None:
    """The usual state in CI, where the base is missing."""
    first = repo.commit({"a": "x"})
    repo.commit({"a": "y"})
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.folder}", str(tmp_path / "clone"))
    git = opened(tmp_path / "clone", os.environ)
    for revision in (first, "HEAD~1"):
        with pytest.raises(UnknownRevision) as caught:
            git.resolve(revision)
        assert "fetch-depth: 0" in str(caught.value.hint)


def test_outside_of_a_repository_it_is_said(tmp_path: Path) -> None:
    """With what can be done there instead."""
    with pytest.raises(NotARepository, match="not in a git repository"):
        opened(tmp_path, os.environ)


def test_the_fork_is_where_two_branches_parted(repo: Repo) -> None:
    """What a pull request shows is compared with that, not with the tip of main; unrelated histories have none."""
    fork = repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit({"a": "2"})
    repo.git("checkout", "-q", "main")
    repo.commit({"b": "1"})
    git = opened(repo.folder, os.environ)
    assert git.fork("main", "topic") == fork
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit({"c": "1"})
    with pytest.raises(UnknownRevision, match="no commit in common"):
        git.fork("main", "other")


def test_links_and_submodules_are_named_and_not_followed(repo: Repo) -> None:
    """Their modes say what they are."""
    first = repo.commit({"a": "x"})
    (repo.folder / "link").symlink_to("/etc/passwd")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{first},vendor/other")
    repo.git("add", "link")
    repo.git("commit", "-q", "-m", "both")
    git = opened(repo.folder, os.environ)
    files = git.files(git.resolve("HEAD"))
    assert [(path, file.mode, file.regular) for path, file in files.items()] == [
        ("a", "100644", True),
        ("link", "120000", False),
        ("vendor/other", "160000", False),
    ]
    assert git.blob(files["link"].oid) == b"/etc/passwd"
    with pytest.raises(GitFailed):
        git.blob(files["vendor/other"].oid)


def test_a_name_that_is_not_utf_8_keeps_its_bytes(repo: Repo) -> None:
    """Git knows bytes; ours are those of `os.fsdecode`."""
    repo.write({os.fsdecode(b"caf\xe9.yaml"): "x", "tab\there\nand line": "y"})
    commit = repo.commit({})
    git = opened(repo.folder, os.environ)
    assert {os.fsencode(path) for path in git.files(commit)} == {b"caf\xe9.yaml", b"tab\there\nand line"}
    assert {os.fsencode(path) for path in git.present()} == {b"caf\xe9.yaml", b"tab\there\nand line"}


def test_the_files_of_the_working_tree_are_those_that_somebody_would_commit(repo: Repo) -> None:
    """New ones count, ignored ones and the repository's own do not."""
    repo.commit({".gitignore": "*.log\n", "a": "x"})
    repo.write({"new": "y", "noise.log": "z", "sub/b": "w"})
    git = opened(repo.folder, os.environ)
    assert git.present() == [".gitignore", "a", "new", "sub/b"]
    assert git.present("sub") == ["b"]
    assert git.present("nowhere") == []


def test_who_wrote_what_is_read_from_the_commits(repo: Repo) -> None:
    """Author and committer, newest first, and only those that head has."""
    base = repo.commit({"a": "1"}, "Begin")
    other = ("-c", "user.name=Mallory <x>", "-c", "user.email=mallory@example.com", "-c", "commit.gpgsign=false")
    repo.commit({"a": "2"}, "Go on", who=other)
    head = repo.commit({"a": "3"}, "And on")
    git = opened(repo.folder, os.environ)
    assert [(one.author_email, one.subject) for one in git.between(base, head)] == [
        ("ada@example.com", "And on"),
        ("mallory@example.com", "Go on"),
    ]
    assert git.between(head, head) == []
    about = git.about(head)
    assert (about.oid, about.author, about.committer_email) == (head, "Ada Lovelace", "ada@example.com")
    assert abs((datetime.now(UTC) - about.at).total_seconds()) < 3600


def test_a_hostile_repository_runs_nothing(repo: Repo, tmp_path: Path) -> None:
    """Its config names programs at every turn, and replaces one object by another; none of it counts."""
    seen = tmp_path / "seen"
    program = tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {seen}\n")
    program.chmod(0o755)
    first = repo.commit({"a": "good\n", ".gitattributes": "* filter=x diff=x\n"})
    second = repo.commit({"a": "bad\n"})
    repo.git("replace", first, second)
    for key in ("core.fsmonitor", "filter.x.smudge", "diff.x.textconv", "diff.external", "core.pager", "gpg.program"):
        repo.git("config", key, str(program))
    repo.git("config", "log.showSignature", "true")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "post-index-change").symlink_to(program)
    repo.git("config", "core.hooksPath", str(hooks))
    git = opened(repo.folder, os.environ)
    assert git.blob(git.files(git.resolve(first))["a"].oid) == b"good\n"
    assert [one.oid for one in git.between(first, second)] == [second]
    assert git.present() == [".gitattributes", "a"]
    assert state(repo.folder, os.environ)["commit"] == second
    assert not seen.exists()


@pytest.mark.parametrize("how", ["clean", "process", "a name with an equals sign", "a filter that was included"])
def test_the_state_of_a_hostile_clone_is_had_without_its_filters(repo: Repo, tmp_path: Path, how: str) -> None:
    """Git cleans what looks changed, to compare it; here nothing is run for that, and what was changed is dirty."""
    seen, program = _planted(tmp_path)
    name = "Odd.na=me" if how == "a name with an equals sign" else "Odd.name"
    config = ["config", f"filter.{name}.{'process' if how == 'process' else 'clean'}", str(program)]
    if how == "a filter that was included":
        config[1:1] = ["-f", str(tmp_path / "more")]
        repo.git("config", "include.path", str(tmp_path / "more"))
    commit = repo.commit({"a": "good\n"})
    repo.git(*config)
    repo.git("config", f"filter.{name}.required", "true")
    repo.write({".git/info/attributes": f"* filter={name}\n"})
    repo.write({"a": "evil\n"})
    said = state(repo.folder, os.environ)
    assert not seen.exists()
    assert said == ({} if "=" in name else {"commit": commit, "branch": "main", "dirty": True})


def test_the_state_asks_no_submodule_what_its_config_would_run(repo: Repo, tmp_path: Path) -> None:
    """It is another repository, with another config: only the commit that it is at is compared."""
    seen, program = _planted(tmp_path)
    inner = Repo(repo.folder / "vendor")
    at = inner.commit({"b": "1"})
    inner.write({"b": "2"})
    inner.git("config", "core.fsmonitor", str(program))
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{at},vendor")
    repo.write({".gitmodules": '[submodule "vendor"]\n\tpath = vendor\n\turl = ./vendor\n'})
    repo.git("add", ".gitmodules")
    repo.git("commit", "-q", "-m", "vendor")
    seen.unlink(missing_ok=True)
    assert state(repo.folder, os.environ)["dirty"] is False
    assert not seen.exists()


def _planted(folder: Path) -> tuple[Path, Path]:
    """What shows that the program was run, and the program."""
    seen, program = folder / "seen", folder / "evil"
    program.write_text(f"#!/bin/sh\ntouch {seen}\nexec cat\n")
    program.chmod(0o755)
    return seen, program


def test_no_variable_of_git_leads_elsewhere(repo: Repo, tmp_path: Path) -> None:
    """As in a hook, where git says where it is."""
    commit = repo.commit({"a": "x"})
    environ = {**os.environ, "GIT_DIR": str(tmp_path / "elsewhere"), "GIT_CONFIG_COUNT": "x"}
    assert opened(repo.folder, environ).resolve("HEAD") == commit
    assert state(repo.folder, environ)["dirty"] is False


@pytest.mark.fault(28)
def test_an_object_that_is_not_there_is_an_error(repo: Repo) -> None:
    """Never an empty file instead."""
    commit = repo.commit({"a": "x" * 100})
    git = opened(repo.folder, os.environ)
    oid = git.files(commit)["a"].oid
    (repo.folder / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(GitFailed, match=oid[:12]):
        git.blob(oid)


def test_without_git_it_is_said(repo: Repo, tmp_path: Path) -> None:
    """And `state` stays silent, as for every folder that is no repository."""
    environ = {**os.environ, "PATH": str(tmp_path)}
    with pytest.raises(GitFailed, match="git cannot be run"):
        opened(repo.folder, environ)
    assert state(repo.folder, environ) == {}


def test_a_commit_may_say_anything_of_itself(repo: Repo) -> None:
    """A header without a time, several authors, bytes that are no UTF-8."""
    tree = repo.git("hash-object", "-w", "-t", "tree", "/dev/null")
    data = (
        f"tree {tree}\nauthor nobody\nauthor x <y> 1 +0\ncommitter <> 99999999999999999999 +0\n\n".encode() + b"\xff\n"
    )
    raw = repo.folder / "raw"
    raw.write_bytes(data)
    oid = repo.git("hash-object", "-w", "-t", "commit", "--literally", "raw", who=WHO)
    about = opened(repo.folder, os.environ).about(oid)
    assert (about.author, about.subject, about.at.year) == ("", "\ufffd", 1970)


def test_one_entry_of_a_tree_is_found_by_its_path_alone(repo: Repo) -> None:
    """A path is a name, never a pattern."""
    commit = repo.commit({"ops/policy.yaml": "x", "a[b].txt": "y"})
    git = opened(repo.folder, os.environ)
    found = git.entry(commit, "ops/policy.yaml")
    assert found is not None
    assert git.blob(found.oid) == b"x"
    assert git.entry(commit, "a[b].txt") is not None
    assert git.entry(commit, "ops/*") is None
    assert git.entry(commit, "nowhere") is None


def test_it_is_known_when_a_remote_was_last_heard_of(repo: Repo, tmp_path: Path) -> None:
    """The clone counts, then each fetch; a branch of one's own is as new as it is."""
    repo.commit({"a": "x"})
    repo.git("clone", "-q", str(repo.folder), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    git = opened(clone.folder, os.environ)
    assert git.fetched("origin/main") is not None
    clone.git("fetch", "-q")
    os.utime(clone.folder / ".git" / "FETCH_HEAD", (1_700_000_000, 1_700_000_000))
    assert git.fetched("origin/main") == datetime.fromtimestamp(1_700_000_000, UTC)
    assert git.fetched("main") is None
    assert git.fetched("nowhere") is None
