"""What runs have left changed."""

from __future__ import annotations

from runbook.core.history import History
from runbook.incident.declared import Agrees, Manifest
from runbook.incident.leftovers import leftovers
from support.histories import RUN, Tape, resolved, undone


def left(past: History, **more: object) -> list[str]:
    return [one.key for one in leftovers(RUN, past, **more)]  # type: ignore[arg-type]


def test_what_helped_is_left_with_what_it_was_before() -> None:
    """Its option, its fields before and after, and the command that takes it back."""
    (one,) = leftovers(RUN, resolved().history)
    assert (one.option, one.target, one.undo) == ("rollback", "Deployment production/api", f"runbook undo {RUN}")
    assert one.fields[0].before == {"hash": "7f9c", "images": {"api": "api:7"}}
    assert not one.to_do


def test_what_was_taken_back_is_not_left() -> None:
    """By the run itself, or by another."""
    past = resolved().history
    assert left(undone().history) == []
    assert left(past, gone=[past.applied[0].key]) == []


def temporary(tape: Tape) -> Tape:
    change = {"key": "resolution/rollback/roll_back:apply#1", "path": "resolution/rollback/roll_back", "summary": "x"}
    words = {"option": "rollback", "since": tape.now, "due": tape.now + 3600, "changes": [change]}
    return tape.add("note.added", about="follow_up", undo=f"runbook undo {RUN}", **words)


def test_what_is_temporary_says_until_when_and_is_to_be_done() -> None:
    """Somebody has to take it back."""
    tape = temporary(resolved())
    (one,) = leftovers(RUN, tape.history)
    assert one.due == tape.history.follow_ups["rollback"].due
    assert one.temporary and one.to_do


def test_a_closed_follow_up_is_settled() -> None:
    """Somebody said what became of it."""
    tape = temporary(resolved())
    tape.add("note.added", who="ben", about="follow_up_closed", option="rollback", reason="in git now")
    assert left(tape.history) == []


def test_a_manifest_that_says_otherwise_is_to_be_done() -> None:
    """The next deployment would take the rollback's replicas back; nobody knows of its template."""
    api = {"kind": "Deployment", "metadata": {"name": "api"}, "spec": {}}
    (one,) = leftovers(RUN, resolved().history, manifests=[Manifest("deploy/api.yaml", api)])
    assert one.fields[0].agrees is Agrees.UNKNOWN
    assert one.fields[0].file == "deploy/api.yaml"
