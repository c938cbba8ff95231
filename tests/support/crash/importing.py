"""`incident import` in a process of its own, which waits for others to be ready, or is killed at a commit.

    python -m support.crash.importing FOLDER STORE FILE [KILLED_AT]

It says `ready`, imports once somebody answers on its standard input, and writes the object to standard output. With a
number, SIGKILL comes at the beginning of that transaction (from 1).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runbook.cli.incident_import import Options, import_
from runbook.cli.session import Session

TESTS = Path(__file__).parents[2]


def process(folder: Path, store: str, file: str, *killed_at: str) -> subprocess.Popen[str]:
    """Start it."""
    paths = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-m", "support.crash.importing", str(folder), store, file, *killed_at],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _dies(store: Any, at: int) -> None:
    """Have this process killed when it begins its `at`th transaction."""
    begin, begun = store.transaction, 0

    @contextmanager
    def transaction(*, relaxed: bool = False) -> Iterator[Any]:
        nonlocal begun
        begun += 1
        if begun == at:
            os.kill(os.getpid(), signal.SIGKILL)
        with begin(relaxed=relaxed) as tx:
            yield tx

    store.transaction = transaction


def main(folder: str, store: str, file: str, killed_at: int = 0) -> int:
    session = Session(Path(folder), store=store)
    if killed_at:
        _dies(session.place.journal._store, killed_at)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    return int(import_(session, Options(Path(file), output="json")))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], *map(int, sys.argv[4:])))
