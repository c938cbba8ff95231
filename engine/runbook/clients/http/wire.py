"""The sockets under one HTTP exchange, as httpx2 wants them.

Why not httpx2's own transport: its timeouts count anew at each read, so a peer that drips is never late; it
resolves names by itself, so an address could not be looked at; and it cannot say whether a byte of the
request was sent, which is what tells a change that did not happen from one that may have. One connection per
exchange: one kept alive may be closed by the peer just as the next request is on its way, and that would be
a doubt where none need be.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore2
import httpx2

from runbook.clients import net


class Transport(httpx2.BaseTransport):
    """Carries one exchange before its deadline. `sent` is True once a byte of the request may have left."""

    def __init__(self, deadline: net.Deadline, context: ssl.SSLContext | None) -> None:
        self._backend = _Backend(deadline)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context, network_backend=self._backend, max_connections=1, max_keepalive_connections=0
        )

    @property
    def sent(self) -> bool:
        """True once a byte of the request may have reached the peer."""
        return self._backend.sent

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request, one response whose body is still to be read."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, deadline: net.Deadline) -> None:
        self.deadline = deadline
        self.sent = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline decides
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        return _Stream(net.connect(host, port, self.deadline), self, f"{host}:{port}")


class _Stream(httpcore2.NetworkStream):
    def __init__(self, sock: socket.socket, backend: _Backend, where: str) -> None:
        self._sock = sock
        self._backend = backend
        self._where = where

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline decides
        try:
            self._sock.settimeout(self._backend.deadline.left())
            return self._sock.recv(max_bytes)
        except OSError as error:
            raise self._fault(error) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline decides
        try:
            self._sock.settimeout(self._backend.deadline.left())
            self._backend.sent = True
            self._sock.sendall(buffer)
        except (BrokenPipeError, ConnectionResetError) as error:
            # A server may answer (413, say) and close before it has read it all: the pool reads that answer.
            raise httpcore2.WriteError(str(error)) from error
        except OSError as error:
            raise self._fault(error) from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline decides
    ) -> httpcore2.NetworkStream:
        try:
            self._sock.settimeout(self._backend.deadline.left())
            wrapped = ssl_context.wrap_socket(self._sock, server_hostname=server_hostname)
        except OSError as error:
            self._sock.close()
            raise self._fault(error) from error
        return _Stream(wrapped, self._backend, self._where)

    def close(self) -> None:
        self._sock.close()

    def get_extra_info(self, info: str) -> Any:  # noqa: ARG002 - nothing that is asked for matters here
        return None

    def _fault(self, error: OSError) -> net.NoAnswer | net.LocalFault:
        return net.fault(error, self._where, self._backend.deadline, sent=self._backend.sent)
