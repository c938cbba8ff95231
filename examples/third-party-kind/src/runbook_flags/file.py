"""The file of flags: `{"checkout-v2": true}`. Read whole, and written with a comparison.

This is the client: the only code that touches the file. It knows nothing of steps; its errors are the engine's, which
are sorted by whose fault it is, so that what cannot be read is never taken for an answer.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from runbook.errors import Unreachable, WorldError


class Moved(Exception):
    """The flag is not what it was when the change was planned; nothing was written."""


def read(path: Path) -> dict[str, bool]:
    """All flags by name. WorldError when the file cannot be read, or holds anything else."""
    try:
        flags = json.loads(path.read_bytes())
    except OSError as error:
        raise Unreachable(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise WorldError(f"{path} is not JSON: {error}") from error
    if not isinstance(flags, dict) or not all(isinstance(on, bool) for on in flags.values()):
        raise WorldError(f"{path} does not map names of flags to true or false")
    return flags


def switch(path: Path, flag: str, *, expected: bool, on: bool) -> None:
    """Set one flag if it still is as expected; Moved if it is not. Readers see the old file or the new one."""
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        flags = read(path)
        if flags.get(flag) is not expected:
            raise Moved(f"{flag} is {flags.get(flag)} now, and was {expected} when this was planned")
        fresh = path.with_name(f".{path.name}.new")
        with fresh.open("w") as file:
            json.dump(flags | {flag: on}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
