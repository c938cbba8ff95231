"""One request to a web service that carries messages, and what its failure means for the message.

refused, unknown host, no route      it did not get out; another attempt may help
a certificate that is not believed   it did not get out; nor will it until somebody looks
the answer was lost, 5xx             it may have got out
429, 420, 503 with Retry-After       it did not get out; the service says when to come again
other statuses                       it did not get out, and never will as it is
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from runbook.clients.net import LocalFault, NoAnswer
from runbook.document.durations import Duration
from runbook.errors import Unreachable, UsageError
from runbook.messages.outgoing import Undelivered
from runbook.messages.plain import plain

if TYPE_CHECKING:
    from runbook.clients.http import Response
    from runbook.messages.outgoing import Means

SAID = 300  # characters of what a service says about an error that are told on
_BUSY = frozenset({420, 429})  # Statuspage answered 420 before it answered 429


def asked(
    method: str,
    url: str,
    settings: Mapping[str, Any],
    means: Means,
    *,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
) -> Response:
    """One request with a JSON body, never tried again here; the answer where it is 2xx, else Undelivered."""
    from runbook.clients import http
    from runbook.clients.http import access

    own = seconds(settings)
    reading = method == "GET"
    try:
        answer = http.request(
            method,
            url,
            timeout=means.timeout if own is None else min(own, means.timeout),
            headers={**({} if body is None else {"content-type": "application/json"}), **(headers or {})},
            body=None if body is None else json.dumps(body).encode(),
            trust=access.trust(settings),
        )
    except NoAnswer as error:
        raise Undelivered(
            error.message, again=error.reason != "tls", doubt=error.sent and not reading, hint=error.hint
        ) from error
    except (LocalFault, Unreachable) as error:
        doubt = isinstance(error, LocalFault) and error.sent and not reading
        raise Undelivered(error.message, again=True, doubt=doubt, hint=error.hint) from error
    if not 200 <= answer.status < 300:
        raise refusal(answer)
    return answer


def refusal(answer: Response) -> Undelivered:
    """What a status says that is not 2xx."""
    status, after = answer.status, patience(answer)
    words = said(answer)
    message = f"it answered with status {status}" + (f": {words}" if words else "")
    if status in _BUSY or (status == 503 and after is not None):
        return Undelivered(message, again=True, after=after)
    if status in (401, 403):
        return Undelivered(message, hint="check the token of the channel, and what it may do")
    return Undelivered(message, again=status >= 500, doubt=status >= 500, after=after)


def patience(answer: Response) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or as a date; None where it says nothing of use."""
    given = answer.headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        until = parsedate_to_datetime(given)
        return max(0.0, (until - parsedate_to_datetime(answer.headers["date"])).total_seconds())
    except (KeyError, TypeError, ValueError):
        return None


def said(answer: Response) -> str:
    """What a service says about an error, in one line: its own words in JSON, else the beginning of its text."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None if answer.media == "text/html" else answer.text
    if isinstance(found, Mapping):
        found = found.get("error") or found.get("message") or found.get("errors")
    return " ".join(plain(str(found)).split())[:SAID] if found else ""


def answered(answer: Response, what: str) -> Mapping[str, Any]:
    """The JSON object of an answer; what is none is no answer, and leaves open what was done."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, Mapping) or answer.truncated:
        raise Undelivered(
            f"what {what} answered is not its JSON: {answer.media or 'no content type'}, {len(answer.body)} bytes",
            again=True,
            doubt=True,
            hint="does the address lead to it, and not to a proxy or a login page?",
        )
    return found


def seconds(settings: Mapping[str, Any]) -> float | None:
    """The channel's `timeout`; UsageError for what is not a duration."""
    given = settings.get("timeout")
    try:
        return None if given is None else float(Duration.parse(given))
    except ValueError as error:
        raise UsageError(f"timeout of the channel: {error}") from error


def shortened(text: str, most: int, rest: str) -> str:
    """Text of at most so many characters; where it was cut, it says where the rest is."""
    if len(text) <= most:
        return text
    end = f"\n… (cut here; the rest: {rest})"
    return text[: most - len(end)].rstrip() + end


def rest_of(incident: str | None, run: str) -> str:
    """Where all of a message is to be read that was too long."""
    return f"runbook incident timeline {incident}" if incident else f"runbook log show {run}"
