"""`fmt`: files in one style, or what would change; all or none, and only what is ours."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest

from runbook.cli import fmt, import_, init
from runbook.errors import DocumentError, Exit, UsageError
from support.sessions import session

CONFIG = "apiVersion: runbook/v1\nkind: Config\nlibrary: [runbooks]\n"
UNSTYLED = "kind: Config\napiVersion: 'runbook/v1'\n# why\nlibrary: [ runbooks ]\n"
STYLED = "apiVersion: runbook/v1\nkind: Config\n# why\nlibrary: [runbooks]\n"
FOREIGN = "apiVersion: v1\nkind:   Config\n"
CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.yaml"
    path.write_text(UNSTYLED)
    return path


def test_files_are_written_in_the_style_and_named(tmp_path: Path, file: Path) -> None:
    """A second time there is nothing to do."""
    heard = session(tmp_path)
    assert fmt.fmt(heard, fmt.Options((file,))) == Exit.OK
    assert file.read_text() == STYLED
    assert heard.out.getvalue() == f"formatted {file}\n"
    assert fmt.fmt(heard, fmt.Options((file,), output="json")) == Exit.OK
    assert heard.json == {"format": 1, "files": 1, "differ": [], "left_alone": [], "exit": {"code": 0, "name": "ok"}}


def test_a_check_names_the_files_and_writes_nothing(tmp_path: Path, file: Path) -> None:
    """Exit 3, for a pipeline."""
    heard = session(tmp_path)
    (tmp_path / "b.yaml").write_text(STYLED)
    assert fmt.fmt(heard, fmt.Options((tmp_path / "b.yaml", file), check=True)) == Exit.INVALID
    assert heard.out.getvalue() == f"{file}\n"
    assert "1 of 2 files in the style" in heard.err.getvalue()
    assert file.read_text() == UNSTYLED


def test_a_diff_shows_what_would_change(tmp_path: Path, file: Path) -> None:
    """And writes nothing; it fails only with --check."""
    heard = session(tmp_path)
    assert fmt.fmt(heard, fmt.Options((file,), diff=True)) == Exit.OK
    assert fmt.fmt(heard, fmt.Options((file,), diff=True, check=True)) == Exit.INVALID
    assert "-library: [ runbooks ]\n+library: [runbooks]" in heard.out.getvalue()
    assert file.read_text() == UNSTYLED


@pytest.mark.parametrize(("text", "comes"), [(UNSTYLED, STYLED), (FOREIGN, FOREIGN)])
def test_a_dash_is_from_stdin_to_stdout(tmp_path: Path, text: str, comes: str) -> None:
    """As editors call it; what is none of ours comes out as it went in."""
    heard = session(tmp_path)
    heard.stdin = StringIO(text)
    assert fmt.fmt(heard, fmt.Options((Path("-"),))) == Exit.OK
    assert heard.out.getvalue() == comes


def test_nothing_is_written_where_one_file_is_no_yaml(tmp_path: Path, file: Path) -> None:
    """All or none; the finding has its place."""
    (tmp_path / "b.yaml").write_text("apiVersion: runbook/v1\nkind: [\n")
    with pytest.raises(DocumentError, match=r"b\.yaml:3:1: RB004"):
        fmt.fmt(session(tmp_path), fmt.Options((tmp_path,)))
    assert file.read_text() == UNSTYLED


def test_yaml_of_others_is_left_alone(tmp_path: Path, file: Path) -> None:
    """Named by itself it is nothing to do, as a hook names files; a folder of nothing else is a usage error."""
    other = tmp_path / "others" / "kubeconfig.yaml"
    other.parent.mkdir()
    other.write_text(FOREIGN)
    assert fmt.fmt(session(tmp_path), fmt.Options((file, other.parent))) == Exit.OK
    assert fmt.fmt(session(tmp_path), fmt.Options((other,))) == Exit.OK
    assert other.read_text() == FOREIGN
    with pytest.raises(UsageError, match="no document in"):
        fmt.fmt(session(tmp_path), fmt.Options((other.parent,)))


def test_a_file_that_would_say_something_else_is_left_alone_and_said(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are written."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(UNSTYLED.replace("runbooks", "others"))
    from runbook.authoring.formatting import document

    printed = document.printed
    monkeypatch.setattr(document, "printed", lambda tree: printed(tree).replace("others", "more"))
    heard = session(tmp_path)
    assert fmt.fmt(heard, fmt.Options((file, wrong))) == Exit.INVALID
    assert "wrong.yaml:1:1: RB098: formatted, it would say something else" in heard.err.getvalue()
    assert (file.read_text(), "[ others ]" in wrong.read_text()) == (STYLED, True)


def test_a_link_stays_one_and_permissions_are_kept(tmp_path: Path, file: Path) -> None:
    """What is replaced is the file that the link leads to."""
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    fmt.fmt(session(tmp_path), fmt.Options((link,)))
    assert (link.is_symlink(), file.stat().st_mode & 0o777, file.read_text()) == (True, 0o640, STYLED)


def test_many_files_are_shared_out_and_come_back_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two processors and more than forty files."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for number in range(60):
        (tmp_path / f"{number:02}.yaml").write_text(UNSTYLED if number % 2 else STYLED)
    heard = session(tmp_path, runbook=None)
    assert fmt.fmt(heard, fmt.Options((tmp_path,), check=True)) == Exit.INVALID
    assert heard.out.getvalue().splitlines() == [str(tmp_path / f"{number:02}.yaml") for number in range(1, 60, 2)]


@pytest.mark.parametrize("path", ["rundeck/restart-shop.yaml", "cacao/contain-host.json", "markdown/node-not-ready.md"])
def test_what_import_writes_is_in_the_style(tmp_path: Path, path: str) -> None:
    """One style for people and for commands."""
    to = tmp_path / "draft.yaml"
    import_.imported(session(tmp_path), import_.Options(CASES / path, to=to))
    assert fmt.fmt(session(tmp_path), fmt.Options((to,), check=True)) == Exit.OK


def test_what_init_writes_is_in_the_style(tmp_path: Path) -> None:
    """All four files of a new project, found without naming them."""
    heard = session(tmp_path, runbook=None)
    init.init(heard, init.Options(tmp_path))
    assert fmt.fmt(session(tmp_path, runbook=None), fmt.Options(check=True)) == Exit.OK


def test_a_file_that_was_named_and_is_no_document_is_said(tmp_path: Path) -> None:
    """Nobody takes silence about it for "it is in the style"."""
    empty = tmp_path / "empty.yaml"
    empty.touch()
    heard = session(tmp_path)
    assert fmt.fmt(heard, fmt.Options((empty,))) == Exit.OK
    assert f"left alone, since it is no document: {empty}" in heard.err.getvalue()
