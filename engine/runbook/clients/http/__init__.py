"""One HTTP exchange, held to limits; the only place that knows httpx2, and the connection type `http`.

    where       http and https only, no credentials in the URL, no link-local or metadata address (`net.py`)
    how long    one deadline from the name's resolution to the last byte
    how much    a cap on the decoded body, counted while it is decoded: a small gzip cannot fill the memory
    whither     redirects are answers like others; on request they are followed within the origin (or from
                http to https of the same host), so that no header reaches a stranger
    once        no retries, and every error says whether a byte of the request was sent

Environment variables (proxies, .netrc) are not looked at: what is sent, and where, is what the runbook and
the connection say. URLs and headers are checked in `urls.py`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from runbook.clients import net
from runbook.clients.http import access, urls
from runbook.errors import ParameterError, UsageError

if TYPE_CHECKING:
    import httpx2

MIB = 1024 * 1024
MAX_REDIRECTS = 5

# Of Python's codecs those that no text on the Web is in: they raise, or take the square of the length.
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})

_DEFAULTS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "runbook"}


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, whatever its status. Header names are in lower case.

    `elapsed` is seconds until the last byte; `truncated` means that there was more than the cap.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    truncated: bool
    url: str
    elapsed: float

    @property
    def media(self) -> str:
        """The media type without parameters, in lower case; empty if the server gave none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text by the charset that the server names, else UTF-8; what is no text is replaced."""
        found = re.search(r"charset=\"?([\w.:-]+)", self.headers.get("content-type", ""), re.IGNORECASE)
        return self.body.decode(_charset(found[1]) if found else "utf-8", "replace")


def _charset(named: str) -> str:
    """The codec that a server names, or UTF-8 where that is none of a text."""
    import codecs

    try:
        found = codecs.lookup(named)
        "".encode(named)  # what is no encoding of text says so
    except (LookupError, UnicodeError):
        return "utf-8"
    return "utf-8" if found.name.replace("_", "-") in _NO_CHARSETS else found.name


def request(
    method: str,
    url: str,
    *,
    timeout: float,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    follow: bool = False,
    cap: int = MIB,
    trust: access.Trust | None = None,
) -> Response:
    """Send one request and read its answer, all within `timeout` seconds.

    `follow` follows redirects of GET and HEAD within the origin. `cap` is in decoded bytes. `trust` says
    which certificates are believed; the system's without it.

    Raises ParameterError for a URL, method or header that cannot be sent, NoAnswer or LocalFault (`net.py`)
    where there is no answer, WorldError for an address that may not be reached.
    """
    method = urls.method(method)
    target = urls.parse(url)
    sent = _DEFAULTS | urls.headers(headers or {})
    deadline = net.Deadline(timeout)
    for _ in range(MAX_REDIRECTS + 1):
        response = _exchange(method, target, sent, body, deadline, cap, trust or access.Trust())
        onward = _onward(response, target) if follow and method in ("GET", "HEAD") else None
        if onward is None:
            return response
        target = onward
    raise net.NoAnswer(f"{url} redirects more than {MAX_REDIRECTS} times", reason="protocol", sent=True)


def _onward(response: Response, target: httpx2.URL) -> httpx2.URL | None:
    if response.status not in (301, 302, 303, 307, 308) or "location" not in response.headers:
        return None
    return urls.onward(target, response.headers["location"])


def _exchange(
    method: str,
    target: httpx2.URL,
    headers: dict[str, str],
    body: bytes | None,
    deadline: net.Deadline,
    cap: int,
    trust: access.Trust,
) -> Response:
    import httpcore2
    import httpx2

    from runbook.clients.http.wire import Transport

    transport = Transport(deadline, trust.context() if target.scheme == "https" else None)
    try:
        with (
            httpx2.Client(transport=transport, trust_env=False, timeout=None) as client,
            client.stream(method, target, headers=headers, content=body) as answer,
        ):
            encoding = answer.headers.get("content-encoding", "identity").lower()
            content, truncated = _decoded(answer.iter_raw(), encoding, cap)
    except (httpcore2.ProtocolError, zlib.error) as error:
        why = str(error) or type(error).__name__
        raise net.NoAnswer(
            f"{urls.origin(str(target))} did not answer in proper HTTP: {why}",
            reason="protocol",
            sent=transport.sent,
        ) from error
    return Response(
        status=answer.status_code,
        headers=dict(answer.headers),
        body=content,
        truncated=truncated,
        url=str(target),
        elapsed=round(deadline.elapsed, 6),
    )


def _decoded(chunks: Iterable[bytes], encoding: str, cap: int) -> tuple[bytes, bool]:
    """At most `cap` bytes of the decoded body, and whether there was more. We ask for no encoding."""
    if encoding in ("identity", ""):
        inflate = None
    elif encoding in ("gzip", "x-gzip", "deflate"):
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)  # either header
    else:
        raise zlib.error(f"content-encoding {encoding!r} was not asked for")
    body = bytearray()
    for chunk in chunks:
        body += inflate.decompress(chunk, cap + 1 - len(body)) if inflate else chunk
        if len(body) > cap:
            return bytes(body[:cap]), True
    if inflate and not inflate.eof and body:
        raise zlib.error("the compressed body ends early")
    return bytes(body), False


class HttpClient:
    """A connection of type `http`: a base URL, and headers that go to its origin and nowhere else."""

    def __init__(self, settings: Mapping[str, Any], secret: access.Secret) -> None:
        self.url: str | None = settings.get("url")
        self.identity = urls.origin(self.url) if self.url else "http"
        self.timeout = access.seconds(settings)
        self._settings = settings
        self._secret = secret
        self._trust = access.trust(settings)

    def resolve(self, url: str) -> str:
        """The whole URL of a step's, which may be relative to the connection's."""
        if not isinstance(url, str):
            raise ParameterError(f"a URL must be text, got {url!r}")
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url):
            return str(urls.parse(url))
        if self.url is None:
            raise ParameterError(f"{url!r} is not a whole URL, and no http connection says what it is relative to")
        return str(urls.parse(self.url.rstrip("/") + "/").join(url.lstrip("/")))

    def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        follow: bool = False,
        changing: bool = False,
        cap: int = MIB,
    ) -> Response:
        """As the function `request`, with this connection's URL, headers and trust, and the shorter timeout.

        `changing` takes the credentials that may change something, where there are others for reading.
        """
        whole = self.resolve(url)
        ours = self.url is not None and urls.origin(whole) == self.identity
        added = access.headers(self._settings, self._secret, changing=changing) if ours else {}
        return request(
            method,
            whole,
            timeout=min(timeout, self.timeout or timeout),
            headers=added | urls.headers(headers or {}),
            body=body,
            follow=follow,
            cap=cap,
            trust=self._trust if ours else access.Trust(),
        )

    def check(self, timeout: float) -> str:
        """One GET of the base URL: any answer will do. Raises as `request`."""
        if self.url is None:
            return "http: no URL of its own"
        return f"{self.identity} answers with status {self.request('GET', self.url, timeout=timeout).status}"


def connect(settings: Mapping[str, Any], secret: access.Secret) -> HttpClient:
    """From settings `{url?, timeout?, …}` (`access.py`); UsageError where they cannot be meant."""
    if access.has_credentials(settings) and not settings.get("url"):
        raise UsageError("an http connection with credentials needs a url", hint="they are sent to it only")
    return HttpClient(settings, secret)
