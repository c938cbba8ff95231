"""Secrets are resolved at first use, once, told to the masker first, and never named by their value."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.secrets import NoSecret, Secrets, is_reference

ENVIRON = {"PATH": "/usr/bin:/bin", "TOKEN": "from-the-environment", "EMPTY": ""}


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def secrets(tmp_path: Path, told: list[str]) -> Secrets:
    return Secrets(ENVIRON, tmp_path, told.append)


def test_text_stands_for_itself_and_is_no_secret(secrets: Secrets, told: list[str]) -> None:
    """A literal is returned as it is and not handed to the masker."""
    assert secrets.resolve("plain") == "plain"
    assert told == []


def test_a_variable_is_resolved_and_told_to_the_masker(secrets: Secrets, told: list[str]) -> None:
    """The masker knows the value before anybody else has it."""
    assert secrets.resolve({"env": "TOKEN"}) == "from-the-environment"
    assert told == ["from-the-environment"]


def test_a_file_is_read_without_its_last_newline(secrets: Secrets, tmp_path: Path) -> None:
    """One line ending goes, what stands before it stays."""
    (tmp_path / "token").write_bytes(b" two\nlines \r\n")
    assert secrets.resolve({"file": "token"}) == " two\nlines "


def test_a_command_gives_what_it_prints(secrets: Secrets, told: list[str]) -> None:
    """White space around it is not part of it."""
    assert secrets.resolve({"command": ["sh", "-c", "echo; echo ' from-a-command '"]}) == "from-a-command"
    assert told == ["from-a-command"]


def test_a_secret_is_resolved_once(secrets: Secrets, tmp_path: Path, told: list[str]) -> None:
    """Also when several threads want it at the same time."""
    reference = {"command": ["sh", "-c", "echo x >> count; cat count | wc -l; sleep 0.1"]}
    threads = [threading.Thread(target=secrets.resolve, args=(reference,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "count").read_text() == "x\n"
    assert len(told) == 1


def test_nothing_is_resolved_before_it_is_wanted(tmp_path: Path) -> None:
    """Construction reads nothing."""

    class Untouchable(dict[str, str]):
        def get(self, *_: Any) -> Any:
            raise AssertionError("the environment was read")

    Secrets(Untouchable(), tmp_path / "nowhere", lambda _: None)


@pytest.mark.fault(29)
@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ({"env": "MISSING"}, "{env: MISSING} is not set; set MISSING"),
        ({"env": "EMPTY"}, "{env: EMPTY} is empty"),
        ({"env": 3}, "{env: 3} is not set"),
        ({"file": "missing"}, "{file: missing} cannot be read: No such file"),
        ({"file": "."}, "{file: .} is not a regular file"),
        ({"file": "a\0b"}, "is not a path"),
        ({"command": []}, "is not a list of strings"),
        ({"command": ["sh", "-c", "exit 3"]}, "{command: [sh, …]} cannot be had: its command exited with 3"),
        ({"vault": "x"}, "a secret is written as"),
        (None, "a secret is written as"),
    ],
)
def test_what_leads_to_no_value_is_named(secrets: Secrets, reference: Any, said: str) -> None:
    """The message names the reference, and says what to do."""
    with pytest.raises(NoSecret) as caught:
        secrets.resolve(reference)
    assert said in str(caught.value)


@pytest.mark.fault(26, 29)
def test_a_fifo_does_not_hold_us(secrets: Secrets, tmp_path: Path) -> None:
    """Only regular files are read, and opening one never waits."""
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(NoSecret, match="not a regular file"):
        secrets.resolve({"file": "fifo"})


@pytest.mark.fault(29)
@pytest.mark.parametrize(("data", "said"), [(b"x" * 65537, "larger than 64 KiB"), (b"\xff", "not UTF-8 text")])
def test_what_cannot_be_a_secret_is_refused(secrets: Secrets, tmp_path: Path, data: bytes, said: str) -> None:
    """More than 64 KiB, or not text."""
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(NoSecret, match=said):
        secrets.resolve({"file": "file"})


@pytest.mark.fault(29, 61)
def test_a_failing_command_does_not_show_what_it_printed(secrets: Secrets) -> None:
    """Its output may be the secret, its arguments may lead to it."""
    with pytest.raises(NoSecret) as caught:
        secrets.resolve({"command": ["sh", "-c", "echo hunter2; echo hunter2 >&2; exit 1"]})
    assert "hunter2" not in f"{caught.value!r} {caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize("value", ["env", {}, {"env": "A", "file": "b"}, {"other": 1}, ["env"], None])
def test_only_one_known_key_makes_a_reference(value: Any) -> None:
    """A map of other keys is a value like any other."""
    assert is_reference({"env": "A"})
    assert not is_reference(value)
