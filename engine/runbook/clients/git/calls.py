"""git called with nothing of its surroundings: no hook, no monitor, no other protocol, no variable `GIT_…`.

What a repository may say of itself makes git run nothing here. What it may say of its filters, `state.py` switches off.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from runbook.clients import processes
from runbook.clients.programs import NotStarted
from runbook.errors import WorldError

SAFE = (
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never"),
    *("-c", "safe.bareRepository=explicit", "--no-optional-locks", "--no-replace-objects"),
)
LONG: Final = 60.0  # seconds: a large repository on a slow disk


class GitFailed(WorldError):
    """git could not be run, or could not read what it must."""

    code = "git"


def run(
    argv: tuple[str, ...],
    cwd: Path,
    environ: Mapping[str, str],
    *,
    settings: tuple[str, ...] = (),
    stdin: bytes | None = None,
    output: int = 1 << 20,
    seconds: float = LONG,
) -> processes.Completed:
    """git, with nothing of its surroundings but the home folder's word on whom to trust.

    Keeps `output` bytes of what it says, and ends it after so many seconds; GitFailed where there is no git.
    """
    env = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
    env |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
    try:
        return processes.run(
            ("git", *SAFE, *settings, *argv),
            env=env,
            cwd=cwd,
            timeout=seconds,
            cancelled=lambda: False,
            stdin=stdin,
            output_cap=2 * output,  # whose first half is kept as it came
        )
    except NotStarted as error:
        raise GitFailed(f"git cannot be run: {error.message}", hint=error.hint) from error


def last(said: bytes) -> str:
    """The last line of what git said on stderr: why it failed."""
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("fatal: ") if lines else "git does not say why"
