"""Aborting a run: nothing further starts, what is under way is finished and recorded, what was applied is listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.errors import Exit, Refused
from runbook.hosts import guests
from runbook.hosts.past import stream_of
from runbook.hosts.ports import exit_of
from support.crash import place
from support.crash.alone import ended, process, until

RUN = place.run_id(3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return place.project(tmp_path / "p", runbook=place.one())


def test_an_abort_during_a_change_records_its_result_and_starts_nothing_further(folder: Path) -> None:
    """The command ends by itself, its result stands in the journal, and the second change is never begun."""
    (folder / "slow").write_text("1")
    runner = process(folder, RUN, "begin")
    until((folder / "begun-restart").exists, runner)
    of = place.opened(folder)
    assert guests.abort(of.place, RUN, "wrong queue")
    assert ended(runner)[0] == Exit.REFUSED
    told = place.told(of.journal, RUN)
    assert [change.id for change in told.applied] == ["restart"]
    assert (place.ledger(folder), str(told.outcome)) == (["restart"], "aborted")
    assert not (folder / "begun-purge").exists()
    assert of.journal.locks() == []


def test_a_runner_at_a_gate_takes_an_abort_from_another_process(folder: Path) -> None:
    """Somebody sits at the terminal; the run ends there all the same, and nothing was applied."""
    runner = process(folder, RUN, "begin", "ask", "sit")
    of = place.opened(folder)
    until(lambda: of.journal.head(stream_of(RUN)) and place.told(of.journal, RUN).open_gates, runner)
    assert guests.abort(of.place, RUN, "never mind")
    assert ended(runner)[0] == Exit.REFUSED
    assert (place.told(of.journal, RUN).applied, place.ledger(folder)) == ([], [])


def test_an_abort_without_a_runner_is_carried_out_by_the_next_resume(folder: Path) -> None:
    """Nobody runs it: the request stands in the log, and takes effect when anybody resumes."""
    of = place.opened(folder)
    assert exit_of(place.begin(of, RUN, yes=False)) is Exit.WAITING
    assert not guests.abort(of.place, RUN, "never mind")
    assert exit_of(place.go_on(of, RUN)) is Exit.REFUSED
    assert (str(place.told(of.journal, RUN).outcome), place.ledger(folder)) == ("aborted", [])


def test_an_aborted_run_with_an_open_doubt_ends_in_doubt(folder: Path) -> None:
    """What nobody settled is not called aborted."""
    (folder / "slow").write_text("1")
    runner = process(folder, RUN, "begin")
    until((folder / "begun-restart").exists, runner)
    runner.kill()
    runner.communicate()
    of = place.opened(folder)
    assert exit_of(place.go_on(of, RUN)) is Exit.IN_DOUBT
    guests.abort(of.place, RUN, "enough")
    assert exit_of(place.go_on(of, RUN)) is Exit.IN_DOUBT
    told = place.told(of.journal, RUN)
    assert (str(told.outcome), told.finished and told.finished["doubts"]) == (
        "in_doubt",
        ["resolution/again/restart:apply#1"],
    )


def test_a_finished_run_takes_neither_an_abort_nor_a_resume(folder: Path) -> None:
    """Its record stays as it is, and a resume ends as the run did."""
    of = place.opened(folder)
    assert exit_of(place.begin(of, RUN)) is Exit.OK
    before = of.journal.head(stream_of(RUN))
    with pytest.raises(Refused, match="is finished"):
        guests.abort(of.place, RUN, "too late")
    assert exit_of(place.go_on(of, RUN)) is Exit.OK
    assert of.journal.head(stream_of(RUN)) == before
