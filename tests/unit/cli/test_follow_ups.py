"""What is temporary is on the start page and in `runs --follow-ups` until it was taken back."""

from __future__ import annotations

from pathlib import Path

from runbook.cli import run as runs_a_runbook
from runbook.cli import runs, undo
from runbook.cli.overview import overview
from support.sessions import PRACTICE, Heard, session

TEMPORARY = PRACTICE.replace("    title: Remove the marker\n", "    title: Remove the marker\n    temporary: 24h\n")


def heard(folder: Path) -> Heard:
    return session(folder, runbook=TEMPORARY)


def test_a_follow_up_is_listed_until_it_is_taken_back(tmp_path: Path) -> None:
    """With what is changed, when it is due, and the command."""
    (tmp_path / "broken").touch()
    first = heard(tmp_path)
    runs_a_runbook.run(first, runs_a_runbook.Options("practice", yes=True, output="json"))
    run = first.json["run"]
    assert [one["option"] for one in first.json["follow_ups"]] == ["remove"]

    page = heard(tmp_path)
    overview(page)
    assert "To be taken back\n" in page.out.getvalue()
    assert f"runbook undo {run}" in page.out.getvalue()
    listed = heard(tmp_path)
    runs.runs(listed, runs.Options(follow_ups=True, output="json"))
    [row] = listed.json["follow_ups"]
    assert (row["run"], row["option"], row["overdue"]) == (run, "remove", False)

    undo.undo(heard(tmp_path), undo.Options(run, yes=True))
    after = heard(tmp_path)
    runs.runs(after, runs.Options(follow_ups=True, output="json"))
    assert after.json["follow_ups"] == []
    overview(after)
    assert "To be taken back" not in after.out.getvalue()


def test_what_is_not_temporary_is_no_follow_up(tmp_path: Path) -> None:
    """Of another runbook neither, where one is named; looking makes no store."""
    empty = heard(tmp_path)
    runs.runs(empty, runs.Options(follow_ups=True))
    assert "nothing temporary" in empty.err.getvalue()
    assert not (tmp_path / ".runbook").exists()
    (tmp_path / "broken").touch()
    runs_a_runbook.run(heard(tmp_path), runs_a_runbook.Options("practice", yes=True))
    other = heard(tmp_path)
    runs.runs(other, runs.Options(runbook="other", follow_ups=True, output="json"))
    assert other.json["follow_ups"] == []
