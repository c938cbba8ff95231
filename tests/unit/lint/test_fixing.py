"""What is mended without asking: only what was seen, only where the document loads before and after."""

from __future__ import annotations

from pathlib import Path

from runbook import kinds
from runbook.document.findings import Edit, Finding, Severity
from runbook.lint.fixing import edited, mended
from support.linted import QUEUE, linted


def finding(*fix: Edit, path: str = "x.yaml") -> Finding:
    return Finding(path=path, line=1, column=1, code="RB100", message="m", severity=Severity.WARNING, fix=fix)


def test_edits_that_meet_each_other_wait() -> None:
    """Each sees the text that it was made for; the same edit twice is one."""
    first, second, third = finding(Edit(0, 1, "a", "A")), finding(Edit(1, 2, "b", "B")), finding(Edit(3, 4, "d", "D"))
    assert edited("abcd", [first, second, third, third]) == ("AbcD", [first, third, third])


def test_an_edit_of_what_is_no_longer_there_is_left_out() -> None:
    """The file may have been saved meanwhile."""
    assert edited("xbc", [finding(Edit(0, 1, "a", "A"))]) == ("xbc", [])


def test_exceptions_that_are_not_needed_go_with_their_line(tmp_path: Path) -> None:
    """Line ends and a byte order mark stay as they were."""
    text = QUEUE.replace("triage:", "owners: [a]\r\n# lint: allow(RB101): old\ntriage:  # lint: allow(RB102): old")
    files = {"queue.yaml": text.replace("title: The", "reviewed: 2026-05-30\ntitle: The")}
    path = tmp_path / "queue.yaml"
    found = linted(tmp_path, files).findings
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    got = mended(found, kinds.specs())
    assert [one.code for one in got.findings] == ["RB100", "RB100"]
    expected = files["queue.yaml"].replace("# lint: allow(RB101): old\n", "").replace("  # lint: allow(RB102): old", "")
    assert got.texts == {path: "\ufeff" + expected}


def test_a_file_that_would_not_load_stays_as_it_is(tmp_path: Path) -> None:
    """Whatever a rule believed to be safe."""
    path = tmp_path / "queue.yaml"
    path.write_text(QUEUE)
    at = QUEUE.index("triage")
    assert mended([finding(Edit(at, at + 6, "triage", "traige"), path=str(path))], kinds.specs()).texts == {}
