"""`runbook diff` as it is typed: which sides are compared, what is said, and how it ends."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from runbook.cli.diff import Options, diff
from runbook.clients.git import NotARepository, UnknownRevision
from runbook.errors import DocumentError, Exit, UsageError
from support.repositories import Repo
from support.sessions import Heard

PULLS = Path(__file__).parents[2] / "cases" / "pulls"
BASE = {
    str(file.relative_to(PULLS / "14-change-claims-to-read" / "base")): file.read_bytes()
    for file in (PULLS / "14-change-claims-to-read" / "base").rglob("*.*")
}
RUNBOOK = "runbooks/disk-full.yaml"
LOOSER = BASE[RUNBOOK].replace(b"    approval: {required: 1, from: [sre]}\n", b"")
INCLUDE = b"triage: [{include: basics, as: db}]\nresolution:"
WORDS = BASE[RUNBOOK].replace(b"A disk is full", b"A disk has no room")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    repo.commit(BASE, "Begin")
    return repo


def heard(folder: Path) -> Heard:
    out, err = StringIO(), StringIO()
    session = Heard(folder, environ=dict(os.environ), stdin=StringIO(), stdout=out, stderr=err)
    session.out, session.err = out, err
    return session


def codes(folder: Path, *words: str, **options: Any) -> list[str]:
    session = heard(folder)
    diff(session, Options(words, output="json", **options))
    return [one["code"] for one in session.json["meanings"]]


def test_without_words_it_is_what_is_not_committed(repo: Repo) -> None:
    """Changed, new and deleted files of the working tree, beside HEAD."""
    assert codes(repo.folder) == []
    repo.write({RUNBOOK: LOOSER, "runbooks/disks.yaml": None})
    assert codes(repo.folder) == ["gate-removed", "evidence-changed"]


def test_two_commits_are_compared_whatever_lies_in_the_folder(repo: Repo) -> None:
    """`BASE..HEAD`, `BASE HEAD`, either end left out, and turned around."""
    repo.commit({RUNBOOK: LOOSER})
    repo.write({RUNBOOK: WORDS})
    for words in (("HEAD~1..HEAD",), ("HEAD~1", "HEAD"), ("HEAD~1..",)[:0] or ("main~1..main",)):
        assert codes(repo.folder, *words) == ["gate-removed"]
    assert codes(repo.folder, "HEAD..HEAD~1") == ["stricter"]
    assert codes(repo.folder, "HEAD~1") == codes(repo.folder, "HEAD~1..") == ["words-changed"]


def test_three_dots_show_the_change_alone(repo: Repo) -> None:
    """What happened on main since is not this change's; two dots say that there is something."""
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit({RUNBOOK: WORDS})
    repo.git("checkout", "-q", "main")
    repo.commit({"policy.yaml": BASE["policy.yaml"].replace(b"required: 1", b"required: 2")})
    assert codes(repo.folder, "main...topic") == ["words-changed"]
    session = heard(repo.folder)
    diff(session, Options(("main..topic",)))
    assert "main has gone on since; `runbook diff main...topic` shows the change alone" in session.err.getvalue()


def test_a_project_may_be_a_folder_of_its_repository(tmp_path: Path) -> None:
    """Paths are those from the root of the repository; commands still run in the project's folder."""
    repo = Repo(tmp_path / "repo")
    repo.commit({f"ops/{path}": data for path, data in BASE.items()})
    repo.write({"ops/scripts/lib.sh": "echo\n", RUNBOOK: LOOSER})
    session = heard(repo.folder / "ops")
    diff(session, Options(output="json"))
    [found] = session.json["meanings"]
    assert (found["code"], found["path"]) == ("script-changed", "ops/runbooks/disk-full.yaml")


def test_who_wrote_it_is_read_from_the_commits(repo: Repo) -> None:
    """Or said with `--author`, who is a person, a login or an address."""
    mallory = ("-c", "user.name=M", "-c", "user.email=Mallory@Example.com", "-c", "commit.gpgsign=false")
    policy = BASE["policy.yaml"].replace(b"[ada, bob]", b"[ada, bob, mallory]")
    repo.commit({"policy.yaml": policy}, who=mallory)
    assert codes(repo.folder, "HEAD~1..HEAD") == ["author-gains"]
    assert codes(repo.folder, "HEAD~1..HEAD", authors=("bob",)) == ["right-gained"]
    assert codes(repo.folder, "HEAD~1..HEAD", authors=("mallory",)) == ["author-gains"]


def test_whoever_has_not_committed_yet_is_the_author_too(repo: Repo) -> None:
    """By the address that git would write."""
    repo.write({"policy.yaml": BASE["policy.yaml"].replace(b"[ada, bob]", b"[ada, bob, mallory]")})
    assert codes(repo.folder) == ["right-gained"]
    repo.git("config", "user.email", "mallory@example.com")
    assert codes(repo.folder) == ["author-gains"]


@pytest.mark.parametrize(
    ("text", "level", "ends"),
    [
        (LOOSER, "never", Exit.OK),
        (LOOSER, "danger", Exit.INVALID),
        (WORDS, "caution", Exit.OK),
        (BASE[RUNBOOK].replace(b"at: start, ", b"at: finished, "), "danger", Exit.OK),
        (BASE[RUNBOOK].replace(b"at: start, ", b"at: finished, "), "caution", Exit.INVALID),
    ],
)
def test_the_level_that_counts_decides_how_it_ends(repo: Repo, text: bytes, level: str, ends: Exit) -> None:
    """A danger counts as a caution, too; notes never do."""
    repo.write({RUNBOOK: text})
    session = heard(repo.folder)
    assert diff(session, Options(fail_on=level, output="json")) is ends
    assert session.json["exit"]["code"] == int(ends)


def test_a_base_that_cannot_be_loaded_ends_it(repo: Repo) -> None:
    """Named with its revision; nothing is said about the rest."""
    repo.commit({RUNBOOK: b"apiVersion: runbook/v1\nkind: Runbook\nname: disk-full\n"})
    repo.write({RUNBOOK: LOOSER})
    session = heard(repo.folder)
    with pytest.raises(DocumentError) as caught:
        diff(session, Options(("main",)))
    assert {finding.path for finding in caught.value.findings} == {f"main:{RUNBOOK}"}
    assert session.out.getvalue() == ""
    assert "nothing was compared: the base has documents that cannot be used" in session.err.getvalue()


def test_a_document_that_names_one_that_is_not_there_ends_it_too(repo: Repo) -> None:
    """On either side: what it would do is not known."""
    repo.write({RUNBOOK: BASE[RUNBOOK].replace(b"resolution:", INCLUDE)})
    with pytest.raises(DocumentError, match="there are no steps 'basics'"):
        diff(heard(repo.folder), Options())


def test_what_is_broken_on_both_sides_is_lints_to_say(repo: Repo) -> None:
    """A change elsewhere can still be read."""
    repo.commit({"runbooks/broken.yaml": b"apiVersion: runbook/v1\nkind: Runbook\nname: broken\n"})
    repo.write({RUNBOOK: LOOSER})
    assert codes(repo.folder) == ["gate-removed"]


def test_two_files_are_compared_whatever_they_are_called(tmp_path: Path) -> None:
    """And two folders, without any git."""
    (tmp_path / "one.yaml").write_bytes(BASE[RUNBOOK])
    (tmp_path / "two.yaml").write_bytes(LOOSER)
    files = str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")
    assert codes(tmp_path, *files) == ["gate-removed"]
    include = (tmp_path / "including.yaml", BASE[RUNBOOK].replace(b"resolution:", INCLUDE))
    include[0].write_bytes(include[1])
    assert codes(tmp_path, files[0], str(include[0])) == ["reading-changed"]
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "old").write_bytes(LOOSER)
    assert codes(tmp_path, files[0], str(tmp_path / ".hidden" / "old")) == ["gate-removed"]
    folders = [str(PULLS / "22-script-behind-argv" / side) for side in ("base", "head")]
    assert codes(tmp_path, *folders) == ["script-changed"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("nowhere",), UnknownRevision),
        (("main..nowhere",), UnknownRevision),
        (("--upload-pack=x",), UnknownRevision),
        (("a", "b", "c"), UsageError),
        ((RUNBOOK, "runbooks"), UsageError),
        (("scripts/lib.sh", "scripts/clean.sh"), UsageError),
    ],
)
def test_what_cannot_be_compared_is_a_usage_error(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], error: type[UsageError]
) -> None:
    """An unknown revision, too many sides, a folder beside a file, files that are no documents."""
    monkeypatch.chdir(repo.folder)
    with pytest.raises(error):
        diff(heard(repo.folder), Options(words))


def test_outside_of_a_repository_two_files_can_be_named(tmp_path: Path) -> None:
    """That is what the hint says."""
    with pytest.raises(NotARepository) as caught:
        diff(heard(tmp_path), Options())
    assert "two files, or two folders" in str(caught.value.hint)


def test_a_shallow_clone_says_what_a_job_must_fetch(repo: Repo, tmp_path: Path) -> None:
    """The base of a pull request is missing in the usual checkout."""
    base = repo.git("rev-parse", "HEAD")
    repo.commit({RUNBOOK: LOOSER})
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.folder}", str(tmp_path / "clone"))
    with pytest.raises(UnknownRevision) as caught:
        diff(heard(tmp_path / "clone"), Options((f"{base}...HEAD",)))
    assert "fetch-depth: 0" in str(caught.value.hint)


def test_histories_without_a_common_commit_can_be_compared_as_they_are(repo: Repo) -> None:
    """As in a clone that holds two commits and nothing between them; three dots need what they have in common."""
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit({RUNBOOK: LOOSER})
    assert codes(repo.folder, "main..other") == ["gate-removed"]
    with pytest.raises(UnknownRevision, match="no commit in common"):
        diff(heard(repo.folder), Options(("main...other",)))


def test_who_wrote_what_main_got_meanwhile_is_no_author(repo: Repo) -> None:
    """A branch into which main was merged has its own authors only."""
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit({"policy.yaml": BASE["policy.yaml"].replace(b"[ada, bob]", b"[ada, bob, mallory]")})
    repo.git("checkout", "-q", "main")
    mallory = ("-c", "user.name=M", "-c", "user.email=mallory@example.com", "-c", "commit.gpgsign=false")
    repo.commit({"unrelated": "x"}, who=mallory)
    repo.git("checkout", "-q", "topic")
    repo.git("merge", "-q", "--no-edit", "main")
    assert codes(repo.folder, "main...topic") == ["right-gained"]


def test_a_name_that_is_no_text_can_be_said_in_every_way(repo: Repo) -> None:
    """Its bytes are escaped, in text, JSON and Markdown alike."""
    name = os.fsdecode(b"runbooks/caf\xe9.yaml")
    repo.write({name: LOOSER.replace(b"name: disk-full", b"name: cafe")})
    for output in ("text", "json", "markdown"):
        session = heard(repo.folder)
        diff(session, Options(output=output))
        assert "udce9" in session.out.getvalue()
        session.out.getvalue().encode()


def test_markdown_is_a_comment(repo: Repo) -> None:
    """To stdout, and nothing else there."""
    repo.write({RUNBOOK: LOOSER})
    session = heard(repo.folder)
    diff(session, Options(output="markdown"))
    assert session.out.getvalue().startswith("<!-- runbook diff -->\n### Runbooks: 1 danger\n")
    assert session.out.getvalue().endswith("</details>\n")


def test_scenarios_of_the_base_are_played_against_the_head(repo: Repo) -> None:
    """Even if the head has none any more."""
    tree = PULLS / "44-scenario-tells"
    for side in ("base", "head"):
        files = {str(file.relative_to(tree / side)): file.read_bytes() for file in (tree / side).rglob("*.yaml")}
        repo.commit(files)
    repo.commit({"runbooks/api-errors.scenarios.yaml": None})
    session = heard(repo.folder)
    diff(session, Options(("HEAD~2..HEAD",), output="json"))
    first = session.json["meanings"][0]
    assert (first["code"], session.json["scenarios"]) == ("rehearsed-otherwise", 1)
    assert "applied: undo" in first["before"]
    assert "applied: nothing" in first["after"]
    assert "scenario-removed" in json.dumps(session.json)
