"""The service that a Deployment of a test stands for, and what its clients see: requests counted as its state has them.

No container runs in the test's cluster, so this reads the Deployment from the API as it is now, and is healthy or not
by what `healthy` says of it. Its metrics are those of any client library, stamped with the test's own time
(`fast_time.py`), in the text format that Prometheus scrapes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Deployment = Mapping[str, Any]

PER_SECOND = 50.0
FAILING = 0.5  # of the requests, while it is not healthy
BUCKETS = {"0.1": 0.9, "0.5": 0.99, "+Inf": 1.0}  # share of the requests that took no longer


def rolled_out(deployment: Deployment) -> bool:
    """Whether its pods are those that are asked for, and available."""
    wanted, status = deployment["spec"].get("replicas", 1), deployment.get("status") or {}
    seen = status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")]
    return bool(seen and counts == [wanted] * 3)


class WatchedApi:
    """Counts the requests of a service between two looks at its Deployment."""

    def __init__(
        self, read: Callable[[], Deployment], healthy: Callable[[Deployment], bool], now: Callable[[], float]
    ) -> None:
        self.healthy = True
        self.url = ""
        self._read, self._is_healthy, self._now = read, healthy, now
        self._counts = {"200": 0.0, "500": 0.0}
        self._at = now()
        self._lock = threading.Lock()

    def look(self) -> None:
        """Until now it was as it was; from now on it is as the Deployment is, once that has rolled out."""
        deployment = self._read()
        with self._lock:
            self._count()
            if rolled_out(deployment):
                self.healthy = self._is_healthy(deployment)

    def metrics(self) -> str:
        """A status that never occurred has no series."""
        with self._lock:
            self._count()
            stamp = int(self._at * 1000)
            total = sum(self._counts.values())
            lines = ["# TYPE http_requests_total counter"]
            lines += [
                f'http_requests_total{{service="api",path="/checkout",status="{status}"}} {count:.3f} {stamp}'
                for status, count in self._counts.items()
                if count
            ]
            lines.append("# TYPE http_request_duration_seconds histogram")
            lines += [
                f'http_request_duration_seconds_bucket{{service="api",le="{le}"}} {total * share:.3f} {stamp}'
                for le, share in BUCKETS.items()
            ]
            return "\n".join([*lines, ""])

    def _count(self) -> None:
        now = self._now()
        made, self._at = (now - self._at) * PER_SECOND, now
        failed = 0.0 if self.healthy else FAILING
        self._counts["200"] += made * (1 - failed)
        self._counts["500"] += made * failed


@contextmanager
def watched(service: WatchedApi) -> Iterator[WatchedApi]:
    """The service at its `url`: `/metrics`, and `/health` for everything else."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            metrics = self.path == "/metrics"
            body = service.metrics() if metrics else ("ok\n" if service.healthy else "broken\n")
            self.send_response(200 if metrics or service.healthy else 503)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    over = threading.Event()

    def follow() -> None:
        while not over.wait(0.1):
            service.look()

    following = threading.Thread(target=follow, daemon=True)
    following.start()
    try:
        with serving(Answers) as service.url:
            yield service
    finally:
        over.set()
        following.join()


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The URL of a server on loopback whose requests this handles."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
