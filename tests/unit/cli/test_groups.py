"""Groups of commands: what a mistyped or a missing word is answered with."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from runbook import __version__
from runbook.cli.main import carried_out
from runbook.errors import Exit


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("log verfy", "verify"),
        ("store chek", "check"),
        ("incident declre", "declare"),
        ("follow-ups lst", "list"),
        ("obligations fil", "file"),
    ],
)
def test_a_mistyped_command_of_a_group_gets_the_nearest(
    line: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, the words as they were typed, and what was probably meant."""
    assert carried_out(line.split()) == Exit.USAGE
    said = capsys.readouterr().err
    assert said == f"runbook: there is no command '{line}'\n  did you mean '{near}'?\n"


@pytest.mark.parametrize("name", ["log", "store", "seal", "audit", "actions", "incident"])
def test_a_group_alone_shows_its_help_and_nothing_else(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody did anything wrong by asking, so no error stands before or after it; a script sees exit code 2."""
    assert carried_out([name]) == Exit.USAGE
    shown = capsys.readouterr()
    assert carried_out([name, "--help"]) == Exit.OK
    assert (shown.out, shown.err.strip()) == ("", capsys.readouterr().out.strip())
    assert "..." not in shown.err.partition("Commands:")[2]


def test_follow_ups_alone_lists_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What its line in the help promises needs no second word."""
    assert carried_out(["-C", str(tmp_path), "follow-ups"]) == Exit.OK
    assert capsys.readouterr().err == "nothing temporary is left to be taken back\n"


def test_the_package_is_the_command_where_it_is_run_and_nothing_where_it_is_imported() -> None:
    """`python -m runbook` needs no script on the PATH."""
    argv = [sys.executable, "-m", "runbook", "--version"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert said == f"runbook {__version__}\n"
    import_module("runbook.__main__")
