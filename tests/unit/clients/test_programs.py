"""A program's name means one file, found as `execvp` would find it, or there is an error that says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.clients.programs import NotExecutable, NotFound, refusal, resolve


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    return tmp_path


def program(path: Path, mode: int = 0o755) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return str(path)


def search(folder: Path) -> dict[str, str]:
    return {"PATH": f"{folder}/first:{folder}/second"}


def test_the_first_on_path_is_meant(folder: Path) -> None:
    """PATH is read in order, from the environment that the command will have."""
    second = program(folder / "second" / "tool")
    assert resolve("tool", search(folder), folder) == second
    first = program(folder / "first" / "tool")
    assert resolve("tool", search(folder), folder) == first


def test_what_cannot_be_executed_is_passed_over(folder: Path) -> None:
    """A folder or a plain file of that name does not hide the program behind it."""
    program(folder / "first" / "tool", mode=0o644)
    tool = program(folder / "second" / "tool")
    assert resolve("tool", search(folder), folder) == tool
    (folder / "first" / "other").mkdir()
    other = program(folder / "second" / "other")
    assert resolve("other", search(folder), folder) == other


def test_a_name_with_a_slash_is_a_path_from_the_folder(folder: Path) -> None:
    """PATH is not asked; dots are resolved, so that a plan names one file in one way."""
    tool = program(folder / "bin" / "tool")
    assert resolve("bin/tool", search(folder), folder) == tool
    assert resolve("./bin/../bin/tool", {}, folder) == tool
    assert resolve(tool, {}, "/") == tool


def test_a_plain_file_alone_is_not_executable(folder: Path) -> None:
    """It is told from one that is not there."""
    program(folder / "first" / "tool", mode=0o644)
    with pytest.raises(NotExecutable, match="may not be executed"):
        resolve("tool", search(folder), folder)


@pytest.mark.parametrize("name", ["", "no-such", "./no-such", "a\0b", "x" * 300, ".", ".."], ids=repr)
def test_a_name_that_leads_nowhere_is_not_found(folder: Path, name: str) -> None:
    """Whatever it is made of."""
    with pytest.raises(NotFound):
        resolve(name, search(folder), folder)


@pytest.mark.fault(63)
def test_a_shortage_is_the_systems_not_the_programs(folder: Path) -> None:
    """No process, no memory: said as what it is."""
    for number, said in ((11, "limit of processes"), (12, "not enough memory"), (23, "system has too many files")):
        assert said in refusal(OSError(number, "?"), "tool", str(folder / "tool"), folder).message
