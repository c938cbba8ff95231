"""A service that can break, in a process of its own: what the main job's tests watch, and repair.

    python service.py serve FOLDER        a supervisor, which starts the service afresh whenever it ends
    python service.py restart FOLDER      ends the service, and returns when a new one has taken its place
    python service.py clear-cache FOLDER  does what its name says, and helps nobody

It exposes `http_requests_total{service="api",status=…}`, fifty requests a second. From the moment at which the file
FOLDER/broken appears, half of them fail: only then is there a series of errors, as with any client library. It does
not heal by itself; a fresh one removes the file when it starts. FOLDER/starts has a line for each start.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TICK = 0.02


class Service:
    """Counts what it was asked, and fails when it is broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts = {"200": 0, "500": 0}
        self.broken = False

    def work(self, supervisor: int) -> None:
        """Ask itself fifty times a second, until its supervisor is gone."""
        for number in range(sys.maxsize):
            time.sleep(TICK)
            self.broken = self.broken or (self.folder / "broken").exists()
            self.counts["500" if self.broken and number % 2 else "200"] += 1
            if os.getppid() != supervisor:
                os._exit(0)

    def metrics(self) -> str:
        """Prometheus' text format; a status that never occurred has no series."""
        lines = ["# TYPE http_requests_total counter"]
        for status, count in self.counts.items():
            if count:
                lines.append(f'http_requests_total{{service="api",status="{status}"}} {count}')
        return "\n".join([*lines, ""])


def _answers(service: Service, listening: socket.socket) -> ThreadingHTTPServer:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            healthy = not service.broken
            body = service.metrics() if self.path == "/metrics" else ("ok\n" if healthy else "broken\n")
            self.send_response(200 if healthy or self.path == "/metrics" else 503)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(listening.getsockname(), Answers, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    return server


def _serve_once(folder: Path, listening: socket.socket, supervisor: int) -> None:
    (folder / "broken").unlink(missing_ok=True)
    with (folder / "starts").open("a") as starts:
        starts.write(f"{os.getpid()}\n")
    service = Service(folder)
    threading.Thread(target=service.work, args=(supervisor,), daemon=True).start()
    _answers(service, listening).serve_forever()


def serve(folder: Path) -> None:
    """The supervisor. It holds the socket, so that nobody finds the port closed between two services."""
    listening = socket.create_server(("127.0.0.1", 0))
    (folder / "url").write_text(f"http://127.0.0.1:{listening.getsockname()[1]}")
    supervisor = os.getpid()
    while True:
        child = os.fork()
        if child == 0:
            _serve_once(folder, listening, supervisor)
        os.waitpid(child, 0)


def restart(folder: Path) -> None:
    """End the newest service and wait for its successor."""
    before = _newest(folder)
    os.kill(before, signal.SIGTERM)
    while _newest(folder) == before:
        time.sleep(0.01)


def _newest(folder: Path) -> int:
    return int((folder / "starts").read_text().split()[-1])


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    {"serve": serve, "restart": restart, "clear-cache": lambda _: None}[what](where)
