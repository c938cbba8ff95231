"""A real Alertmanager on loopback, and the receiver of its webhook, which keeps each body as it came."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from support.stack import Program, answers, free_address, until

PROGRAMS = ("prometheus-alertmanager", "alertmanager")  # Debian's name, everybody else's


class Received:
    """What Alertmanager has sent, oldest first."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def group(self, status: str) -> bytes:
        """The newest group of a status, as it came; waits for one."""
        return until(lambda: next((b for b in reversed(self.bodies) if _status(b) == status), b""), f"a {status} group")


@contextmanager
def receiver() -> Iterator[tuple[str, Received]]:
    """A webhook: its URL, and what it was sent."""
    received = Received()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Takes)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def alertmanager(folder: Path, webhook: str) -> Iterator[str]:
    """The URL of an Alertmanager that tells a webhook at once; skips where none is installed."""
    program = next((name for name in PROGRAMS if shutil.which(name)), None)
    if program is None:
        pytest.skip("alertmanager is not installed: `make deps`")
    route: dict[str, Any] = {"receiver": "hook", "group_by": ["alertname"], "group_wait": "0s", "group_interval": "1s"}
    hook = {"name": "hook", "webhook_configs": [{"url": webhook, "send_resolved": True}]}
    (folder / "alertmanager.yml").write_text(json.dumps({"route": route, "receivers": [hook]}))
    address = free_address()
    argv = [
        program,
        "--config.file=alertmanager.yml",
        "--storage.path=alerts",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    server = Program(argv, folder, lambda: answers(f"http://{address}/-/ready"))
    try:
        server.start()
        yield f"http://{address}"
    finally:
        server.stop()


def _status(body: bytes) -> str:
    return str(json.loads(body)["status"])
