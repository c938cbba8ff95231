"""`runbook test --record RUN`: of what really happened, a scenario that passes, and is written only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cli import abort, approve, lint, resume, undo
from runbook.cli import exec as execs
from runbook.cli import run as runs_a_runbook
from runbook.cli import test as command
from runbook.cli.recording import Options, record
from runbook.errors import Exit, UsageError
from support.sessions import PRACTICE, session

CHOSEN = "runbooks/practice.scenarios.yaml"


def started(folder: Path, **keys: object) -> str:
    (folder / "broken").touch()
    heard = session(folder)
    runs_a_runbook.run(heard, runs_a_runbook.Options("practice", output="json", **keys))  # type: ignore[arg-type]
    return str(heard.json["run"])


def test_a_real_run_becomes_a_scenario_that_lints_and_passes(tmp_path: Path) -> None:
    """Only what the runbook reads is in it; by default it goes to stdout."""
    run = started(tmp_path, yes=True)
    heard = session(tmp_path)
    assert record(heard, Options(run[:10])) == Exit.OK
    text = heard.out.getvalue()
    assert "after: rm" in text
    assert "stdout" not in text
    assert "played: it comes out as the run did" in heard.err.getvalue()
    (tmp_path / CHOSEN).write_text(text)
    assert lint.lint(session(tmp_path), lint.Options((tmp_path / CHOSEN,))) == Exit.OK
    tested = session(tmp_path)
    assert command.test(tested, command.Options()) == Exit.OK
    assert "1 passed" in tested.err.getvalue()


def test_a_run_that_people_answered_keeps_their_words(tmp_path: Path) -> None:
    """Who said yes; that it was gone on with is told, because a scenario goes through."""
    run = started(tmp_path)
    approve.approve(session(tmp_path), approve.Options(run, digest=_digest(tmp_path, run)))
    resume.resume(session(tmp_path), resume.Options(run))
    heard = session(tmp_path)
    assert record(heard, Options(run, output="json")) == Exit.OK
    said = heard.json
    assert (said["passed"], said["path"]) == (True, None)
    assert said["not_turned"] == ["the run was interrupted and gone on with; here it goes through"]
    assert "granted_by: [" in said["document"]


def test_a_run_of_one_option_that_somebody_aborted_at_its_gate_can_be_said(tmp_path: Path) -> None:
    """Which option was chosen, and who ended the run why."""
    run = started(tmp_path, only=("other",))
    abort.abort(session(tmp_path), abort.Options(run, "the other team does it"))
    heard = session(tmp_path)
    assert record(heard, Options(run, output="json")) == Exit.OK
    said = heard.json
    assert said["passed"] and not any("abort" in line or "option" in line for line in said["not_turned"])
    assert "only: [other]" in said["document"] and "aborted_by: " in said["document"]
    assert "reason: the other team does it" in said["document"]


def _digest(folder: Path, run: str) -> str:
    from runbook.core.history import history

    return history(session(folder).place.journal.read(f"run/{run}")).open_gates[0].digest


def test_what_does_not_come_out_as_it_did_is_not_written(tmp_path: Path) -> None:
    """The runbook is another one since: that is said, with what came instead; by force it is written all the same."""
    run = started(tmp_path, yes=True)
    other = PRACTICE.replace("  - id: remove\n", '  - id: remove\n    when: "false"\n')
    target = tmp_path / "new.yaml"
    heard = session(tmp_path, runbook=other)
    assert record(heard, Options(run, to=target)) == Exit.INVALID
    assert not target.exists()
    said = heard.err.getvalue()
    assert "practice is another one than it was in the run; it was played as it is now" in said
    assert "    - resolved\n    + denied" in said
    assert "nothing is written" in said
    assert record(session(tmp_path, runbook=other), Options(run, to=target, force=True)) == Exit.INVALID
    assert "kind: Scenario" in target.read_text()


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """Unless by force."""
    run = started(tmp_path, yes=True)
    (tmp_path / CHOSEN).write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        record(session(tmp_path), Options(run, to=tmp_path / CHOSEN))
    assert (tmp_path / CHOSEN).read_text() == "mine"
    assert record(session(tmp_path), Options(run, to=tmp_path / CHOSEN, force=True)) == Exit.OK


def test_what_no_runbook_did_in_the_world_cannot_be_recorded(tmp_path: Path) -> None:
    """A run that is open, a dry run, an undo, and what was done by hand: each says why, and what to do."""
    waiting = started(tmp_path)
    with pytest.raises(UsageError, match="is not over"):
        record(session(tmp_path), Options(waiting))
    heard = session(tmp_path)
    execs.exec_(heard, execs.Options(waiting, ("true",), yes=True, output="json"))
    with pytest.raises(UsageError, match="was done by hand"):
        record(session(tmp_path), Options(str(heard.json["run"])))


def test_an_undo_and_a_dry_run_are_no_nights(tmp_path: Path) -> None:
    """Nothing was answered, or there is no runbook."""
    run = started(tmp_path, yes=True)
    heard = session(tmp_path)
    undo.undo(heard, undo.Options(run, yes=True, output="json"))
    with pytest.raises(UsageError, match="takes back what"):
        record(session(tmp_path), Options(str(heard.json["run"])))
    dry = started(tmp_path, dry_run=True)
    with pytest.raises(UsageError, match="dry run"):
        record(session(tmp_path), Options(dry))
