"""A command outlives the runner that started it: it is waited for, shown, and never started a second time."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from runbook.errors import Exit, Refused
from runbook.hosts import settling
from runbook.hosts.ports import exit_of
from support.crash import place
from support.crash.alone import process, until

pytestmark = pytest.mark.acceptance
RUN = place.run_id(2)
STEP = "restart"


class LetsGo(place.Unseen):
    """A watcher that takes a file away as soon as it is told that something outlived its runner."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def held(self, what: str) -> None:
        super().held(what)
        self._file.unlink(missing_ok=True)


def orphaned(folder: Path, seconds: float) -> None:
    """Start the run, and kill its runner while its first change is under way for so many seconds."""
    (folder / "slow").write_text(str(seconds))
    runner = process(folder, RUN, "begin")
    until((folder / "begun-restart").exists, runner)
    runner.send_signal(signal.SIGKILL)
    runner.communicate()
    (folder / "slow").unlink()


@pytest.mark.fault(54, 83)
def test_what_acts_after_its_runner_died_is_waited_for_and_not_done_again(tmp_path: Path) -> None:
    """The command acts once it was seen to be alive; `confirm` then finds it, and nobody is asked."""
    folder = place.project(tmp_path / "p", runbook=place.one(), confirm=True)
    (folder / "held").touch()
    orphaned(folder, 0.0)
    assert place.ledger(folder) == []
    seen = LetsGo(folder / "held")
    ended = place.go_on(place.opened(folder), RUN, watcher=seen)
    assert (exit_of(ended), place.ledger(folder)) == (Exit.OK, ["restart", "purge"])
    assert any("outlived its runner: process group" in what for what in seen.holders)


def test_without_confirm_it_is_a_doubt_once_it_has_ended(tmp_path: Path) -> None:
    """Nobody saw how it ended, so a person says whether it is there; the run goes on from that."""
    folder = place.project(tmp_path / "p", runbook=place.one())
    orphaned(folder, 1.0)
    of = place.opened(folder)
    assert exit_of(place.go_on(of, RUN)) is Exit.IN_DOUBT
    assert place.ledger(folder) == ["restart"]
    settling.settle(of.place, RUN, STEP, "applied", "it stands in the ledger")
    assert exit_of(place.go_on(of, RUN)) is Exit.OK
    assert place.ledger(folder) == ["restart", "purge"]


def test_what_outlasts_its_timeout_is_shown_and_may_be_settled_only_when_it_is_gone(tmp_path: Path) -> None:
    """As long as a process of it lives, nobody can know what it will still do."""
    folder = place.project(tmp_path / "p", runbook=place.one(timeout="2s"), confirm=True)
    orphaned(folder, 60)
    of = place.opened(folder)
    assert exit_of(place.go_on(of, RUN)) is Exit.IN_DOUBT
    (group,) = place.told(of.journal, RUN).still_running.values()
    with pytest.raises(Refused, match=f"still runs: {group}"):
        settling.settle(of.place, RUN, STEP, "not_applied", "I see nothing")
    assert settling.end_survivors(of.place, RUN, STEP)
    settling.settle(of.place, RUN, STEP, "not_applied", "it was ended before it acted")
    assert exit_of(place.go_on(of, RUN)) is Exit.OK
    assert place.ledger(folder) == ["restart", "purge"]


def test_a_doubt_stays_a_doubt_at_each_resume_until_it_is_settled(tmp_path: Path) -> None:
    """Exit 9, every time, and nothing else is applied meanwhile."""
    folder = place.project(tmp_path / "p", runbook=place.one())
    orphaned(folder, 0.5)
    of = place.opened(folder)
    assert [exit_of(place.go_on(of, RUN)) for _ in range(3)] == [Exit.IN_DOUBT] * 3
    assert list(place.told(of.journal, RUN).doubts) == ["resolution/again/restart:apply#1"]
    assert place.ledger(folder) == ["restart"]


UNDOING = """\
apiVersion: runbook/v1
kind: Runbook
name: queue
title: The queue is stuck
resolution:
  - id: again
    when_not_helped: undo
    steps:
      - id: restart
        uses: command.run
        with:
          argv: [bin/act, restart]
          undo: {argv: [bin/act, unrestart]{confirm}}
        timeout: 20s
verification:
  within: 2s
  every: 1s
  checks:
    - {id: never, uses: command.run, with: {argv: ["false"], effect: read}}
"""
ASKED = ", confirm: {argv: [cat, ledger], expect: \"'unrestart' in stdout\"}"


@pytest.mark.parametrize(
    ("confirm", "code"), [(ASKED, Exit.NOT_RESOLVED), ("", Exit.IN_DOUBT)], ids=["asked", "nobody can say"]
)
def test_an_undo_in_flight_is_asked_for_by_a_confirm_of_its_own(tmp_path: Path, confirm: str, code: Exit) -> None:
    """Its runner dies while it acts: it is waited for, found, and not done again; without a `confirm` it is a doubt."""
    folder = place.project(tmp_path / "p", runbook=UNDOING.replace("{confirm}", confirm))
    runner = process(folder, RUN, "begin")
    until((folder / "begun-restart").exists, runner)
    (folder / "slow").write_text("3")
    until((folder / "begun-unrestart").exists, runner)
    runner.send_signal(signal.SIGKILL)
    runner.communicate()
    (folder / "slow").unlink()
    ended = place.go_on(place.opened(folder), RUN)
    assert (exit_of(ended), place.ledger(folder)) == (code, ["restart", "unrestart"])
