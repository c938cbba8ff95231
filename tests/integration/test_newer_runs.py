"""A run that a newer version has started: this one reads it, and leaves it as it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from runbook.errors import Diverged
from runbook.hosts import pinned
from runbook.hosts.past import stream_of
from runbook.journal import Actor, Draft
from support.crash import place
from support.projects import COMMAND

RUN = place.run_id(7)


def typed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.fault(89)
def test_a_run_of_a_newer_procedure_is_read_and_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is listed, shown, verified and exported; whoever resumes it is told by which version, and nothing is added."""
    folder = place.project(tmp_path / "p", runbook=place.one())
    with monkeypatch.context() as newer:
        newer.setattr(pinned, "PROCEDURE", 99)
        newer.setattr(pinned, "__version__", "9.9.9")
        place.begin(place.opened(folder), RUN, yes=False)
    before = list(place.opened(folder).journal.raw(stream_of(RUN)))
    said = typed(folder, "resume", RUN, "--yes")
    assert said.returncode == Diverged("").exit == 8
    assert "was started by runbook-engine 9.9.9, whose procedure is number 99; this one has number 1" in said.stderr
    assert f"pipx run runbook-engine==9.9.9 resume {RUN}" in said.stderr
    for words in (("runs",), ("log", "show", RUN), ("log", "verify", RUN), ("log", "export", RUN)):
        assert typed(folder, *words).returncode == 0, words
    assert list(place.opened(folder).journal.raw(stream_of(RUN))) == before
    assert place.ledger(folder) == []


@pytest.mark.fault(89)
def test_events_that_only_a_newer_version_knows_are_passed_over(tmp_path: Path) -> None:
    """One that was added without another procedure changes nothing of what a run does: it goes on, and keeps them."""
    folder = place.project(tmp_path / "p", runbook=place.one())
    of = place.opened(folder)
    place.begin(of, RUN, yes=False)
    lease = of.journal.lease(stream_of(RUN), {})
    with of.journal.writing(stream_of(RUN), lease) as writer:
        writer.tail(-1)
        data = {"seen": ["rain"], "by": {"a": "newer version"}}
        event = writer.append(Draft("weather.noted", "sky#1", data, Actor(kind="engine", id="runbook-engine")))
    lease.release()
    place.go_on(of, RUN)
    assert place.ledger(folder) == ["restart", "purge"]
    assert list(of.journal.raw(stream_of(RUN)))[event.seq] == event.bytes
    assert typed(folder, "log", "verify", RUN).returncode == 0
