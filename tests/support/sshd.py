"""A real sshd on loopback, as whoever runs the tests, with keys that are thrown away afterwards."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from support.stack import Program, free_address

CONFIG = """
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AcceptEnv *
LogLevel VERBOSE
"""


class Server:
    """A running sshd. `settings` are those of a connection that it lets in."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    @property
    def address(self) -> str:
        return f"{getpass.getuser()}@127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "known_hosts": str(self.folder / "known_hosts"),
            "identity": {"file": str(self.folder / "client_key")},
        }

    def pin(self, key: str) -> Path:
        """Another known_hosts file, which pins this public key for the server."""
        path = self.folder / "pinned"
        path.write_text(f"[127.0.0.1]:{self.port} {key}")
        return path

    def cut(self) -> None:
        """End every connection without a word; the server listens on."""
        for pid in _below(int((self.folder / "sshd.pid").read_text())):
            with suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().startswith("sshd"):
                    os.kill(pid, signal.SIGKILL)


def made_key(path: Path) -> str:
    """A new key pair; the public key as one line."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path.with_name(path.name + ".pub").read_text()


@contextmanager
def sshd(folder: Path) -> Iterator[Server]:
    """A server; skips where Debian's `openssh-server` is not installed."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", ""))
    if program is None or shutil.which("ssh") is None:
        pytest.skip("sshd is not installed: `make deps`")
    if os.getuid() == 0:  # where it gives up its rights; made by the service that is not running here
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    host, port = free_address().rsplit(":", 1)
    server = Server(folder, int(port))
    key = made_key(folder / "host_key")
    (folder / "authorized_keys").write_text(made_key(folder / "client_key"))
    (folder / "known_hosts").write_text(f"[{host}]:{port} {key}")
    (folder / "sshd_config").write_text(CONFIG.format(folder=folder))
    argv = [program, "-D", "-e", "-f", str(folder / "sshd_config"), "-p", port]
    running = Program(argv, folder, lambda: _listens(server.port))
    try:
        running.start()
        yield server
    finally:
        server.cut()
        running.stop()


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as conn:
            return conn.recv(4) == b"SSH-"
    except OSError:
        return False


def _below(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                child = int(status.parent.name)
                found += [child, *_below(child)]
    return found
