"""Alertmanager's API v2, as far as a connection needs it: who is there, and may we ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.clients import http
from runbook.clients.http import access, urls
from runbook.errors import Forbidden, UsageError, WorldError


class AlertmanagerClient:
    """One Alertmanager, through an `http` connection of its own."""

    def __init__(self, connection: http.HttpClient, url: str) -> None:
        self.identity = str(urls.parse(url)).rstrip("/")
        self._http = connection

    def check(self, timeout: float) -> str:
        """Which version answers, and where. NoAnswer, LocalFault, Forbidden, or WorldError for another server."""
        import json

        response = self._http.request("GET", f"{self.identity}/api/v2/status", timeout=timeout)
        if response.status in (401, 403):
            raise Forbidden(
                f"{self.identity} answered {response.status}",
                hint="check the headers of the alertmanager connection",
            )
        try:
            version = json.loads(response.body)["versionInfo"]["version"]
        except (KeyError, TypeError, ValueError) as error:
            raise WorldError(
                f"not an Alertmanager answer from {self.identity}: status {response.status}, "
                f"{response.media or 'no content type'}",
                hint="is the url of the connection that of Alertmanager?",
            ) from error
        return f"Alertmanager {version} at {self.identity}"


def connect(settings: Mapping[str, Any], secret: access.Secret) -> AlertmanagerClient:
    """From settings `{url, timeout?, …}` (`http/access.py`); UsageError where they cannot be meant."""
    if not settings.get("url"):
        raise UsageError("an alertmanager connection needs a url", hint="such as http://alertmanager:9093")
    return AlertmanagerClient(http.connect(settings, secret), settings["url"])
