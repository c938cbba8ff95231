"""A line to a PostgreSQL server that can be cut around a COMMIT: with the answer lost, or the COMMIT itself."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any


class Relay:
    """Stands between a store and its server, and cuts the line around one COMMIT."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut_at_commit: str | None = None
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Relay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *about: Any) -> None:
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                self._sockets += [client, server]
                for source, target, asks in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pump, args=(source, target, asks), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, asks: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if asks and self.cut_at_commit and b"COMMIT\0" in data:
                    how, self.cut_at_commit = self.cut_at_commit, None
                    source.shutdown(socket.SHUT_RDWR)  # whatever is answered is not heard
                    if how == "after":
                        target.sendall(data)
                    else:
                        target.shutdown(socket.SHUT_RDWR)
                    return
                target.sendall(data)
