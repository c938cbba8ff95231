"""Lines from a terminal, read so that a question can be withdrawn while somebody types the answer.

The terminal stays as it is (its own line editing, its own Ctrl-C); we only wait for it and for a word from another
thread at once.
"""

from __future__ import annotations

import os
import select
import signal
import termios
import threading
from collections.abc import Callable
from typing import Any

_WITHDRAWN, _CONTINUED = b"x", b"c"


class Withdrawn(Exception):
    """Nobody needs the answer any more."""


class Keyboard:
    """The terminal at a file descriptor. `write` shows text without a line end."""

    def __init__(self, descriptor: int, write: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._write = write
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._woken, False)
        self._before = _heard(lambda: os.write(self._wake, _CONTINUED))

    def line(self, prompt: str) -> str | None:
        """What is typed after the prompt, stripped; None at its end (Ctrl-D). Raises Withdrawn."""
        self._write(prompt)
        typed = b""
        while not typed.endswith(b"\n"):
            ready, _, _ = select.select([self._descriptor, self._woken], [], [])
            if self._woken in ready:
                self._woke(prompt)
                continue
            try:
                chunk = os.read(self._descriptor, 4096)
            except OSError:  # the terminal is gone
                return None
            if not chunk:
                self._write("\n")
                return None
            typed += chunk
        return typed.decode(errors="replace").strip()

    def _woke(self, prompt: str) -> None:
        """Withdrawn, until somebody is `ready` again; or continued after Ctrl-Z: what is asked is not seen any more."""
        why = os.read(self._woken, 64)
        if _WITHDRAWN in why:
            self.withdraw()
            self._write("\n")
            raise Withdrawn
        self._write(prompt)

    def withdraw(self) -> None:
        """End the wait of another thread, now or as soon as it begins."""
        os.write(self._wake, _WITHDRAWN)

    def ready(self) -> None:
        """Take back a withdrawal that nobody heard."""
        try:
            while os.read(self._woken, 64):
                continue
        except BlockingIOError:
            return

    def close(self) -> None:
        """Let the pipe go."""
        if self._before is not None:
            signal.signal(signal.SIGCONT, self._before)
        os.close(self._woken)
        os.close(self._wake)

    def forget(self) -> None:
        """Drop what was typed ahead: a `y` too many for the last gate must not open the next one."""
        try:
            termios.tcflush(self._descriptor, termios.TCIFLUSH)
        except termios.error:
            return


def _heard(continued: Callable[[], object]) -> Any:
    """Have it called when the process goes on after Ctrl-Z; what was called before, None where signals are not ours."""
    if threading.current_thread() is not threading.main_thread():
        return None
    return signal.signal(signal.SIGCONT, lambda *_: continued())
