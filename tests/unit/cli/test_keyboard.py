"""Lines are read from a real terminal, and a question can be withdrawn while somebody types."""

from __future__ import annotations

import os
import pty
import signal
import threading
from collections.abc import Iterator

import pytest

from runbook.cli.keyboard import Keyboard, Withdrawn


class Terminal:
    """Both ends of a terminal: `hand` types, `keyboard` reads; `shown` is what was asked."""

    def __init__(self) -> None:
        self.hand, self._end = pty.openpty()
        self.shown: list[str] = []
        self.asked = threading.Event()
        self.keyboard = Keyboard(self._end, self._write)

    def _write(self, text: str) -> None:
        self.shown.append(text)
        self.asked.set()

    def types(self, text: bytes) -> None:
        """As soon as something was asked."""

        def hand() -> None:
            assert self.asked.wait(5)
            os.write(self.hand, text)

        threading.Thread(target=hand).start()

    def close(self) -> None:
        self.keyboard.close()
        os.close(self.hand)
        os.close(self._end)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    made.close()


def test_a_line_is_what_was_typed_without_its_edges(terminal: Terminal) -> None:
    """The prompt stands before it."""
    terminal.types(b"  yes \n")
    assert terminal.keyboard.line("Apply? ") == "yes"
    assert terminal.shown == ["Apply? "]


def test_the_end_of_input_is_no_line(terminal: Terminal) -> None:
    """Ctrl-D on an empty line."""
    terminal.types(b"\x04")
    assert terminal.keyboard.line("Apply? ") is None


def test_what_was_typed_ahead_can_be_forgotten(terminal: Terminal) -> None:
    """Once it is forgotten: a `y` too many for the last gate must not open the next one."""
    os.write(terminal.hand, b"y\n")
    terminal.keyboard.forget()
    terminal.types(b"n\n")
    assert terminal.keyboard.line("Apply? ") == "n"


def test_a_question_is_withdrawn_while_somebody_types(terminal: Terminal) -> None:
    """Half a line answers nothing."""

    def elsewhere() -> None:
        assert terminal.asked.wait(5)
        os.write(terminal.hand, b"ye")
        terminal.keyboard.withdraw()

    threading.Thread(target=elsewhere).start()
    with pytest.raises(Withdrawn):
        terminal.keyboard.line("Apply? ")


def test_a_withdrawal_that_nobody_heard_is_taken_back(terminal: Terminal) -> None:
    """It was meant for a question that had been answered by then."""
    terminal.keyboard.withdraw()
    terminal.keyboard.ready()
    terminal.types(b"yes\n")
    assert terminal.keyboard.line("Apply? ") == "yes"


def test_what_is_asked_is_shown_again_when_the_process_goes_on_after_ctrl_z(terminal: Terminal) -> None:
    """The shell has written over it meanwhile; nothing is answered by that."""

    def elsewhere() -> None:
        assert terminal.asked.wait(5)
        terminal.asked.clear()
        os.kill(os.getpid(), signal.SIGCONT)
        assert terminal.asked.wait(5)
        os.write(terminal.hand, b"yes\n")

    threading.Thread(target=elsewhere).start()
    assert terminal.keyboard.line("Apply? ") == "yes"
    assert terminal.shown == ["Apply? ", "Apply? "]


def test_a_withdrawal_holds_until_somebody_is_ready(terminal: Terminal) -> None:
    """A dialogue that asks for one thing more is withdrawn too."""
    terminal.keyboard.withdraw()
    for _ in range(2):
        with pytest.raises(Withdrawn):
            terminal.keyboard.line("Apply? ")
