"""Work by hand within a run: a run of its own, linked both ways."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from runbook.cli import exec as execs
from runbook.cli import log, note, resume, runs, undo, watch
from runbook.cli import run as runs_a_runbook
from runbook.errors import Exit, Refused, UsageError
from support.sessions import Heard, session

CONFIG = "apiVersion: runbook/v1\nkind: Config\nstore: sqlite:///.runbook/journal.db\npolicy: policy.yaml\n"
POLICY = """\
apiVersion: runbook/v1
kind: Policy
people: {me: {user: root}, other: {user: nobody}}
commands: {read: [[test, -e, "*"]]}
approvals: {change: {from: [other]}}
"""


@pytest.fixture
def waiting(tmp_path: Path) -> str:
    """A run that waits at its gate."""
    (tmp_path / "broken").touch()
    heard = session(tmp_path)
    assert runs_a_runbook.run(heard, runs_a_runbook.Options("practice", output="json")) == Exit.WAITING
    return str(heard.json["run"])


def do(folder: Path, run: str, *argv: str, **more: Any) -> tuple[Exit, Heard]:
    heard = session(folder)
    return execs.exec_(heard, execs.Options(run, argv, **more)), heard


def told(folder: Path, run: str) -> dict[str, Any]:
    heard = session(folder)
    watch.watch(heard, watch.Options(run, output="json"))
    return heard.json


def test_a_read_needs_no_gate_and_its_output_is_data(tmp_path: Path, waiting: str) -> None:
    """stdout is the command's; the run that it belongs to says what was done."""
    exit_, heard = do(tmp_path, waiting, "echo", "a {{ b }}", read=True, reason="to see")
    assert (exit_, heard.out.getvalue()) == (Exit.OK, "a {{ b }}\n")
    [done] = told(tmp_path, waiting)["execs"]
    assert (done["argv"], done["effect"], done["outcome"], done["exit_code"], done["asked"]) == (
        ["echo", "a {{ b }}"], "read", "resolved", 0, "to see",
    )  # fmt: skip


def test_a_change_passes_a_gate_and_is_done_once(tmp_path: Path, waiting: str) -> None:
    """Off a terminal it waits; approved, it is resumed like any run, and noted where it belongs."""
    exit_, heard = do(tmp_path, waiting, "touch", "made", output="json")
    assert (exit_, (tmp_path / "made").exists(), heard.json["within"]) == (Exit.WAITING, False, waiting)
    assert told(tmp_path, waiting)["execs"][0]["outcome"] is None
    assert resume.resume(session(tmp_path), resume.Options(heard.json["run"], yes=True)) == Exit.OK
    assert (tmp_path / "made").exists()
    [done] = told(tmp_path, waiting)["execs"]
    assert (done["run"], done["outcome"], done["exit_code"]) == (heard.json["run"], "resolved", 0)


def test_the_commands_own_exit_code_is_told(tmp_path: Path, waiting: str) -> None:
    """Not 0 is 5, with its output; a program that is not there was not run."""
    exit_, heard = do(tmp_path, waiting, shell="echo out; echo err >&2; exit 3", yes=True, output="json")
    assert (exit_, heard.json["steps"][0]["output"]["exit_code"]) == (Exit.NOT_RESOLVED, 3)
    exit_, heard = do(tmp_path, waiting, shell="echo out; echo err >&2; exit 3", yes=True)
    assert (heard.out.getvalue(), "ended with 3" in heard.err.getvalue()) == ("out\n", True)
    exit_, heard = do(tmp_path, waiting, "nonesuch-program", read=True)
    assert (exit_, "not run: nonesuch-program" in heard.err.getvalue()) == (Exit.UNDETERMINED, True)
    assert [done["exit_code"] for done in told(tmp_path, waiting)["execs"]] == [3, 3, None]


def test_a_finished_run_takes_more_work_and_notes(tmp_path: Path, waiting: str) -> None:
    """Its record goes on, and verifies."""
    resume.resume(session(tmp_path), resume.Options(waiting, yes=True))
    do(tmp_path, waiting, "echo", "after", read=True)
    assert note.note(session(tmp_path), note.Options(waiting, "it was DNS")) == Exit.OK
    run = told(tmp_path, waiting)
    assert (run["outcome"], len(run["execs"]), run["notes"][0]["text"]) == ("resolved", 1, "it was DNS")
    heard = session(tmp_path)
    assert log.verify(heard, log.Options()) == Exit.OK


def test_what_was_done_by_hand_is_told_in_the_report_in_order(tmp_path: Path, waiting: str) -> None:
    """With who, what and how it ended; and how to go on with what waits."""
    do(tmp_path, waiting, "echo", "first", read=True)
    do(tmp_path, waiting, "touch", "second", title="The second")
    note.note(session(tmp_path), note.Options(waiting, "third"))
    heard = session(tmp_path)
    watch.watch(heard, watch.Options(waiting))
    said = heard.err.getvalue()
    report = said[said.rindex("By hand") :]
    places = [
        report.index(word) for word in ("run echo first", "ended with 0", "The second", "runbook resume", "third")
    ]
    assert places == sorted(places)


def test_a_list_of_runs_hides_what_was_done_by_hand(tmp_path: Path, waiting: str) -> None:
    """Unless all of them are asked for."""
    do(tmp_path, waiting, "true", read=True)
    heard = session(tmp_path)
    runs.runs(heard, runs.Options(output="json"))
    assert [row["run"] for row in heard.json["runs"]] == [waiting]
    runs.runs(heard, runs.Options(output="json", every=True))
    assert [row["within"] for row in heard.json["runs"]] == [waiting, None]


def test_work_within_work_belongs_to_the_run_around_it(tmp_path: Path, waiting: str) -> None:
    """Whoever pastes the wrong id finds everything in one place."""
    _, heard = do(tmp_path, waiting, "true", read=True, output="json")
    _, again = do(tmp_path, heard.json["run"], "true", read=True, output="json")
    assert again.json["within"] == waiting
    assert len(told(tmp_path, waiting)["execs"]) == 2


def test_with_a_policy_a_read_is_believed_only_where_it_is_listed(tmp_path: Path, waiting: str) -> None:
    """`--read` is a claim; nobody passes a gate by claiming it."""
    (tmp_path / "runbook.yaml").write_text(CONFIG)
    (tmp_path / "policy.yaml").write_text(POLICY)
    with pytest.raises(Refused, match="does not list this command as one that only reads"):
        do(tmp_path, waiting, "rm", "broken", read=True)
    assert do(tmp_path, waiting, "test", "-e", "broken", read=True)[0] == Exit.OK
    exit_, heard = do(tmp_path, waiting, "touch", "made", yes=True)
    assert (exit_, (tmp_path / "made").exists()) == (Exit.WAITING, False)
    assert "other" in heard.err.getvalue()


def test_the_command_runs_where_the_person_is(tmp_path: Path, waiting: str) -> None:
    """Not in the project's folder, as steps of the library do."""
    inside = tmp_path / "deploy" / "{{ x }}"
    inside.mkdir(parents=True)
    heard = session(tmp_path)
    there = Heard(inside, config=tmp_path / "runbook.yaml", environ=heard.environ, stdout=(out := StringIO()))
    there.stderr, there.stdin = StringIO(), StringIO()
    execs.exec_(there, execs.Options(waiting, ("pwd",), read=True))
    assert out.getvalue().strip() == str(inside)


def test_a_change_that_cannot_be_taken_back_says_so(tmp_path: Path, waiting: str) -> None:
    """What was typed has no undo."""
    _, heard = do(tmp_path, waiting, "touch", "made", yes=True, output="json")
    assert heard.json["undo"] is None
    assert undo.undo(session(tmp_path), undo.Options(heard.json["run"], yes=True)) != Exit.OK


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give a command"),
        ({"argv": ("ls",), "shell": "ls"}, "not both"),
        ({"shell": "  "}, "nothing to run"),
        ({"argv": ("ls",), "timeout": "soon"}, "--timeout"),
        ({"argv": ("ls",), "timeout": "25h"}, "longer than 1d"),
        ({"argv": ("ls",), "step": "rmm"}, "has no step 'rmm'"),
        ({"argv": ("echo", "\udcff")}, "not text in UTF-8"),
        ({"argv": ("echo", "x" * 20_000)}, "longer than"),
    ],
)
def test_what_cannot_be_run_is_a_usage_error(tmp_path: Path, waiting: str, given: dict[str, Any], said: str) -> None:
    """Before anything is recorded."""
    with pytest.raises(UsageError, match=said):
        execs.exec_(session(tmp_path), execs.Options(waiting, **given))
    assert told(tmp_path, waiting)["execs"] == []


def test_a_secret_is_not_typed_into_a_command(tmp_path: Path, waiting: str) -> None:
    """It would be masked in the record, and the record would not say what is run."""
    heard = session(tmp_path)
    heard.project.journal.masker.add("correct-horse-battery")
    with pytest.raises(UsageError, match="holds a secret"):
        execs.exec_(heard, execs.Options(waiting, ("login", "correct-horse-battery"), read=True))


def test_a_note_has_words(tmp_path: Path, waiting: str) -> None:
    """From the command line or stdin, masked like everything; an empty one is a usage error."""
    heard = session(tmp_path)
    heard.project.journal.masker.add("correct-horse-battery")
    heard.stdin = StringIO("line one\ncorrect-horse-battery\n")
    assert note.note(heard, note.Options(waiting, "-", "json")) == Exit.OK
    [found] = told(tmp_path, waiting)["notes"]
    assert found["text"].startswith("line one\n")
    assert "horse" not in json.dumps(found) + heard.out.getvalue()
    for empty in ("", " \n", "x" * 70_000):
        with pytest.raises(UsageError, match=r"empty|longer than"):
            note.note(session(tmp_path), note.Options(waiting, empty))
