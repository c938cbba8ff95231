"""`render`: to stdout, to a file, the library into a folder, and whether what is checked in is still true."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli import render
from runbook.errors import DocumentError, Exit, UsageError
from support.sessions import PRACTICE, session


def rendered(folder: Path, **more: object) -> tuple[Exit, str, str]:
    heard = session(folder)
    exit_ = render.render(heard, render.Options(**more))  # type: ignore[arg-type]
    return exit_, heard.out.getvalue(), heard.err.getvalue()


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("markdown", "# The marker"),
        ("html", "<!doctype html>"),
        ("mermaid", "flowchart TD"),
        ("svg", "<svg "),
        ("cacao", "{"),
    ],
)
def test_one_runbook_goes_to_stdout(tmp_path: Path, form: str, begins: str) -> None:
    """In each form."""
    exit_, out, _ = rendered(tmp_path, name="practice", form=form)
    assert exit_ == Exit.OK and out.startswith(begins)


def test_a_file_that_was_written_is_found_true_until_its_runbook_changes(tmp_path: Path) -> None:
    """Then the check says what is different, and fails; it writes nothing."""
    page = tmp_path / "page.md"
    assert rendered(tmp_path, name="practice", to=page)[0] == Exit.OK
    before = page.read_text()
    assert rendered(tmp_path, name="practice", check=page)[0] == Exit.OK
    heard = session(tmp_path)
    book = tmp_path / "runbooks" / "practice.yaml"
    book.write_text(book.read_text().replace("title: Remove the marker", "title: Take it away"))
    exit_ = render.render(heard, render.Options("practice", check=page))
    out, err = heard.out.getvalue(), heard.err.getvalue()
    assert exit_ == Exit.INVALID and page.read_text() == before
    assert "-### 1. Remove the marker" in out and "+### 1. Take it away" in out
    assert "runbook render practice -o" in err


def test_the_library_becomes_a_folder_with_an_index(tmp_path: Path) -> None:
    """A page that is not there, and one that nobody is behind any more, are found."""
    pages = tmp_path / "pages"
    assert rendered(tmp_path, to=pages)[0] == Exit.OK
    assert sorted(path.name for path in pages.iterdir()) == ["README.md", "practice.md"]
    assert "[The marker is there](<practice.md>)" in (pages / "README.md").read_text()
    assert rendered(tmp_path, check=pages)[0] == Exit.OK
    (pages / "practice.md").rename(pages / "former.md")
    (pages / "notes.md").write_text("# Ours\n")
    exit_, out, _ = rendered(tmp_path, check=pages)
    assert exit_ == Exit.INVALID
    assert f"{pages}/practice.md: is not there" in out and f"{pages}/former.md: is of no runbook any more" in out
    assert "notes.md" not in out


def test_where_one_cannot_be_used_none_is_written(tmp_path: Path) -> None:
    """With the findings of all of them."""
    session(tmp_path)
    (tmp_path / "runbooks" / "bad.yaml").write_text(
        PRACTICE.replace("name: practice", "name: bad").replace("uses: ", "use: ")
    )
    with pytest.raises(DocumentError):
        rendered(tmp_path, to=tmp_path / "pages")
    assert not (tmp_path / "pages").exists()


def test_a_page_does_not_depend_on_where_it_was_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From any folder of a project, it is the same."""
    _, first, _ = rendered(tmp_path, name="practice", form="html")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    _, second, _ = rendered(tmp_path, name="practice", form="html")
    assert first == second and "<code>runbooks/practice.yaml</code>" in first


def test_json_says_the_same(tmp_path: Path) -> None:
    """What was made, and what was compared."""
    heard = session(tmp_path)
    render.render(heard, render.Options(to=tmp_path / "pages", output="json"))
    assert [row["runbook"] for row in heard.json["rendered"]] == ["practice", ""]
    render.render(heard, render.Options(check=tmp_path / "pages", output="json"))
    assert [row["same"] for row in heard.json["checked"]] == [True, True]


@pytest.mark.parametrize("more", [{}, {"to": Path("a"), "check": Path("a")}, {"name": "practise"}, {"form": "svg"}])
def test_what_was_asked_for_must_make_sense(tmp_path: Path, more: dict[str, object]) -> None:
    """The library goes into a folder; names are known."""
    with pytest.raises(UsageError) as caught:
        rendered(tmp_path, **more)
    assert caught.value.hint


def test_a_file_that_cannot_be_written_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """Nor does it leave a part of a file behind."""
    pages = tmp_path / "pages"
    rendered(tmp_path, to=pages)
    (pages / "README.md").unlink()
    (pages / "README.md").mkdir()
    (pages / "practice.md").write_text("before")
    with pytest.raises(UsageError):
        rendered(tmp_path, to=pages)
    assert (pages / "practice.md").read_text() == "before" and not list(pages.glob("*.part"))
