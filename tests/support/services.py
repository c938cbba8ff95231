"""A local server that speaks a service's documented HTTP API, and breaks as services do.

A subclass says what each request does. `faults` are used up one a request, before or instead of that:

    ("status", 500, {"retry-after": "1"}, b"…")    an answer of its own; nothing was done
    ("done, then status", 500)                     it was done, and the answer says otherwise
    ("reset",)                                     the connection is closed in the middle, and nothing was done
    ("done, then reset",)                          it was done, and the answer is lost
    ("hang",)                                      no answer until the server ends
    ("late", 0.5)                                  the answer comes so many seconds later, and it was done
    ("text", b"<html>")                            200, with something else than the API's JSON
"""

from __future__ import annotations

import json
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """One request: its body is JSON, or None where it had none."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    at: float


class Service(ThreadingHTTPServer):
    """Keeps every request in `got`; `handled` says what one does."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        scheme = "http" if context is None else "https"
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"{scheme}://127.0.0.1:{self.server_address[1]}"
        self.got: list[Asked] = []
        self.faults: deque[tuple[Any, ...]] = deque()
        self.over = threading.Event()

    def handled(self, asked: Asked) -> tuple[int, Any]:
        """Status and JSON (or bytes) of the answer."""
        return 200, {}

    def paths(self) -> list[str]:
        """What was asked, such as `POST /api/chat.postMessage`."""
        return [f"{one.method} {one.path}" for one in self.got]

    @contextmanager
    def running(self) -> Iterator[Any]:
        """While the body runs."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self.shutdown()
            thread.join()
            self.server_close()

    def handle_error(self, *_: Any) -> None:
        """A client that does not believe our certificate goes away in the middle of a handshake."""


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def _any(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        data = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, json.loads(data) if data else None, time.monotonic())
        self.server.got.append(asked)
        match self.server.faults.popleft() if self.server.faults else ():
            case ("status", status, *rest):
                extra = rest[0] if rest else {}
                self._answer(status, rest[1] if len(rest) > 1 else {}, extra)
            case ("done, then status", status):
                self.server.handled(asked)
                self._answer(status, {})
            case ("reset",):
                self._reset()
            case ("done, then reset",):
                self.server.handled(asked)
                self._reset()
            case ("hang",):
                self.server.over.wait(30.0)
                self.close_connection = True
            case ("late", seconds):
                status, body = self.server.handled(asked)
                self.server.over.wait(seconds)
                self._answer(status, body)
            case ("text", text):
                self._answer(200, text)
            case _:
                self._answer(*self.server.handled(asked))

    do_GET = do_POST = do_PATCH = do_PUT = _any

    def _reset(self) -> None:
        self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def _answer(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("content-type", "text/html" if isinstance(body, bytes) else "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # who asked has gone

    def log_message(self, *_: object) -> None: ...


class Slack(Service):
    """`auth.test`, `chat.postMessage` and `chat.update`, and an incoming webhook under `/services/`.

    `messages` are those that a channel shows, by ts; `says` is an error that the next answers carry.
    """

    token = "xoxb-test"

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(context)
        self.messages: dict[str, dict[str, Any]] = {}
        self.says: deque[str] = deque()

    def handled(self, asked: Asked) -> tuple[int, Any]:
        if asked.path.startswith("/services/"):
            self.messages[self._ts()] = {"text": asked.body["text"]}
            return 200, b"ok"
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 200, {"ok": False, "error": "invalid_auth"}
        if self.says:
            return 200, {"ok": False, "error": self.says.popleft()}
        match asked.path:
            case "/api/auth.test":
                return 200, {"ok": True, "user": "runbook", "team": "Shop"}
            case "/api/chat.postMessage":
                return self._posted(asked.body)
            case "/api/chat.update":
                return self._updated(asked.body)
        return 404, {}

    def _posted(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        if body["channel"] != "#incidents":
            return 200, {"ok": False, "error": "channel_not_found"}
        if body.get("thread_ts", next(iter(self.messages), None)) not in (None, *self.messages):
            return 200, {"ok": False, "error": "thread_not_found"}
        ts = self._ts()
        self.messages[ts] = {"text": body["text"], "thread": body.get("thread_ts")}
        return 200, {"ok": True, "channel": "C1", "ts": ts}

    def _updated(self, body: Mapping[str, Any]) -> tuple[int, Any]:
        if body["channel"] != "C1" or body["ts"] not in self.messages:
            return 200, {"ok": False, "error": "message_not_found"}
        self.messages[body["ts"]]["text"] = body["text"]
        return 200, {"ok": True, "channel": "C1", "ts": body["ts"]}

    def _ts(self) -> str:
        return f"1700000000.{len(self.messages):06d}"


class Statuspage(Service):
    """Incidents of one page: made, updated and listed as Atlassian documents it. `mailed` counts notifications."""

    token = "sp-token"

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(context)
        self.incidents: dict[str, dict[str, Any]] = {}
        self.mailed = 0

    def handled(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers.get("authorization") != f"OAuth {self.token}":
            return 401, {"error": "Could not authenticate"}
        match asked.method, asked.path.partition("?")[0].removeprefix("/v1/pages/p1"):
            case "GET", "":
                return 200, {"id": "p1", "name": "Shop"}
            case "GET", "/incidents":
                return 200, list(reversed(self.incidents.values()))
            case "POST", "/incidents":
                return self._kept(f"i{len(self.incidents) + 1}", asked.body["incident"], 201)
            case "PATCH", path if path.rpartition("/")[2] in self.incidents:
                return self._kept(path.rpartition("/")[2], asked.body["incident"], 200)
        return 404, {"error": "Not found"}

    def _kept(self, id_: str, told: Mapping[str, Any], status: int) -> tuple[int, Any]:
        if status == 201 and not told.get("name"):
            return 422, {"error": ["name can't be blank"]}
        self.mailed += told.get("deliver_notifications", True)
        before = self.incidents.get(id_, {"id": id_, "shortlink": f"https://stspg.io/{id_}", "incident_updates": []})
        before["incident_updates"].append(told["body"])
        self.incidents[id_] = before | dict(told)
        return status, self.incidents[id_]


class Cachet(Service):
    """Incidents of a Cachet 3: answers are JSON:API, as its resources are."""

    token = "cachet-token"

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(context)
        self.incidents: dict[str, dict[str, Any]] = {}
        self.updates: dict[str, list[dict[str, Any]]] = {}

    def handled(self, asked: Asked) -> tuple[int, Any]:
        path, _, _ = asked.path.partition("?")
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"message": "Unauthenticated."}
        if (asked.method, path) == ("GET", "/api/version"):
            return 200, {"data": "3.0.0"}
        if (asked.method, path) == ("GET", "/api/incidents"):
            return 200, {"data": [self._row(id_) for id_ in self.incidents]}
        if (asked.method, path) == ("POST", "/api/incidents"):
            id_ = str(len(self.incidents) + 1)
            self.incidents[id_] = dict(asked.body)
            return 201, {"data": self._row(id_)}
        id_, _, what = path.removeprefix("/api/incidents/").partition("/")
        if id_ not in self.incidents:
            return 404, {"message": "No query results"}
        if asked.method == "GET" and not what:
            return 200, {"data": self._row(id_)}
        if asked.method == "GET":
            return 200, {"data": [{"attributes": one} for one in self.updates.get(id_, [])]}
        self.updates.setdefault(id_, []).append(dict(asked.body))
        self.incidents[id_]["status"] = asked.body["status"]
        return 201, {"data": {"id": "9", "type": "incidentUpdates"}}

    def _row(self, id_: str) -> dict[str, Any]:
        fields = self.incidents[id_]
        status = {"human": "…", "value": fields["status"]}
        return {"id": id_, "type": "incidents", "attributes": {**fields, "status": status}}
