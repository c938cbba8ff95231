"""Which file a program's name means, and why one that should be started was not.

Everything raised here says that no process was started, so that nothing was done.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from runbook.errors import WorldError


class NotStarted(WorldError):
    """No process was started, so nothing was done. `status` is what a shell would exit with."""

    code = "not-started"
    status: ClassVar[int | None] = None


class NotFound(NotStarted):
    """There is no such program, or its interpreter is missing."""

    code = "command-not-found"
    status = 127


class NotExecutable(NotStarted):
    """There is a file, and it cannot be executed."""

    code = "command-not-executable"
    status = 126


class NoFolder(NotStarted):
    """The folder to run in cannot be entered."""

    code = "no-folder"


def resolve(program: str, env: Mapping[str, str], cwd: Path | str) -> str:
    """Absolute path of the file that a name means: by PATH of `env`, or from `cwd` if it has a slash.

    NotFound or NotExecutable if there is none.
    """
    if "\0" in program or not program:
        raise NotFound(f"{program!r} cannot be the name of a program")
    refused = None
    for path in _places(program, env.get("PATH", os.defpath), os.fspath(cwd)):
        with suppress(OSError, ValueError):
            if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
                continue
            if os.access(path, os.X_OK):
                return path
            refused = path
    if refused:
        raise NotExecutable(f"{refused} may not be executed (126)", hint=f"chmod +x {refused}, or name its interpreter")
    where = f"in {cwd}" if "/" in program else "on PATH"
    raise NotFound(f"{program}: no such program {where} (127)", hint="install it, or give its full path")


@lru_cache(maxsize=256)  # steps ask for few programs, and each of them three times
def _places(program: str, path: str, cwd: str) -> tuple[str, ...]:
    """The files that a name may mean, in order; nothing is looked at."""
    folders = [""] if "/" in program else path.split(os.pathsep)
    return tuple(os.path.normpath(os.path.join(cwd, folder, program)) for folder in folders)  # noqa: PTH118


_SHORT_OF = {
    errno.E2BIG: "its arguments and environment are too large for the system",
    errno.EMFILE: "this process has too many files open",
    errno.ENFILE: "the system has too many files open",
    errno.EAGAIN: "the limit of processes is reached",
    errno.ENOMEM: "there is not enough memory",
}


def refusal(error: Exception, program: str, path: str, cwd: Path | str) -> NotStarted:
    """The one table of what the system says when it will not start something."""
    if not isinstance(error, OSError):
        return NotStarted(f"{program} was not started: {error}")
    if error.errno in _SHORT_OF:
        return NotStarted(f"{program} was not started: {_SHORT_OF[error.errno]}")
    if error.filename is not None and os.fspath(error.filename) == os.fspath(cwd):
        return NoFolder(f"{program} was not started: the folder {cwd} cannot be entered: {error.strerror}")
    if error.errno == errno.ENOENT and Path(path).exists():
        return NotFound(f"{path}: the interpreter that its first line names is missing (127)")
    if error.errno == errno.ENOENT:
        return NotFound(f"{path}: no such program (127)")
    if error.errno in (errno.EACCES, errno.ENOEXEC, errno.ETXTBSY, errno.EPERM):
        return NotExecutable(f"{path} cannot be executed: {error.strerror} (126)")
    return NotStarted(f"{program} was not started: {error.strerror}")
