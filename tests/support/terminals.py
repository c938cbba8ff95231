"""A person at a terminal: types a command, reads the screen, answers what is asked."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pexpect

_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """One command on a terminal of its own. What is expected and read is plain: without colours and cursor moves."""

    def __init__(self, folder: Path, *words: str, environ: Mapping[str, str], columns: int = 100) -> None:
        self._command: Any = pexpect.spawn(
            sys.executable,
            ["-c", "from runbook.cli import main; main()", *words],
            cwd=str(folder),
            env={**environ, "TERM": "xterm"},
            dimensions=(50, columns),
            encoding="utf-8",
            timeout=15,
        )
        self.raw = ""

    def asks(self, prompt: str) -> str:
        """Wait until this is asked; what was shown before it."""
        self._command.expect(prompt)
        return self._read()

    def types(self, line: str) -> None:
        """Answer."""
        self._command.sendline(line)

    def answers(self, prompt: str, line: str) -> str:
        """Wait for a question, and answer it; what was shown before it."""
        shown = self.asks(prompt)
        self.types(line)
        return shown

    def interrupts(self) -> None:
        """Ctrl-C."""
        self._command.sendintr()

    @property
    def pid(self) -> int:
        """The process of the command."""
        return int(self._command.pid)

    def hangs_up(self) -> None:
        """The terminal is closed."""
        self._command.close(force=False)

    def ends(self) -> tuple[int, str]:
        """Wait for the end: exit code, and what was shown since the last question."""
        self._command.expect(pexpect.EOF)
        shown = self._read()
        self._command.close()
        return int(self._command.exitstatus if self._command.exitstatus is not None else -1), shown

    @property
    def screen(self) -> str:
        """Everything that was shown so far."""
        return _CODES.sub("", self.raw)

    def _read(self) -> str:
        text = str(self._command.before) + (self._command.after if isinstance(self._command.after, str) else "")
        self.raw += text
        return _CODES.sub("", text)
