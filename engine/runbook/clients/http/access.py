"""How the settings of a connection over HTTP become headers, trust and a timeout: the same for every such type.

headers               as they stand, values by reference
token                 Authorization: Bearer …
username, password    Authorization: Basic …
read                  the same four again: what is used where nothing is changed
ca_file, verify       which certificates are believed
timeout               of one request, where the step's is longer
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runbook.clients import net
from runbook.clients.http import urls
from runbook.document.durations import Duration
from runbook.errors import UsageError

Secret = Callable[[Any], str]

_CREDENTIALS = ("headers", "token", "username", "password")


class Trust(msgspec.Struct, frozen=True):
    """Which certificates are believed: those of `ca_file`, else the system's; with `verify` False, any."""

    ca_file: str | None = None
    verify: bool = True

    def context(self) -> ssl.SSLContext:
        """For a connection; LocalFault if the file cannot be read."""
        return net.trust(self.ca_file, self.verify)


def trust(settings: Mapping[str, Any]) -> Trust:
    """The trust of a connection."""
    return Trust(settings.get("ca_file"), settings.get("verify", True))


def seconds(settings: Mapping[str, Any]) -> float | None:
    """The connection's `timeout`; UsageError for what is not a duration."""
    timeout = settings.get("timeout")
    try:
        return None if timeout is None else float(Duration.parse(timeout))
    except ValueError as error:
        raise UsageError(f"timeout of the connection: {error}") from error


def has_credentials(settings: Mapping[str, Any]) -> bool:
    """Whether anything would be sent that is only for the connection's own server."""
    return any(name in settings for name in (*_CREDENTIALS, "read"))


def headers(settings: Mapping[str, Any], secret: Secret, *, changing: bool = False) -> dict[str, str]:
    """The connection's headers, secrets resolved; those of `read` unless something is to be changed."""
    used = settings if changing else settings.get("read", settings)
    found = urls.headers(
        {name: value if isinstance(value, str) else secret(value) for name, value in used.get("headers", {}).items()}
    )
    ways = [way for way in ("token", "username") if way in used]
    if len(ways) + ("authorization" in found) > 1:
        raise UsageError("a connection says more than one way to authenticate", hint="keep one of them")
    if "token" in used:
        found["authorization"] = f"Bearer {secret(used['token'])}"
    if "username" in used:
        pair = f"{secret(used['username'])}:{secret(used.get('password', ''))}"
        found["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    return urls.headers(found)
