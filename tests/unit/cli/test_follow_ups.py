"""What is temporary is on the start page and in `runs --follow-ups` until it was taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli import follow_ups, runs, undo
from runbook.cli import run as runs_a_runbook
from runbook.cli.overview import overview
from runbook.errors import Exit, UsageError
from runbook.hosts import lookup
from runbook.report.follow_ups import of_run
from support.sessions import PRACTICE, Heard, session

TEMPORARY = PRACTICE.replace("    title: Remove the marker\n", "    title: Remove the marker\n    temporary: 24h\n")
FINAL = TEMPORARY.replace('          undo: {argv: [touch, --, "{{ params.marker }}"]}\n', "")


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


def test_what_has_no_undo_is_closed_with_a_reason(tmp_path: Path) -> None:
    """By somebody, on the record of the finished run; from then on no list has it, and nothing was changed."""
    run = left_open(tmp_path)
    page = heard(tmp_path)
    overview(page)
    assert f"runbook follow-ups close {run} remove --reason TEXT" in " ".join(page.out.getvalue().split())
    closing = heard(tmp_path)
    assert follow_ups.close(closing, follow_ups.Options(run[:8], None, " taken back by hand ", "json")) == Exit.OK
    assert (closing.json["run"], closing.json["option"]) == (run, "remove")
    after = heard(tmp_path)
    runs.runs(after, runs.Options(follow_ups=True, output="json"))
    assert after.json["follow_ups"] == []
    past, _ = lookup.seen(after.place, run)
    [told] = of_run(past)
    assert (told["closed"]["reason"], len(told["changes"])) == ("taken back by hand", 1)
    assert not (tmp_path / "broken").exists()


@pytest.mark.parametrize(
    ("option", "reason", "said"),
    [("remove", " ", "the reason is empty"), ("other", "done", "nothing temporary of 'other'")],
)
def test_only_what_is_open_is_closed_and_only_with_a_reason(
    tmp_path: Path, option: str, reason: str, said: str
) -> None:
    """And once."""
    run = left_open(tmp_path)
    with pytest.raises(UsageError, match=said):
        follow_ups.close(heard(tmp_path), follow_ups.Options(run, option, reason))
    follow_ups.close(heard(tmp_path), follow_ups.Options(run, "remove", "done"))
    with pytest.raises(UsageError, match="is left open"):
        follow_ups.close(heard(tmp_path), follow_ups.Options(run, None, "done"))


def left_open(folder: Path) -> str:
    """A run that has left something for a while which no command takes back."""
    (folder / "broken").touch()
    once = session(folder, runbook=FINAL)
    runs_a_runbook.run(once, runs_a_runbook.Options("practice", yes=True, output="json"))
    return str(once.json["run"])
