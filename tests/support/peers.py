"""Peers on loopback that do what a test says, byte for byte: what real servers do on bad days."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Script = Callable[[socket.socket, bytes], None]


class Peer:
    """A server that hands each connection and its request to `script`; `requests` are the raw requests so far."""

    def __init__(self, script: Script, reading: bool = True) -> None:
        self._reading = reading
        self.requests: list[bytes] = []
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._serve(self._accept)

    def close(self) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):  # wakes accept()
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _serve(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.closing.is_set():
            with contextlib.suppress(OSError):
                conn, _ = self._listener.accept()
                self._serve(self._one, conn)

    def _one(self, conn: socket.socket) -> None:
        with conn, contextlib.suppress(OSError):
            conn.settimeout(5)
            request = received(conn) if self._reading else conn.recv(1024)
            if request:
                self.requests.append(request)
                self._script(conn, request)
            if not self._reading:  # closed at once, the kernel would answer what still comes with a reset
                conn.shutdown(socket.SHUT_WR)
                while conn.recv(1 << 20):
                    pass


def received(conn: socket.socket) -> bytes:
    """One whole request: its head, and a body as long as Content-Length says."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = conn.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += conn.recv(65536)
    return head + b"\r\n\r\n" + body


def response(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A whole response; `content_type="text/html"` is a header."""
    lines = [f"HTTP/1.1 {status} Said"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if "content_length" not in headers:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\nconnection: close\r\n\r\n" + body


def says(*answers: bytes) -> Script:
    """A script that gives the answers in turn, the last one again and again."""
    left = list(answers)

    def script(conn: socket.socket, request: bytes) -> None:
        conn.sendall(left.pop(0) if len(left) > 1 else left[0])

    return script


@contextlib.contextmanager
def peer(script: Script | bytes, reading: bool = True) -> Iterator[Peer]:
    """A peer with a script, or with one answer to everything; `reading` False: it answers at the first bytes."""
    running = Peer(says(script) if isinstance(script, bytes) else script, reading)
    try:
        yield running
    finally:
        running.close()


def closed_port() -> int:
    """A port of loopback that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
