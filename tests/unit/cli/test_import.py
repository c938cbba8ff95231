"""`import`: a draft to stdout or a file, what was not understood to stderr, and files that are refused whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from runbook.cli import import_, lint, render
from runbook.errors import DocumentError, Exit, UsageError
from support.sessions import session

CASES = Path(__file__).parents[2] / "cases"
TEXT = "# ApiDown\n\n## Mitigation\n\n```sh\nkubectl rollout undo deploy/api\nrm -r cache | cat\n```\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "api-down.md").write_text(TEXT)
    return tmp_path / "api-down.md"


def test_the_draft_goes_to_stdout_and_what_was_not_understood_to_stderr(tmp_path: Path, file: Path) -> None:
    """With the line; what is missing is counted."""
    heard = session(tmp_path)
    assert import_.imported(heard, import_.Options(file)) == Exit.OK
    found = yaml.safe_load(heard.out.getvalue())
    assert (found["name"], found["owners"]) == ("api-down", ["TODO"])
    assert [step["uses"] for step in found["resolution"][0]["steps"]] == ["kubernetes.rollout_undo", "manual.do"]
    assert "line 5: `rm -r cache | cat` is no kind of step; kept as a step by hand" in heard.err.getvalue()
    assert "1 not understood" in heard.err.getvalue()


def test_a_file_is_written_once(tmp_path: Path, file: Path) -> None:
    """It lints without an error, and is overwritten only with --force."""
    to = tmp_path / "runbooks" / "api-down.yaml"
    import_.imported(session(tmp_path), import_.Options(file, to=to))
    assert lint.lint(session(tmp_path), lint.Options((to,))) == Exit.OK
    with pytest.raises(UsageError, match="is there already"):
        import_.imported(session(tmp_path), import_.Options(file, to=to))
    assert import_.imported(session(tmp_path), import_.Options(file, to=to, force=True)) == Exit.OK
    assert not list(to.parent.glob("*.part"))


@pytest.mark.parametrize("path", ["rundeck/restart-shop.yaml", "cacao/contain-host.json", "markdown/node-not-ready.md"])
def test_its_name_says_what_a_file_is(tmp_path: Path, path: str) -> None:
    """As JSON with what was not understood."""
    heard = session(tmp_path)
    assert import_.imported(heard, import_.Options(CASES / path, output="json")) == Exit.OK
    assert heard.json["not_understood"] and heard.json["todo"] > 2 and "kind: Runbook" in heard.json["document"]


def test_a_page_goes_there_and_back(tmp_path: Path) -> None:
    """`render`, then `import`: the same document."""
    heard = session(tmp_path)
    for form, name in (("markdown", "page.md"), ("cacao", "page.json")):
        render.render(heard, render.Options("practice", form, to=tmp_path / name))
        import_.imported(heard, import_.Options(tmp_path / name, to=tmp_path / "back.yaml", force=True))
        before = yaml.safe_load((tmp_path / "runbooks" / "practice.yaml").read_text())
        assert yaml.safe_load((tmp_path / "back.yaml").read_text()) == before


def test_each_job_of_a_file_goes_into_a_file_of_its_name(tmp_path: Path) -> None:
    """Two of one name are told apart; all are written, or none; each lints without an error."""
    jobs = (CASES / "rundeck" / "restart-shop.yaml").read_text()
    (tmp_path / "jobs.yaml").write_text(jobs + jobs)
    to = tmp_path / "drafts"
    heard = session(tmp_path)
    options = import_.Options(tmp_path / "jobs.yaml", to=to, folder=True, output="json")
    assert import_.imported(heard, options) == Exit.OK
    names = ["restart-the-shop", "another-one", "restart-the-shop-2", "another-one-2"]
    assert [row["path"] for row in heard.json["drafts"]] == [f"{to}/{name}.yaml" for name in names]
    assert lint.lint(session(tmp_path), lint.Options((to,))) == Exit.OK
    (to / "restart-the-shop.yaml").unlink()
    with pytest.raises(UsageError, match=r"another-one\.yaml is there already"):
        import_.imported(session(tmp_path), options)
    assert not (to / "restart-the-shop.yaml").exists()


def test_a_page_brings_the_steps_along_that_its_runbook_includes(tmp_path: Path) -> None:
    """Into a folder both are written; elsewhere it is said that there are some."""
    heard = session(tmp_path)
    library = tmp_path / "runbooks"
    (library / "look.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Steps\nname: look\n"
        "steps:\n  - {id: up, uses: tcp.connect, with: {host: db, port: 1}}\n"
    )
    book = (
        (library / "practice.yaml")
        .read_text()
        .replace("resolution:", "triage:\n  - {include: look, as: db}\nresolution:", 1)
    )
    (library / "practice.yaml").write_text(book)
    render.render(heard, render.Options("practice", to=tmp_path / "page.md"))
    import_.imported(heard, import_.Options(tmp_path / "page.md", to=tmp_path / "drafts", folder=True))
    for name in ("practice", "look"):
        before = yaml.safe_load((library / f"{name}.yaml").read_text())
        assert yaml.safe_load((tmp_path / "drafts" / f"{name}.yaml").read_text()) == before
    import_.imported(heard, import_.Options(tmp_path / "page.md"))
    assert "also holds look: `-o FOLDER/` writes them beside it" in heard.err.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("large.md", b"# X\n" + b"word " * 2_100_000, "RB003: it has 10.0 MiB; a runbook has 1 MiB at most"),
        ("latin.md", "# Größe\n".encode("latin-1"), "RB001: byte 4 of it is not UTF-8"),
        ("utf16.md", "# X".encode("utf-16"), "RB001"),
        ("empty.md", b"\n\n", "RB005: it is empty"),
        ("broken.json", b"{", "RB004: it is not JSON"),
        ("other.yaml", b"a: 1\n", "RB020: it is no Rundeck job"),
    ],
    ids=["large", "latin", "utf16", "empty", "broken", "other"],
)
def test_what_cannot_be_read_is_refused_whole(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    """Exit 3, with a finding of that file; nothing is written."""
    (tmp_path / name).write_bytes(data)
    heard = session(tmp_path)
    with pytest.raises(DocumentError) as caught:
        import_.imported(heard, import_.Options(tmp_path / name, to=tmp_path / "draft.yaml"))
    assert caught.value.exit == Exit.INVALID and said in str(caught.value)
    assert not (tmp_path / "draft.yaml").exists() and heard.out.getvalue() == ""


@pytest.mark.parametrize("name", ["nowhere.md", "what.doc", "folder.md"])
def test_what_is_no_such_file_is_a_mistake_of_typing(tmp_path: Path, name: str) -> None:
    """Exit 2, and what to type instead."""
    (tmp_path / "what.doc").write_text("x")
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(UsageError):
        import_.imported(session(tmp_path), import_.Options(tmp_path / name))
