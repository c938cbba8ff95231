"""Prometheus, and what speaks its API (Thanos, Mimir, VictoriaMetrics): questions in PromQL, answers in full.

prometheus-api-client asks the questions, through a session of ours (`_Session`), for three reasons: its own
follows redirects to login pages with our credentials, has no deadline for an answer that drips, and the library
drops the envelope around a result. The envelope is where a server says that its answer is partial (`warnings`),
and a runbook that takes half an answer for a whole one does harm. Queries are POSTed: no proxy cuts a long one.

What the answers mean, and what is an error, is `api.py`'s.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from runbook.clients import http, net
from runbook.clients.http import access, urls
from runbook.clients.prometheus import api as promapi
from runbook.errors import ParameterError, UsageError

TIMEOUT = 30.0  # seconds, where neither the step nor the connection says less
MAX_POINTS = 11_000  # per series: a query for more is answered with 400 (web/api/v1/api.go)
MIN_STEP = 15.0  # seconds; the usual scrape interval, below which points repeat each other


class PrometheusClient:
    """One Prometheus. Each call takes the shorter of the connection's timeout and its own, in seconds.

    Every method raises NoAnswer or LocalFault (`net.py`), Unreachable, Forbidden or WorldError (`api.py`).
    """

    def __init__(self, url: str, headers: Mapping[str, str], timeout: float, trust: access.Trust) -> None:
        self.identity = str(urls.parse(url)).rstrip("/")
        self.timeout = timeout
        self._session = _Session(self.identity, headers, trust)

    def query(self, promql: str, at: float | None = None, timeout: float | None = None) -> promapi.Answer:
        """The value now, or at a moment in Unix seconds."""
        limit = self._limit(timeout)
        params = _server_limit(limit) | ({} if at is None else {"time": f"{at:.3f}"})
        answer = self._sdk().custom_query(promql, params=params, timeout=limit)
        return promapi.understood(promapi.instant, answer, self.identity)

    def range(
        self,
        promql: str,
        seconds: float,
        *,
        step: float | None = None,
        end: float | None = None,
        timeout: float | None = None,
    ) -> promapi.RangeAnswer:
        """The values of the last `seconds`, up to `end` or the server's own now.

        `step` is in seconds; without one it is chosen to give at most a thousand points.
        """
        step = step or max(MIN_STEP, math.ceil(seconds / 1000))
        if seconds / step > MAX_POINTS:
            raise ParameterError(
                f"{seconds:g}s every {step:g}s is more than the {MAX_POINTS} points that Prometheus gives",
                hint=f"ask for a step of {math.ceil(seconds / MAX_POINTS)}s or more",
            )
        deadline = net.Deadline(self._limit(timeout))
        if end is None:  # the server's clock: where ours is ahead, we would ask for a future without samples
            end = math.floor(self.query("time()", timeout=deadline.seconds).series[0].at)
        start, limit = end - seconds, max(deadline.seconds - deadline.elapsed, 0.001)
        answer = self._sdk().custom_query_range(
            promql,
            start_time=datetime.fromtimestamp(start, UTC),
            end_time=datetime.fromtimestamp(end, UTC),
            step=f"{step:g}",
            params=_server_limit(limit),
            timeout=limit,
        )
        return promapi.understood(lambda found: promapi.over_time(found, start, end, step), answer, self.identity)

    def alerts(self, timeout: float | None = None) -> tuple[promapi.Alert, ...]:
        """Every active alert, pending ones too, by name and labels."""
        answer = self._session.get("/api/v1/alerts", self._limit(timeout))
        return promapi.understood(promapi.alerts, answer, self.identity)

    def alerting_rules(self, timeout: float | None = None) -> frozenset[str]:
        """The names of all alerts that a rule of this server can make."""
        answer = self._session.get("/api/v1/rules?type=alert", self._limit(timeout))
        return promapi.understood(promapi.rules, answer, self.identity)

    def check(self, timeout: float) -> str:
        """Which version answers, and where."""
        answer = self._session.get("/api/v1/status/buildinfo", self._limit(timeout))
        version = promapi.understood(lambda found: str(found["data"]["version"]), answer, self.identity)
        return f"Prometheus {version} at {self.identity}"

    def _limit(self, timeout: float | None) -> float:
        return self.timeout if timeout is None else min(timeout, self.timeout)

    def _sdk(self) -> Any:
        from prometheus_api_client.prometheus_connect import PrometheusConnect
        from urllib3.util import Retry

        sdk: Any = PrometheusConnect  # its annotations ask for whole seconds and a requests.Session
        return sdk(self.identity, session=self._session, retry=Retry(0), timeout=self.timeout, method="POST")


def connect(settings: Mapping[str, Any], secret: access.Secret) -> PrometheusClient:
    """From settings `{url, timeout?, …}` (`http/access.py`); UsageError where they cannot be meant."""
    if not settings.get("url"):
        raise UsageError("a prometheus connection needs a url", hint="such as http://prometheus:9090")
    return PrometheusClient(
        settings["url"],
        access.headers(settings, secret),
        access.seconds(settings) or TIMEOUT,
        access.trust(settings),
    )


def _server_limit(seconds: float) -> dict[str, str]:
    """The server's own limit: a little sooner than ours, so that it can still say what happened."""
    return {"timeout": f"{seconds * 0.9:.3f}"}


class _Session:
    """What PrometheusConnect needs of a `requests.Session`, over `clients/http.py`.

    The library returns `response.json()["data"]["result"]`; ours puts the whole envelope into that place.
    """

    verify = True
    cert = None

    def __init__(self, url: str, headers: Mapping[str, str], trust: access.Trust) -> None:
        self._url = url
        self._headers = headers
        self._trust = trust

    def mount(self, prefix: str, adapter: Any) -> None:
        """Adapters pool and retry; neither happens here."""

    def request(self, *, method: str, url: str, params: Mapping[str, Any], timeout: float, **_: Any) -> _Whole:
        """One request of the library's, its parameters as a form."""
        from urllib.parse import urlencode

        form = {"content-type": "application/x-www-form-urlencoded"}
        return _Whole(self._send(method, url, timeout, form, urlencode(params).encode()))

    def get(self, path: str, timeout: float) -> dict[str, Any]:
        """The envelope of a plain GET, for what the library has no method for."""
        return self._send("GET", self._url + path, timeout, {}, None)

    def _send(
        self, method: str, url: str, timeout: float, headers: Mapping[str, str], body: bytes | None
    ) -> dict[str, Any]:
        response = http.request(
            method,
            url,
            timeout=timeout,
            headers={**self._headers, **headers},
            body=body,
            cap=promapi.CAP,
            trust=self._trust,
        )
        return promapi.envelope(response, self._url)


class _Whole:
    status_code = 200

    def __init__(self, envelope: dict[str, Any]) -> None:
        self._envelope = envelope

    def json(self) -> dict[str, Any]:
        return {"data": {"result": self._envelope}}
