"""Whatever waits, the commands that go on with it are said whole."""

from __future__ import annotations

import shlex

import pytest

from runbook.report.next_steps import confirm_command, undo_command, waiting
from support import histories
from support.histories import RUN


def lines(night: str, *, alive: bool = False) -> list[str]:
    history = histories.NIGHTS[night]().history
    return [command.line for one in waiting(history, RUN, alive=alive) for command in one.commands]


def test_a_gate_offers_to_look_to_agree_to_exactly_this_and_to_refuse():
    """Every hint to approve holds the digest; a denial needs a reason."""
    digest = histories.waiting().history.open_gates[0].digest
    assert lines("waiting") == [
        f"runbook approve {RUN}",
        f"runbook approve {RUN} --digest {digest[:12]}",
        f"runbook deny {RUN} --reason TEXT",
    ]


def test_a_doubt_is_looked_at_or_settled():
    """The bare id is enough where it is unambiguous."""
    assert lines("in_doubt") == [
        f"runbook resume {RUN}",
        f"runbook resume {RUN} --end roll_back",
        f"runbook resume {RUN} --settle roll_back=applied --reason TEXT",
        f"runbook resume {RUN} --settle roll_back=not_applied --reason TEXT",
    ]


def test_a_doubt_names_the_process_that_still_runs():
    """Nothing may be settled while the command that outlived its runner runs."""
    (one,) = waiting(histories.in_doubt().history, RUN, alive=False)
    assert "process group 4711 of it still runs" in one.text


def test_a_question_offers_each_of_its_answers():
    """The step is named as people name it."""
    words = ("extend", "pass --reason TEXT", "fail --reason TEXT")  # what was seen is said with the verdict
    assert lines("asked") == [f"runbook answer {RUN} verification {value}" for value in words]


def test_a_gate_that_asks_for_a_reason_is_approved_with_one():
    """What is pasted is taken."""
    (one,) = waiting(histories.waiting(terms={"reason_required": True}).history, RUN, alive=False)
    assert one.commands[1].line.endswith(" --reason TEXT")


def test_an_interrupted_run_is_resumed():
    """Nothing else is needed; while somebody runs it nothing waits."""
    assert lines("interrupted") == [f"runbook resume {RUN}"]
    assert lines("interrupted", alive=True) == []


@pytest.mark.parametrize("night", ["resolved", "denied", "undone"])
def test_a_finished_run_waits_for_nothing(night):
    """Its gates are history."""
    assert lines(night) == []


def test_of_two_gates_each_is_named():
    """By its option, as people know it."""
    tape = histories.waiting()
    histories.gated(tape, histories.SCALE, histories.rollback())
    commands = [one.commands[0].line for one in waiting(tape.history, RUN, alive=True)]
    assert [line.split(" --gate ")[1] for line in commands] == ["rollback", "scale_up"]


def test_of_two_gates_of_one_option_each_is_named_so_that_a_shell_takes_it():
    """A key holds `#`, which is quoted."""
    tape = histories.waiting()
    histories.gated(tape, histories.ROLLBACK, histories.rollback(), number=2)
    commands = [one.commands[0].line for one in waiting(tape.history, RUN, alive=True)]
    assert [shlex.split(line)[-1] for line in commands] == [
        "resolution/rollback:approve#1",
        "resolution/rollback:approve#2",
    ]


def test_what_is_still_changed_can_be_taken_back_and_what_is_undone_cannot():
    """The undo is offered where there is something to undo."""
    assert undo_command(histories.resolved().history, RUN) == f"runbook undo {RUN}"
    assert undo_command(histories.undone().history, RUN) is None
    assert undo_command(histories.denied().history, RUN) is None


def test_commands_carry_the_flags_that_the_reader_needs():
    """A run in another store is found again by what is printed."""
    (one,) = waiting(histories.interrupted().history, RUN, alive=False, program="runbook --store x.db")
    assert one.commands[0].line == f"runbook --store x.db resume {RUN}"


def test_a_run_that_was_killed_in_the_middle_of_a_change_is_not_simply_safe():
    """Whoever reads it at night has to know that something may have been changed."""
    tape = histories.in_doubt()
    end = next(n for n, record in enumerate(tape.records) if record.type == "change.intended")
    del tape.records[end + 1 :]
    (one,) = waiting(tape.history, RUN, alive=False)
    assert one.text == (
        "nobody runs it now, and resolution/rollback/roll_back may have been applied: "
        "to go on looks first, and does nothing twice"
    )


def test_symptoms_that_nobody_could_confirm_are_confirmed_by_a_command():
    """Without a terminal nobody was asked; who sees them can say so, for the same parameters."""
    tape = histories.started()
    question = {"id": None, "purpose": "symptoms", "question": "Do you see them?", "choices": ["yes", "no"]}
    tape.add("question.opened", "symptoms:ask#1", type="string", deadline=None, **question)
    tape.add("answer.given", "symptoms:ask#1", value="no", by="runbook-engine", reason="nobody", via="engine")
    tape.add("run.finished", outcome="undetermined")
    line = confirm_command(tape.history)
    assert line is not None
    assert line.startswith("runbook run high-api-error-rate ")
    assert line.endswith(" --confirm-symptoms REASON")
    assert "-p namespace=production" in line
    tape.records[-2].data["by"] = "ann"  # who was asked has said no
    assert confirm_command(tape.history) is None


def test_nobody_is_asked_for_a_word_that_comes_too_late():
    """It would not count; whoever goes on with the run makes the expiry take effect."""
    history = histories.waiting().history
    (gate,) = waiting(history, RUN, alive=False)
    assert gate.deadline is not None
    (same,) = waiting(history, RUN, alive=False, now=gate.deadline - 1)
    assert same == gate
    (over,) = waiting(history, RUN, alive=False, now=gate.deadline + 1)
    assert [command.line for command in over.commands] == [f"runbook resume {RUN}"]
    assert over.text == "gate rollback: its time is over; to go on counts what was said until then"
    assert waiting(history, RUN, alive=True, now=gate.deadline + 1) == [gate]  # its runner does so by itself
