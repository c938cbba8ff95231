"""A real PostgreSQL on a loopback port, and a new database of it for each test that asks."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_numbers = itertools.count(1)


class Server:
    """Debian's PostgreSQL, started by the tests: run by a user of its own where they run as root."""

    def __init__(self) -> None:
        self.bin = _programs()
        self.folder = folder = Path(tempfile.mkdtemp(prefix="runbook-postgres-"))  # pytest's own is closed to others
        self._account = _account()
        if self._account:
            os.chown(folder, self._account[0], self._account[1])
        argv = [
            self.bin / "initdb",
            "-D",
            folder / "data",
            "-A",
            "trust",
            "-U",
            "postgres",
            "--no-locale",
            "-E",
            "UTF8",
        ]
        subprocess.run([*argv, "--no-sync"], check=True, capture_output=True, cwd=folder, **self._identity())
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "fsync=off")
        options = " ".join([f"-p {self.port}", *(f"-c {setting}" for setting in settings)])
        self._ctl("start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `immediate` as a crash would, `fast` as an administrator does."""
        self._ctl("stop", "-w", "-m", mode)

    def freeze(self) -> None:
        """Stop all its processes (SIGSTOP): it accepts connections and says nothing."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have them go on."""
        self._send(signal.SIGCONT)

    def url(self, database: str, user: str = "postgres") -> str:
        """Where a database of it is."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def database(self) -> str:
        """The URL of a new database."""
        name = f"test_{next(_numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Rows of one statement, as the superuser."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def _send(self, number: signal.Signals) -> None:
        file = self.folder / "data" / "postmaster.pid"
        if not file.exists():
            return
        postmaster = int(file.read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _ctl(self, *words: str) -> None:
        argv = [str(self.bin / "pg_ctl"), "-D", str(self.folder / "data"), *words]
        done = subprocess.run(argv, cwd=self.folder, stdout=subprocess.DEVNULL, check=False, **self._identity())
        assert done.returncode == 0, (self.folder / "log").read_text()

    def _identity(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        user, group = self._account
        return {"user": user, "group": group, "extra_groups": []}


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """A server that is gone at the end; skips where Debian's `postgresql` or the package psycopg is missing."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'runbook-engine[postgres]'")
    server = Server()
    try:
        yield server
    finally:
        server.thaw()
        server.stop()
        shutil.rmtree(server.folder)


def until(said: str, seconds: float = 20.0) -> Iterator[None]:
    """Goes round until the caller breaks; fails with what was waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {said}")


def _programs() -> Path:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders or not (folders[-1] / "initdb").exists():
        pytest.skip("postgresql is not installed: `make deps`")
    return folders[-1]


def _account() -> tuple[int, int] | None:
    """Somebody else's user and group where we are root, as whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return None
    entry = next((pwd.getpwnam(name) for name in ("postgres", "nobody") if _exists(name)), None)
    assert entry is not None, "no user to run PostgreSQL as"
    return entry.pw_uid, entry.pw_gid


def _exists(name: str) -> bool:
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwnam(name))
    return False
