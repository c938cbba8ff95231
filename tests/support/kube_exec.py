"""`pods/exec` on the scripted API server: the WebSocket protocols v5 and v4.channel.k8s.io (RFC 6455 below them).

What is sent is what a real API server sends: an empty message on the first channel once it is connected, streams as
binary messages, a Status on channel 3 at the end, and then the close. What the container does, a test says.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from support.kube_api import KubeApi

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
BINARY, CLOSE, PING, PONG = 2, 8, 9, 10


class Running:
    """A command that was started: its argv, where, and the ends of its streams."""

    def __init__(self, handler: Any, path: str, asked: dict[str, list[str]], protocol: str) -> None:
        self.path, self.protocol = path, protocol
        self.argv = asked.get("command", [])
        self.container = asked.get("container", [""])[0]
        self.asked = {key: values[0] for key, values in asked.items() if key != "command"}
        self.pings = 0
        self._in, self._socket = handler.rfile, handler.connection

    def out(self, text: str | bytes, channel: int = 1) -> None:
        """Print."""
        self._send(BINARY, bytes([channel]) + (text.encode() if isinstance(text, str) else text))

    def err(self, text: str | bytes) -> None:
        """Print on stderr."""
        self.out(text, 2)

    def exits(self, code: int) -> None:
        """End by itself."""
        if code == 0:
            self.tells({"metadata": {}, "status": "Success"})
            return
        said = f"command terminated with non-zero exit code: command terminated with exit code {code}"
        causes = {"causes": [{"reason": "ExitCode", "message": str(code)}]}
        self.tells(_failure(said, "NonZeroExitCode", causes))

    def fails(self, why: str) -> None:
        """Not be started, or be lost, in the runtime's words."""
        said = f"error executing command in container: {why}"
        causes = {"causes": [{"message": said}]}
        self.tells(_failure(f"Internal error occurred: {said}", "InternalError", causes) | {"code": 500})

    def tells(self, status: Any) -> None:
        """The Status at the end, and the close."""
        self._send(BINARY, b"\x03" + (status if isinstance(status, bytes) else json.dumps(status).encode()))
        self.closes()

    def closes(self) -> None:
        """Close as the protocol wants it."""
        self._send(CLOSE, struct.pack(">H", 1000))

    def cut(self) -> None:
        """Break the connection."""
        self._socket.shutdown(socket.SHUT_RDWR)

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._send(PING, b"hello")

    def stdin(self) -> bytes:
        """All of the standard input, up to its close."""
        taken = bytearray()
        while (message := self.message()) is not None and message != b"\xff\x00":
            assert message[:1] == b"\x00"
            taken += message[1:]
        return bytes(taken)

    def message(self) -> bytes | None:
        """The client's next message; None once it has closed."""
        while True:
            head = self._in.read(2)
            if len(head) < 2 or head[0] & 15 == CLOSE:
                return None
            size = head[1] & 127
            if size >= 126:
                size = int.from_bytes(self._in.read(2 if size == 126 else 8), "big")
            key, data = self._in.read(4), self._in.read(size)
            if head[0] & 15 == BINARY:
                return bytes(one ^ key[at % 4] for at, one in enumerate(data))
            self.pings += head[0] & 15 in (PING, PONG)

    def _send(self, opcode: int, data: bytes) -> None:
        size = len(data)
        if size < 126:
            length = bytes([size])
        else:
            length = b"\x7e" + struct.pack(">H", size) if size <= 0xFFFF else b"\x7f" + struct.pack(">Q", size)
        self._socket.sendall(bytes([0x80 | opcode]) + length + data)


Container = Callable[[Running], None]


def quiet(run: Running) -> None:
    """A container in which everything succeeds and prints nothing."""
    run.exits(0)


def upgrade(handler: Any, api: KubeApi) -> None:
    """Answer a request for an upgrade, and play the container."""
    url = urlsplit(handler.path)
    asked = parse_qs(url.query)
    wanted = [one.strip() for one in (handler.headers.get("Sec-WebSocket-Protocol") or "").split(",")]
    protocol = next((one for one in wanted if one in api.protocols), None)
    handler.close_connection = True
    if url.path.removesuffix("/exec") not in api.objects:
        name = url.path.split("/")[-2]
        handler._reply(*api.status(404, f'pods "{name}" not found'))
    elif protocol is None:  # x/net/websocket: no word of why
        handler.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    else:
        key = handler.headers["Sec-WebSocket-Key"] + _GUID
        accept = base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest()).decode()
        head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n"
        handler.connection.sendall(head.encode())
        run = Running(handler, url.path, asked, protocol)
        run.out(b"")
        api.started.append(run)
        api.container(run)


def _failure(said: str, reason: str, details: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {}, "status": "Failure", "message": said, "reason": reason, "details": details}
