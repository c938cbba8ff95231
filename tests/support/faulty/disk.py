"""A disk that fails at its n-th operation, for one process and below one folder: disk.c, compiled once.

It stands between the process and the C library, so that what SQLite writes is counted as well as what Python does.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

FAULTS = {
    "no space until the reserve is freed": "s",
    "no space any more": "S",
    "an I/O error": "e",
    "I/O errors from then on": "E",
    "a short write": "h",
    "killed in a write": "t",
    "killed": "k",
}
SOURCE = Path(__file__).with_name("disk.c")


def library(folder: Path) -> Path:
    """The library to preload, made in this folder; skips where there is no C compiler, or another C library."""
    compiler = shutil.which("cc")
    if compiler is None or not hasattr(os, "posix_fallocate"):
        pytest.skip("needs Linux and a C compiler")
    made = folder / "disk.so"
    argv = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(made), str(SOURCE), "-ldl"]
    subprocess.run(argv, check=True)
    return made


def arm(folder: Path, how: str = "", at: int = 0) -> None:
    """From now on this process's operations below the store's folder are counted, and the n-th fails.

    What they were stands in the file `operations`, one a line.
    """
    trace = os.open(folder / "operations", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC)
    letter = FAULTS[how].encode() if how else b"-"
    _loaded().arm(str(folder / ".runbook").encode(), ctypes.c_long(at), ctypes.c_char(letter), trace)


@cache
def _loaded() -> ctypes.CDLL:
    return ctypes.CDLL(os.environ["LD_PRELOAD"])
