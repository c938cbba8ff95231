"""Two runs and one target: the second waits with the holder shown, and goes on when the first has ended."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from runbook.errors import Exit
from runbook.hosts import guests
from runbook.hosts.past import stream_of
from runbook.hosts.ports import exit_of
from support.crash import place
from support.crash.alone import Sits, ended, process, until

FIRST, SECOND = place.run_id(20), place.run_id(21)
TWIN = place.one().replace("name: queue", "name: twin")


@pytest.fixture
def of(tmp_path: Path) -> place.Project:
    """Two runbooks with the same change, of which one is under way and holds the target."""
    folder = place.project(tmp_path / "p", runbook=place.one(), confirm=True)
    twin = TWIN
    for step in ("restart", "purge"):
        twin = twin.replace(f"{{confirm_{step}}}", f", confirm: {{argv: [bin/did, {step}]}}")
    (folder / "twin.yaml").write_text(twin)
    (folder / "slow").write_text("1")
    return place.opened(folder)


def holding(of: place.Project) -> subprocess.Popen[str]:
    """The first run, in the middle of its change."""
    runner = process(of.root, FIRST, "begin")
    until((of.root / "begun-restart").exists, runner)
    return runner


@pytest.mark.fault(87)
def test_a_second_run_on_the_target_is_suspended_with_the_holder_shown(of: place.Project) -> None:
    """Nobody is there to wait: exit 8, nothing applied, and the run that holds the target is named."""
    runner = holding(of)
    seen = place.Unseen()
    assert exit_of(place.begin(of, SECOND, name="twin", watcher=seen)) is Exit.BLOCKED
    assert any(stream_of(FIRST) in what for what in seen.holders)
    assert place.told(of.journal, SECOND).intents == {}
    assert ended(runner)[0] == Exit.OK
    (of.root / "slow").unlink()
    assert exit_of(place.go_on(of, SECOND)) is Exit.OK
    assert place.ledger(of.root) == ["restart", "purge"] * 2


def test_where_somebody_waits_the_second_run_goes_on_by_itself(of: place.Project) -> None:
    """At a terminal it waits until the first has ended, and then plans anew."""
    runner = holding(of)
    ends: list[Exit] = []
    second = place.opened(of.root)
    seen = place.Unseen()
    waits = threading.Thread(
        target=lambda: ends.append(exit_of(place.begin(second, SECOND, name="twin", desk=Sits(), watcher=seen)))
    )
    waits.start()
    assert ended(runner)[0] == Exit.OK
    waits.join(30)
    assert ends == [Exit.OK]
    assert seen.holders
    assert place.ledger(of.root) == ["restart", "purge"] * 2
    assert of.journal.locks() == []


@pytest.mark.fault(87)
def test_a_killed_run_holds_its_target_until_it_is_ended(of: place.Project) -> None:
    """What it left half done is still its own: the second waits until somebody resumes or aborts the first."""
    runner = holding(of)
    runner.kill()
    ended(runner)
    (of.root / "slow").unlink()
    assert exit_of(place.begin(of, SECOND, name="twin")) is Exit.BLOCKED
    guests.abort(of.place, FIRST, "not any more")
    assert exit_of(place.go_on(of, FIRST)) is Exit.REFUSED
    assert exit_of(place.go_on(of, SECOND)) is Exit.OK
    assert place.ledger(of.root) == ["restart", "restart", "purge"]
