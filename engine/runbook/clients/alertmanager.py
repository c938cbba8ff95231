"""Alertmanager's API v2, as far as a step needs it: who is there, which alerts it has, and its silences.

What Alertmanager answers is read into frozen values; what is no such answer is an error, never an empty list. A status
from 400 to 499 is its word that it did nothing (`Rejected`); 500 and above is none (`Unreachable`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from runbook.clients import http
from runbook.clients.http import Response, access, urls
from runbook.errors import Forbidden, Unreachable, UsageError, WorldError

CAP = 16 * http.MIB


class Rejected(WorldError):
    """400 and the like: Alertmanager understood, and does not accept what was sent."""

    code = "rejected"


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """A silence. `matchers` as the API has them: `name`, `value`, `isRegex`, `isEqual`; `ends_at` in Unix seconds."""

    id: str
    state: str
    matchers: tuple[Mapping[str, Any], ...]
    comment: str
    ends_at: float

    @property
    def over(self) -> bool:
        """Whether it has expired, by itself or by somebody."""
        return self.state == "expired"


class Silences(msgspec.Struct, frozen=True, kw_only=True):
    """All silences that Alertmanager still knows, and what time it was there, Unix seconds."""

    silences: tuple[Silence, ...]
    now: float


class AlertmanagerClient:
    """One Alertmanager, through an `http` connection of its own.

    Every method raises NoAnswer or LocalFault (`net.py`), Unreachable, Forbidden, Rejected or WorldError.
    """

    def __init__(self, connection: http.HttpClient, url: str) -> None:
        self.identity = str(urls.parse(url)).rstrip("/")
        self._http = connection

    def check(self, timeout: float) -> str:
        """Which version answers, and where."""
        version = self._read("/api/v2/status", timeout, lambda found: found["versionInfo"]["version"])
        return f"Alertmanager {version} at {self.identity}"

    def alerts(self, matchers: Sequence[str], timeout: float) -> tuple[Mapping[str, str], ...]:
        """Labels of the alerts that match and that no silence holds back yet, by name; matchers as amtool has them."""
        from urllib.parse import urlencode

        query = urlencode([("silenced", "false"), *(("filter", matcher) for matcher in matchers)])
        found: list[dict[str, str]] = self._read(
            f"/api/v2/alerts?{query}", timeout, lambda rows: [dict(row["labels"]) for row in rows]
        )
        return tuple(sorted(found, key=lambda labels: (labels.get("alertname", ""), sorted(labels.items()))))

    def silences(self, timeout: float) -> Silences:
        """Every silence, those that have expired of late among them."""
        response = self._answered("GET", "/api/v2/silences", timeout)
        found = self._understood(response, lambda rows: tuple(_silence(row) for row in rows))
        return Silences(silences=found, now=_clock(response))

    def create(self, silence: Mapping[str, Any], timeout: float) -> str:
        """Make a silence, as the API's `postableSilence`; its id."""
        response = self._answered("POST", "/api/v2/silences", timeout, json.dumps(silence).encode())
        return str(self._understood(response, lambda found: found["silenceID"]))

    def expire(self, silence: str, timeout: float) -> None:
        """End a silence now; one that has ended stays so."""
        self._answered("DELETE", f"/api/v2/silence/{silence}", timeout)

    def _read(self, path: str, timeout: float, read: Any) -> Any:
        return self._understood(self._answered("GET", path, timeout), read)

    def _answered(self, method: str, path: str, timeout: float, body: bytes | None = None) -> Response:
        response = self._http.request(
            method,
            self.identity + path,
            timeout=timeout,
            headers={"content-type": "application/json"} if body else {},
            body=body,
            changing=method != "GET",
            cap=CAP,
        )
        if response.status != 200 or response.truncated:
            raise self._refusal(response)
        return response

    def _refusal(self, response: Response) -> WorldError:
        status, said = response.status, f"{self.identity} answered {response.status}"
        words = _words(response)
        if response.truncated:
            return WorldError(f"the answer from {self.identity} is larger than {CAP // http.MIB} MiB")
        if status in (401, 403):
            return Forbidden(said, hint="check the credentials of the alertmanager connection")
        if 400 <= status < 500 and words:
            return Rejected(f"Alertmanager does not accept this: {words}")
        if status >= 500:
            return Unreachable(f"{said}: {words}" if words else said)
        return self._stranger(response)

    def _understood(self, response: Response, read: Any) -> Any:
        try:
            return read(json.loads(response.body))
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise self._stranger(response) from error

    def _stranger(self, response: Response) -> WorldError:
        return WorldError(
            f"not an Alertmanager answer from {self.identity}: status {response.status}, "
            f"{response.media or 'no content type'}",
            hint="is the url of the connection that of Alertmanager?",
        )


def connect(settings: Mapping[str, Any], secret: access.Secret) -> AlertmanagerClient:
    """From settings `{url, timeout?, …}` (`http/access.py`); UsageError where they cannot be meant."""
    if not settings.get("url"):
        raise UsageError("an alertmanager connection needs a url", hint="such as http://alertmanager:9093")
    return AlertmanagerClient(http.connect(settings, secret), settings["url"])


def _words(response: Response) -> str:
    """Why, where Alertmanager says so: as a text, or as `{code, message}` where the schema refused it."""
    try:
        said = json.loads(response.body)
    except (ValueError, RecursionError):
        return ""
    return str(said.get("message", "") if isinstance(said, dict) else said)[:200]


def _silence(row: Mapping[str, Any]) -> Silence:
    return Silence(
        id=str(row["id"]),
        state=str(row["status"]["state"]),
        # `isEqual` came with version 0.22; what an older one has is equal
        matchers=tuple({"isEqual": True} | dict(matcher) for matcher in row["matchers"]),
        comment=str(row["comment"]),
        ends_at=datetime.fromisoformat(row["endsAt"]).timestamp(),
    )


def _clock(response: Response) -> float:
    """The server's own now: a silence that begins by our clock could begin late, or end early."""
    return parsedate_to_datetime(response.headers["date"]).timestamp()
