"""Whatever happens leaves through one door: a code, a sentence, and what to do next."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from runbook.cli import bug
from runbook.cli.main import carried_out, wants_json
from runbook.cli.root import COMMANDS, root
from runbook.cli.streams import Masking
from runbook.core.masking import Masker
from runbook.document.findings import Finding
from runbook.errors import DocumentError, Exit, Refused, RunbookError, Unreachable


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return monkeypatch


def fails(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Every command ends like this."""

    @click.command(context_settings={"ignore_unknown_options": True})
    @click.argument("words", nargs=-1)
    def command(words: tuple[str, ...]) -> None:
        raise error

    monkeypatch.setattr(root, "get_command", lambda _ctx, _name: command)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unreachable("no answer", hint="look at the network"), Exit.UNDETERMINED),
        (Refused("held", hint="wait"), Exit.BLOCKED),
        (KeyboardInterrupt(), Exit.INTERRUPTED),
        (click.UsageError("what?"), Exit.USAGE),
    ],
)
def test_every_error_has_its_exit_code(
    error: BaseException, code: Exit, raising: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence goes to stderr with its hint; stdout stays empty."""
    fails(raising, error)
    assert carried_out(["list"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.lstrip().startswith("runbook: ")
    if isinstance(error, RunbookError):
        assert err == f"runbook: {error.message}\n  {error.hint}\n"


def test_with_json_an_error_is_one_object_too(raising: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With its stable code, the hint, and every finding."""
    finding = Finding(path="a.yaml", line=1, column=2, code="RB001", message="wrong")
    fails(raising, DocumentError([finding]))
    assert carried_out(["list", "--output", "json"]) == Exit.INVALID
    said = json.loads(capsys.readouterr().out)
    assert said["error"]["code"] == "invalid-document"
    assert said["error"]["findings"][0]["message"] == "wrong"
    assert said["exit"] == {"code": 3, "name": "invalid"}


def test_what_nobody_expected_is_written_down_for_an_issue(
    raising: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Version, command and traceback in a file whose path is shown."""
    fails(raising, KeyError("lost"))
    assert carried_out(["run", "a b"]) == Exit.BUG
    [report] = (tmp_path / "state" / "runbook" / "bugs").iterdir()
    assert str(report) in capsys.readouterr().err
    text = report.read_text()
    assert "command: runbook run 'a b'" in text
    assert "KeyError: 'lost'" in text
    assert text.startswith("runbook 0.")


@pytest.mark.fault(96)
def test_a_bug_is_told_even_where_no_file_can_be_written(
    raising: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report is on the screen then."""
    (tmp_path / "state").write_text("in the way")
    fails(raising, KeyError("lost"))
    assert carried_out(["list"]) == Exit.BUG
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.fault(61)
@pytest.mark.parametrize("writable", [True, False])
def test_a_report_holds_no_secret(
    writable: bool, raising: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither what went wrong nor the command line tells one, in the file or on the screen."""
    masking = Masking()
    masking.masker = Masker(["hunter2\t'and\\more"])
    if not writable:
        (tmp_path / "state").write_text("in the way")
    fails(raising, KeyError("hunter2\t'and\\more"))
    assert carried_out(["list", "hunter2\t'and\\more", "--output", "json"], masking) == Exit.BUG
    out, err = capsys.readouterr()
    kept = "".join(path.read_text() for path in (tmp_path / "state").glob("runbook/bugs/*"))
    assert bool(kept) is writable
    assert "hunter2" not in out + err + kept
    assert "KeyError" in err


def test_no_error_tells_the_password_of_a_url(
    raising: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which stands in the command line, and in what a library says of an address."""
    fails(raising, ValueError("no answer of postgresql://me:pw@db:5432/x, nor of https://db:5432/me@x"))
    assert carried_out(["--store", "postgresql://me:p%40w@db/runs", "list"]) == Exit.BUG
    [report] = (tmp_path / "state" / "runbook" / "bugs").iterdir()
    for told in (report.read_text(), capsys.readouterr().err):
        assert "postgresql://me:***@db:5432/x, nor of https://db:5432/me@x" in told
    assert "postgresql://me:***@db/runs" in report.read_text()


def test_a_report_tells_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is meant to be pasted where everybody reads it."""
    monkeypatch.setenv("PROMETHEUS_AUTHORIZATION", "hunter2")
    try:
        raise ValueError("x")
    except ValueError as error:
        assert "hunter2" not in bug.report(["list"], error)


def test_an_unknown_command_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """And is a usage error."""
    assert carried_out(["lnit"]) == Exit.USAGE
    assert "there is no command 'lnit'\n  did you mean 'init'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "json_"),
    [
        ("run x --output json", True),
        ("run x --output=jsonl", True),
        ("run x --output text", False),
        ("run json", False),
        ("run x --output", False),
        ("", False),
    ],
)
def test_json_is_seen_in_the_words_themselves(line: str, json_: bool) -> None:
    """A line that does not parse is answered in the format that it asks for."""
    assert wants_json(line.split()) is json_


@pytest.mark.parametrize("name", [name for section in COMMANDS.values() for name in section])
def test_every_command_of_the_table_is_there_with_help_and_an_example(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--help` lists nothing that cannot be typed, and every help shows how."""
    assert carried_out([name, "--help"]) == Exit.OK
    shown = capsys.readouterr().out
    assert f"Usage: runbook {name}" in shown
    assert "Example" in shown
    assert f"  runbook {name}" in shown.partition("Example")[2]


@pytest.mark.parametrize("name", root.list_commands(click.Context(root)))
def test_each_command_tells_how_it_is_used(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command that is listed can be asked, and takes no option twice."""
    assert carried_out([name, "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


ENDING = """
import atexit, sys
from runbook.cli.main import main
door = sys.modules["runbook.cli.main"]
def carried_out(arguments, masking):
    atexit.register(print, "closed")
    print("said", end=" ")
    return 6
door.carried_out = carried_out
main([])
"""


def test_a_process_ends_with_its_code_after_all_that_was_asked_for_at_its_end() -> None:
    """Stores are closed, and what was written and not sent yet gets out, although the interpreter is not dismantled."""
    done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (6, "said closed\n", "")


def test_a_full_disk_is_no_bug_of_ours(raising: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said as what it is, and nobody is asked to write an issue."""
    fails(raising, OSError(errno.ENOSPC, "No space left on device"))
    assert carried_out(["list"]) == Exit.UNDETERMINED
    assert capsys.readouterr().err.startswith(
        "runbook: nothing more can be written: No space left on device\n  make room"
    )


@pytest.mark.parametrize("name", ["actions", "audit", "follow-ups", "log", "seal", "store"])
def test_the_help_of_a_group_cuts_no_summary_off(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a command does is read to the end, on as many lines as it takes."""
    assert carried_out([name, "--help"]) == 0
    assert "...\n" not in capsys.readouterr().out.replace("[ARGS]...", "")


def test_an_example_that_begins_with_another_program_is_shown_as_it_is_typed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`runbook kubectl` is no command of ours."""
    assert carried_out(["note", "--help"]) == 0
    assert "\n    kubectl describe pod api-0 | runbook note 01jd -\n" in capsys.readouterr().out
