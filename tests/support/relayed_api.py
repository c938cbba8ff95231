"""A man in the middle of our tool and an API server, scripted or real: keeps every request, and may lose one.

Requests go on to the server as whom its kubeconfig names, and answers come back as they are. `requests` is what was
asked, in order, as the scripted server has it, with the time and the answer's status.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support.watched_api import serving

Happens = Callable[[], Any]


def is_change(request: Mapping[str, Any]) -> bool:
    """Whether a request was to change something for good."""
    query = request["query"]
    return request["method"] != "GET" and "dryRun" not in query and "accessreviews" not in request["path"]


class Relay:
    """`before` and `after` happen once, to the next change: before it is passed on, or after it was answered.

    What happens may raise `Lost`: then it is not passed on, or its answer does not come back.
    """

    def __init__(self, folder: Path) -> None:
        self.requests: list[dict[str, Any]] = []
        self.before: Happens | None = None
        self.after: Happens | None = None
        self.url = ""
        self._folder = folder
        self.lock = threading.Lock()

    def kubeconfig(self) -> Path:
        """The way here, for a tool that shall not know of it."""
        path = self._folder / "relayed"
        content = {
            "current-context": "relayed",
            "contexts": [{"name": "relayed", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": self.url}}],
            "users": [{"name": "u", "user": {"token": "any"}}],
        }
        path.write_text(json.dumps(content))
        return path

    @property
    def changes(self) -> list[dict[str, Any]]:
        """What was to change something for good, in order."""
        return [one for one in self.requests if is_change(one)]

    def next(self, when: str, request: Mapping[str, Any]) -> None:
        """What is to happen now, if anything is."""
        if is_change(request):
            happens = getattr(self, when)
            setattr(self, when, None)
            if happens is not None:
                happens()


class Lost(Exception):
    """The connection is closed without an answer."""


def lose() -> None:
    """Lose it."""
    raise Lost


@contextmanager
def relaying(kubeconfig: str, folder: Path) -> Iterator[Relay]:
    """A relay to the server of a kubeconfig, as whom it names."""
    from kubernetes.config import new_client_from_config

    relay = Relay(folder)
    speaks = new_client_from_config(config_file=kubeconfig)
    host, token = speaks.configuration.host, next(iter(speaks.configuration.api_key.values()), None)

    class Passes(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def _pass(self) -> None:
            url = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = {
                "method": self.command,
                "path": url.path,
                "query": {key: values[0] for key, values in parse_qs(url.query).items()},
                "body": json.loads(raw) if raw else None,
                "at": time.time(),
            }
            relay.requests.append(request)
            try:
                relay.next("before", request)
                self._answer(request, raw)
            except Lost:
                self.close_connection = True

        def _answer(self, request: dict[str, Any], raw: bytes) -> None:
            kept = ("Content-Type", "Accept", "User-Agent")
            headers = {name: self.headers[name] for name in kept if name in self.headers}
            if token:
                headers["Authorization"] = token
            pool = speaks.rest_client.pool_manager
            answer = pool.request(self.command, host + self.path, body=raw or None, headers=headers, retries=False)
            request["status"] = answer.status
            relay.next("after", request)
            self.send_response_only(answer.status)
            for name in ("Date", "Content-Type", "Warning"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            with suppress(OSError):  # whoever asked may be gone
                self.wfile.write(answer.data)
                self.wfile.flush()

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _pass

        def log_message(self, format: str, *args: object) -> None:
            pass

    with serving(Passes) as relay.url:
        yield relay
