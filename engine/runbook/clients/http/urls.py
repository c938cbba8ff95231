"""What may be asked: URLs, methods and headers, checked before anything is sent.

No credentials in URLs, which are shown, recorded and used as names of targets; no character in a header that
could end it and begin another; no header that frames the message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from runbook.errors import ParameterError

if TYPE_CHECKING:
    import httpx2

_HOST = re.compile(rb"[a-z0-9._:-]+")  # a name after IDNA, or an address
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)  # RFC 9110 §5.6.2
_VALUE = re.compile(r"[\t\x20-\x7e]*")  # no CR, LF or NUL: nothing that could end the header
# What frames the message is the protocol's to say; a second word on it is how requests are smuggled.
_FRAMING = frozenset({"connection", "content-length", "te", "trailer", "transfer-encoding", "upgrade"})


def parse(url: str) -> httpx2.URL:
    """A URL that may be asked; ParameterError says what is wrong with it."""
    import httpx2

    if not isinstance(url, str):
        raise ParameterError(f"a URL must be text, got {url!r}")
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise ParameterError(f"not a URL: {url!r}: {error}") from error
    if parsed.scheme not in ("http", "https") or not _HOST.fullmatch(parsed.raw_host):
        raise ParameterError(f"not an http or https URL: {url!r}")
    if parsed.userinfo:
        raise ParameterError(
            f"the URL for {parsed.host} contains credentials, which would be shown and recorded",
            hint="put them into an Authorization header, by reference: {env: NAME}",
        )
    return parsed


def origin(url: str) -> str:
    """Scheme, host and port of a URL, as one name: `https://api.example.com`.

    The host as it is asked for, in ASCII: letters of other alphabets could pass for those of a name that people know.
    """
    parsed = parse(url)
    name = parsed.raw_host.decode("ascii")
    host = f"[{name}]" if ":" in name else name
    return f"{parsed.scheme}://{host}" + (f":{parsed.port}" if parsed.port else "")


def onward(target: httpx2.URL, location: str) -> httpx2.URL | None:
    """Where a redirect leads if that is the same origin, or https of the same host; None if a stranger's."""
    import httpx2

    try:
        there = target.join(location)
    except httpx2.InvalidURL:
        return None
    upgraded = (target.scheme, target.port, there.scheme, there.port) == ("http", None, "https", None)
    stays = there.scheme == target.scheme and there.port == target.port
    return there if there.host == target.host and not there.userinfo and (stays or upgraded) else None


def method(name: str) -> str:
    """An HTTP method in capitals; ParameterError if it is none."""
    if not isinstance(name, str) or not _TOKEN.fullmatch(name):
        raise ParameterError(f"not an HTTP method: {name!r}")
    return name.upper()


def headers(given: Mapping[str, str]) -> dict[str, str]:
    """Headers, names in lower case; ParameterError where one would change the message around it."""
    for name, value in given.items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise ParameterError(f"not a header name: {name!r}")
        if name.lower() in _FRAMING:
            raise ParameterError(f"header {name!r} frames the message and cannot be set")
        if not isinstance(value, str) or not _VALUE.fullmatch(value):
            # Not quoted: it may be a secret with a line break at its end, the usual cause.
            raise ParameterError(
                f"header {name!r} has a value with line breaks or characters outside ASCII",
                hint="a secret read from a file may end with a line break",
            )
    return {name.lower(): value for name, value in given.items()}
