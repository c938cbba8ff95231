"""The command line: one file for each group of commands, each imported when its command is typed.

Every command goes the same three steps: click → a tuple of options → a function that returns an exit code.
"""

from __future__ import annotations

from runbook.cli.main import main

__all__ = ["main"]
