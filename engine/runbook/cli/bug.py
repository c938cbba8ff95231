"""What is kept of an error that nobody expected: a file that can be pasted into an issue.

It holds the version, the command and the traceback; no value of a variable and nothing of the environment. What an
error says may be anything: it is masked before it is shown or kept.
"""

from __future__ import annotations

import os
import platform
import shlex
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from runbook import __version__

ISSUES = "https://github.com/runbook-engine/runbook-engine/issues"


def reported(arguments: Sequence[str], error: BaseException, masked: Callable[[str], str]) -> tuple[str, str]:
    """Write the report; a sentence, and what to do. Where no file can be written, the report is in the hint."""
    text = masked(report(arguments, error))
    message = f"a bug of runbook's own, not a mistake of yours: {type(error).__name__}: {error}"
    path = _kept(text)
    if path is None:
        return message, f"please paste this into an issue ({ISSUES}):\n\n{text}"
    return message, f"please paste {path} into an issue: {ISSUES}; a run that was open goes on with `runbook resume`"


def report(arguments: Sequence[str], error: BaseException) -> str:
    """Version, command and traceback as text."""
    trace = "".join(traceback.format_exception(error))
    system = f"{platform.python_implementation()} {platform.python_version()} on {platform.platform()}"
    return f"runbook {__version__}, {system}\ncommand: runbook {shlex.join(arguments)}\n\n{trace}"


def _kept(text: str) -> Path | None:
    from platformdirs import user_state_path

    folder = Path(user_state_path("runbook")) / "bugs"
    path = folder / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    return path
