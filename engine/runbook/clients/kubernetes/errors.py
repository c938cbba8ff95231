"""What can go wrong between us and an API server, one row each.

A row says whose error it is, what it means in plain words, and what to do next. For something that was sent
to change the world one question matters more than all others: can it have happened? `refused(error)` answers
it. A status from 400 to 499 is the server's word that it did nothing, and so is a connection that never came
about. A status of 500 and above, a timeout and a broken connection are no such word: the API server says
itself that "the goroutine handling the request is still running" when it answers 504 (apiserver, patch.go).

Only `clients/kubernetes/` raises from this table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from runbook.errors import Forbidden, Unreachable, WorldError


class Unauthenticated(Forbidden):
    """401: the server does not know who we are."""

    code = "unauthenticated"


class NotFound(WorldError):
    """404: there is no such object, or no such API."""

    code = "not-found"


class Precondition(WorldError):
    """409, or 422 of a JSON Patch `test`: the object is no longer as it was read."""

    code = "precondition"


class AlreadyExists(WorldError):
    """409 of a POST: there is an object of this name."""

    code = "already-exists"


class ManagerConflict(Precondition):
    """409 of a server-side apply: others have set the same fields. `conflicts` are pairs of manager and field."""

    def __init__(self, message: str, *, hint: str | None = None, conflicts: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.conflicts = conflicts


class Rejected(WorldError):
    """400, 405, 422 and the like: the server understood, and does not accept what was sent."""

    code = "rejected"


class NoDryRun(Rejected):
    """400 of a dry run: an admission webhook does not support it."""

    code = "no-dry-run"


class Gone(WorldError):
    """410: what was asked for has expired, such as the rest of a long list."""

    code = "gone"


class Throttled(WorldError):
    """429: the server is busy, or a disruption budget does not allow it now. `after`: seconds that it asks to wait."""

    code = "throttled"
    after: float | None = None


class ServerFailed(Unreachable):
    """500 and above: the server gave up; what was sent may still have been done."""

    code = "server-failed"


class LostAnswer(Unreachable):
    """The request was sent and no answer came back."""

    code = "lost-answer"


class NotSent(Unreachable):
    """No connection came about: refused, no such host, or TLS could not be agreed on."""


REFUSALS = (Forbidden, NotFound, Precondition, AlreadyExists, Rejected, Gone, Throttled, NotSent)


def refused(error: WorldError) -> bool:
    """True where it is certain that nothing was done; False where it may have been."""
    return isinstance(error, REFUSALS)


class _Row(msgspec.Struct, frozen=True):
    error: type[WorldError]
    means: str
    hint: str | None = None


_STATUSES: dict[int, _Row] = {
    400: _Row(Rejected, "the API server does not accept the request"),
    401: _Row(Unauthenticated, "the API server does not accept these credentials", "log in again"),
    403: _Row(Forbidden, "these credentials may not do this", "`kubectl auth can-i` shows what they may"),
    404: _Row(NotFound, "there is no such object"),
    405: _Row(Rejected, "the API server does not offer this operation"),
    409: _Row(Precondition, "the object was changed by somebody else"),
    410: _Row(Gone, "the API server no longer has this"),
    413: _Row(Rejected, "the request is too large for the API server"),
    415: _Row(Rejected, "the API server does not take this form of patch"),
    422: _Row(Rejected, "the API server calls the object invalid"),
    429: _Row(Throttled, "the API server asks to wait", "try again in a moment"),
    500: _Row(ServerFailed, "the API server failed"),
    503: _Row(ServerFailed, "the API server is not available"),
    504: _Row(ServerFailed, "the API server gave up waiting"),
}
_MANAGER = re.compile(r'conflict with "([^"]*)"')
_POOL = re.compile(  # how urllib3 begins: what object of its own it was, and the number of the error
    r"^\w+\(host='([^']*)', port=(\d+)\): (?:Failed to establish a new connection: )?(?:\[Errno -?\d+\] )?"
)
_REACHED = "is it up, and is `server:` of the kubeconfig right?"
_QUOTED_OBJECT = 'Invalid value: "{'
_REDIRECT = _Row(Unreachable, "the server answered with a redirect, which is not followed", "check `server:`")
_CLIENT = _Row(Rejected, "the API server does not accept the request")
_SERVER = _Row(ServerFailed, "the API server failed")
_NOT_AN_API = _Row(Unreachable, "something that is no API server answered", "check `server:` and the proxy")
_WHOSE = "check `certificate-authority` of the cluster in the kubeconfig"
_NAME = "check `server:`, or name the one that it is for as `tls-server-name`"
_SAID_BY_AN_API = frozenset({401, 403, 404, 405, 409, 410, 422})  # with a Status object; a proxy has pages of its own
_NO_SUCH_API = b"404 page not found"  # of a path in no group that is served (apiserver, mux)


_TLS: dict[str, tuple[str, str]] = {  # by what OpenSSL says (x509_vfy.h, ssl.h)
    "certificate has expired": (
        "failed, its certificate has run out",
        "have it renewed, and look at this machine's clock",
    ),
    "not yet valid": ("failed, its certificate is not valid yet", "look at this machine's clock"),
    "self-signed certificate": ("failed, nobody whom we trust has signed its certificate", _WHOSE),
    "unable to get local issuer": ("failed, nobody whom we trust has signed its certificate", _WHOSE),
    "Hostname mismatch": ("failed, its certificate is for another name", _NAME),
    "IP address mismatch": ("failed, its certificate is for another address", _NAME),
    "doesn't match": ("failed, its certificate is for another name", _NAME),
    "wrong version number": ("failed, it does not speak TLS there", "check `server:`: https or http, and the port"),
    "record layer failure": ("failed, it does not speak TLS there", "check `server:`: https or http, and the port"),
    "alert certificate required": ("failed, it wants a certificate from us", "name a user that has one"),
}


def of_status(status: int, body: bytes, headers: Mapping[str, str], asked: str) -> WorldError:
    """The error of an answer that is not 2xx. `asked` is what was asked, such as `GET /api/v1/…`."""
    said = _status_object(body)
    row = _row(status, said, body)
    words = _first_line(_without_object(str(said.get("message") or body.decode(errors="replace")))) or f"HTTP {status}"
    hint = row.hint
    conflicts = _conflicts(said) if status == 409 else ()
    if conflicts:
        managed = ", ".join(f"{manager} ({field})" for manager, field in conflicts)
        return ManagerConflict(f"{asked}: set by others: {managed}", conflicts=conflicts)
    if row.error is Throttled:  # which budget it is stands in the causes alone (registry, eviction.go)
        words = " ".join([words, *(str(cause.get("message")) for cause in _causes(said) if cause.get("message"))])
    after = _seconds(headers.get("Retry-After"))
    if row.error is Throttled and after is not None:
        hint = f"it asks to wait {after:g} s"
    made = row.error(f"{asked}: {row.means}: {words}", hint=hint)
    if isinstance(made, Throttled):
        made.after = after
    return made


def _row(status: int, said: Mapping[str, Any], body: bytes) -> _Row:
    row = _STATUSES.get(status)
    if status == 422 and said and not _causes(said):
        # A failed JSON Patch `test` is a bare 422 (apiserver, patch.go); an invalid object lists its fields.
        return _Row(Precondition, "the object is no longer as it was read")
    if status == 400 and "does not support dry run" in str(said.get("message")):
        return _Row(NoDryRun, "an admission webhook stands in the way of a dry run")
    if status == 409 and said.get("reason") == "AlreadyExists":
        return _Row(AlreadyExists, "there is an object of this name already")
    if status == 403 and "exceeded quota" in str(said.get("message")):  # no matter of permission (plugin resourcequota)
        return _Row(Rejected, "a quota of the namespace does not allow it")
    if status == 500 and "failed to create typed patch object" in str(said.get("message")):
        # A manifest that does not fit the schema (apiserver, fieldmanager/structuredmerge.go): nothing was begun.
        return _STATUSES[422]
    if row is None:
        row = _REDIRECT if status < 400 else _CLIENT if status < 500 else _SERVER
    if not said and status in _SAID_BY_AN_API and not (status == 404 and body.strip() == _NO_SUCH_API):
        return _NOT_AN_API  # that an object is not there, or that nothing was done, is for an API server to say
    return row


def _seconds(text: str | None) -> float | None:
    """Of a `Retry-After`; a date (RFC 9110 §10.2.3) is none of an API server's."""
    return float(text) if text and text.isascii() and text.isdigit() else None


def of_tls(said: str, asked: str) -> WorldError:
    """The error of a connection that could not be made safe; no request goes out before it is."""
    words = _last_line(said)
    means, hint = next(
        (row for part, row in _TLS.items() if part in words), ("failed", "check the cluster's CA and name")
    )
    return NotSent(f"{asked}: TLS with the API server {means}: {words}", hint=hint)


def of_transport(error: Exception, asked: str) -> WorldError:
    """The error of a request without an answer, from what urllib3 or the operating system raised."""
    import urllib3.exceptions as wire

    reason = _root(error)
    words = _POOL.sub(r"\1:\2: ", _last_line(str(reason))) or type(reason).__name__
    if isinstance(reason, wire.SSLError):
        return of_tls(words, asked)
    if isinstance(reason, wire.NameResolutionError):
        return NotSent(f"{asked}: the API server's name cannot be resolved: {words}", hint=_REACHED)
    if isinstance(
        reason, wire.ConnectTimeoutError | wire.NewConnectionError | wire.ProxyError | wire.LocationValueError
    ):
        return NotSent(f"{asked}: no connection to the API server: {words}", hint=_REACHED)
    if isinstance(reason, wire.TimeoutError | TimeoutError):
        return LostAnswer(f"{asked}: no answer from the API server in time")
    return LostAnswer(f"{asked}: the connection broke before the answer: {words}")


def _root(error: Exception) -> BaseException:
    """What urllib3 wrapped: with retries off it wraps only sometimes."""
    reason = getattr(error, "reason", None)
    return reason if isinstance(reason, BaseException) else error


def _status_object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) and said.get("kind") == "Status" else {}


def _causes(said: Mapping[str, Any]) -> list[Any]:
    details = said.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    return causes if isinstance(causes, list) else []


def _conflicts(said: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Manager and field of each conflict of a server-side apply (apimachinery, managedfields/conflict.go)."""
    found = [one for one in _causes(said) if one.get("reason") == "FieldManagerConflict"]
    named = [(_MANAGER.search(str(one.get("message"))), str(one.get("field"))) for one in found]
    return tuple((match[1] if match else "another manager", field) for match, field in named)


def _without_object(words: str) -> str:
    """A message without the object in it: what is wrong with a patch is said behind a copy of what it was made to."""
    before, quoted, rest = words.partition(_QUOTED_OBJECT)
    _, end, said = rest.rpartition('}": ')
    return said if quoted and end and "patch: " in before else words


def _first_line(text: str) -> str:
    return _short(text.strip().partition("\n")[0])


def _last_line(text: str) -> str:
    return _short(text.strip().rpartition("\n")[2])


def _short(line: str) -> str:
    return line if len(line) <= 500 else line[:499] + "…"
