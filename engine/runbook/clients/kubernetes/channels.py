"""One command in a container, over the API's WebSocket: `pods/exec` in the protocols v5 and v4.channel.k8s.io.

Each message begins with a byte that says its channel: 0 stdin, 1 stdout, 2 stderr, 3 the end as a Status object, and
in v5 255 followed by a channel that is closed (apimachinery, httpstream/wsstream and remotecommand/constants.go). v4
cannot close stdin, so a command that is given some is asked for in v5 only.

The command starts when the connection is upgraded; closing it does not end the command. So how it ended is known by
its Status alone: a connection that ends without one says nothing. Nothing is sent twice, no redirect is followed, and
the socket is made as that of any other request, with the same TLS, credentials and proxy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from runbook.clients.kubernetes import errors as kubernetes_errors
from runbook.clients.kubernetes.errors import LostAnswer, NotSent, Rejected
from runbook.errors import WorldError

if TYPE_CHECKING:
    from runbook.clients.outputs import Mask

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
STDIN, STDOUT, STDERR, STATUS, CLOSE = 0, 1, 2, 3, 255
SWITCHING = 101  # protocols: the one answer that is none of plain HTTP
OUTPUT_CAP = 256 * 1024  # bytes that are kept of each stream

_TICK = 0.2  # seconds: how soon the end of the time, or of the run, is noticed
_PING = 20.0  # seconds of silence after which a sign of life is sent: a balancer forgets a silent connection in 60
_AFTER = 2.0  # seconds for the connection to be closed once the end was told
_CHUNK = 32 * 1024
_STATUS_CAP = 64 * 1024

# What an API server, a kubelet or a container runtime says where nothing was started.
_NEVER_STARTED = (
    "error dialing backend",
    "unable to upgrade connection",
    "unable to start container process",
    "executable file not found",
    "cannot exec in a stopped",
    "is not created or running",
)


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a command whose connection was upgraded.

    `exit_code` is None where it was not told. `why` then says why: `timed_out`, `cancelled`, `lost` (nothing more was
    heard), `refused` (nothing was started) or `failed` (something broke); `said` are the words of whoever said so.
    """

    stdout: bytes
    stderr: bytes
    truncated: bool
    duration: float
    exit_code: int | None = None
    why: str | None = None
    said: str = ""


class _Timed:
    """A socket whose reads end with the time, however slowly the other side drips, or when nobody waits any more."""

    def __init__(self, sock: Any, until: float) -> None:
        self._sock = sock
        self.bound(until, lambda: False)

    def bound(self, until: float, cancelled: Callable[[], bool]) -> None:
        """From now on the end is another one."""
        self._until, self._cancelled = until, cancelled

    def recv(self, size: int) -> bytes:
        """The next bytes. Raises TimeoutError, as a socket does."""
        if monotonic() >= self._until or self._cancelled():
            raise TimeoutError
        return bytes(self._sock.recv(size))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def query(argv: Sequence[str], container: str, *, stdin: bool) -> list[tuple[str, str]]:
    """The parameters of one request; a terminal is never asked for."""
    wanted = [("container", container), ("stdout", "true"), ("stderr", "true"), ("stdin", str(stdin).lower())]
    return wanted + [("command", word) for word in argv]


def opened(client: Any, path: str, asked: Sequence[tuple[str, str]], protocols: Sequence[str], timeout: float) -> Any:
    """An upgraded connection. Every foreign error becomes one of ours, as that of any other request does.

    `timeout` is in seconds, of the connection and of the answer to the upgrade each.
    """
    from websocket import WebSocket, WebSocketBadStatusException, WebSocketException

    line, host = f"GET {path}", client.configuration.host
    sock = _Timed(_connected(client, host, timeout, line), monotonic() + timeout)
    made = WebSocket(skip_utf8_validation=True)
    url = f"{host.replace('http', 'ws', 1).rstrip('/')}{path}?{urlencode(asked)}"
    about = {"header": _headers(client), "subprotocols": list(protocols), "suppress_origin": True}
    try:
        sock.settimeout(timeout)
        made.connect(url, socket=sock, redirect_limit=0, timeout=timeout, **about)  # type: ignore[no-untyped-call]
    except WebSocketBadStatusException as error:
        raise _not_upgraded(error, line, protocols) from error
    except (WebSocketException, OSError) as error:
        answer = made.handshake_response
        if answer is not None and answer.status != SWITCHING:
            raise kubernetes_errors.of_status(answer.status, b"", {}, line) from error
        words = str(error) or type(error).__name__
        raise LostAnswer(f"{line}: the connection broke before the answer: {words}") from error
    return made


def _not_upgraded(error: Any, line: str, protocols: Sequence[str]) -> WorldError:
    """The error of another answer than 101. One from 400 to 499 is a no, whoever in between has given it."""
    found = kubernetes_errors.of_status(error.status_code, error.resp_body or b"", error.resp_headers or {}, line)
    if kubernetes_errors.refused(found) or not 400 <= error.status_code < 500:
        return found
    hint = "a command with stdin needs Kubernetes 1.30 or newer" if V4 not in protocols else "check the proxy"
    return Rejected(f"{line}: the connection was not upgraded: HTTP {error.status_code}", hint=hint)


def heard(
    made: Any,
    *,
    timeout: float,
    cancelled: Callable[[], bool],
    stdin: bytes | None = None,
    mask: Callable[[], Mask] | None = None,
    cap: int = OUTPUT_CAP,
) -> Ended:
    """Send what stdin there is, and listen until the end is told, the time (seconds) is over, or nobody waits."""
    from websocket import WebSocketException

    from runbook.clients.outputs import Kept

    begun = monotonic()
    made.sock.bound(begun + timeout, cancelled)
    streams = {at: Kept(cap, mask() if mask else None) for at in (STDOUT, STDERR)}
    status = bytearray()
    try:
        _feed(made, stdin)
        why = _listen(made, streams, status, until=begun + timeout, cancelled=cancelled)
        said = ""
    except (WebSocketException, OSError) as error:
        why, said = "lost", str(error) or type(error).__name__
    finally:
        with suppress(WebSocketException, OSError):
            made.close(timeout=1)  # which leaves the socket open where the other side has closed first
        made.shutdown()
    code, told = (None, None) if not status else _told(bytes(status))
    out, err = (streams[at].close() for at in (STDOUT, STDERR))
    return Ended(
        stdout=out,
        stderr=err,
        truncated=any(one.truncated for one in streams.values()),
        duration=monotonic() - begun,
        exit_code=code,
        why=None if code is not None else _refusal(told) if told is not None else why,
        said=said if told is None else told,
    )


def _connected(client: Any, host: str, timeout: float, line: str) -> Any:
    """A socket as the client makes it for its requests. Raises NotSent."""
    import ssl

    from urllib3.exceptions import HTTPError

    pool = client.client.rest_client.pool_manager.connection_from_url(host)
    made = pool._new_conn()  # as its `urlopen` does; there is no other way to a socket with the same TLS
    made.timeout = timeout
    try:
        if pool.proxy is not None:
            pool._prepare_proxy(made)
        if made.is_closed:
            made.connect()
    except ssl.SSLError as error:
        made.close()
        raise kubernetes_errors.of_tls(str(error), line) from error
    except (HTTPError, OSError) as error:
        made.close()
        found = kubernetes_errors.of_transport(error, line)
        raise found if kubernetes_errors.refused(found) else NotSent(f"{line}: no connection: {error}") from error
    return made.sock


def _headers(client: Any) -> list[str]:
    token = client.configuration.auth_settings().get("BearerToken")
    sent = [f"User-Agent: {client.client.user_agent}"]
    return [*sent, f"Authorization: {token['value']}"] if token and token.get("value") else sent


def _feed(made: Any, stdin: bytes | None) -> None:
    if stdin is None:
        return
    for at in range(0, len(stdin), _CHUNK):
        made.send_binary(bytes([STDIN]) + stdin[at : at + _CHUNK])
    made.send_binary(bytes([CLOSE, STDIN]))


def _listen(
    made: Any, streams: Mapping[int, Any], status: bytearray, *, until: float, cancelled: Callable[[], bool]
) -> str:
    """Take messages until the connection ends; why it is not listened to any more."""
    from websocket import ABNF, WebSocketTimeoutException

    spoken = monotonic()
    while True:
        left = until - monotonic()
        if status and monotonic() - spoken > _AFTER:
            return "lost"
        if left <= 0 or cancelled():
            return "timed_out" if left <= 0 else "cancelled"
        made.settimeout(min(_TICK, left))
        try:
            kind, frame = made.recv_data_frame(True)
        except WebSocketTimeoutException:
            if monotonic() - spoken > _PING:
                made.ping()
                spoken = monotonic()
            continue
        if kind == ABNF.OPCODE_CLOSE:
            return "lost"
        spoken = monotonic()
        data = frame.data
        if kind not in (ABNF.OPCODE_BINARY, ABNF.OPCODE_TEXT) or not data:
            continue
        if data[0] in streams:
            streams[data[0]].add(data[1:])
        elif data[0] == STATUS and len(status) < _STATUS_CAP:
            status += data[1:]


def _told(raw: bytes) -> tuple[int | None, str]:
    """The exit code that a Status tells, and its words (remotecommand, v4.go)."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return None, raw.decode(errors="replace")[:500]
    if not isinstance(said, dict):
        return None, str(said)[:500]
    if said.get("status") == "Success":
        return 0, ""
    words = str(said.get("message") or said.get("reason") or "it failed")
    if said.get("reason") == "NonZeroExitCode":
        details = said.get("details")
        for cause in (details.get("causes") or []) if isinstance(details, dict) else []:
            if cause.get("reason") == "ExitCode" and str(cause.get("message")).isdecimal():
                return int(cause["message"]), words
    return None, words


def _refusal(said: str) -> str:
    return "refused" if any(words in said for words in _NEVER_STARTED) else "failed"
