"""The change that an http.request would make, and what the answer to it says (RFC 9110 §15):

an expected status (2xx unless `expect_status`)   applied
another 2xx; 301 302 303                          unknown: a form that was accepted redirects, and so does
                                                  a login page
304 307 308, 4xx                                  not applied: the server says that it did not do it
5xx, or no answer after a byte was sent           unknown
no answer before a byte was sent                  not applied
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from runbook.core.canonical import as_stored
from runbook.core.changes import Change, Target
from runbook.core.words import Applied
from runbook.document.words import Effect
from runbook.errors import ParameterError
from runbook.kinds import http_exchange
from runbook.kinds.protocol import Inputs

KIND = "http.request"
VERSION = 1


def planned(
    inputs: Inputs,
    whole: Callable[[str], str],
    concealed: Callable[[Any], Any],
) -> Change:
    """The change, its undo included.

    `whole` makes a URL absolute; `concealed` says what stands in the request for a reference to a secret. The
    headers of the connection are the configuration's, not the plan's.
    """
    undo, url, method = inputs.get("undo"), whole(inputs["url"]), inputs["method"]
    inputs = _as_sent(inputs, url)
    body(inputs)  # what cannot be sent shows now, and not after somebody has said yes
    headers = {
        name.lower(): concealed(value) if http_exchange.is_secret(value) else str(value)
        for name, value in inputs.get("headers", {}).items()
    }
    return Change(
        kind=KIND,
        version=VERSION,
        target=_target(url),
        summary=f"{method} {url}",
        effect=Effect(inputs.get("effect", "change")),
        inputs=inputs,
        request={
            "method": method,
            "url": url,
            "headers": headers,
            **{key: inputs[key] for key in ("json", "body", "expect_status") if key in inputs},
        },
        undo=planned(beside(inputs, undo, whole), whole, concealed) if undo else None,
        irreversible=None if undo else "the step says no request that takes it back",
        diff=_drawn(method, url, inputs),
        by_hand=http_exchange.curl(method, inputs),
    )


def _as_sent(inputs: Inputs, url: str) -> dict[str, Any]:
    """Inputs that read the same when they come back from the journal, by which the request is made."""
    sent = dict(inputs) | {"url": url}
    if "headers" in sent:
        sent["headers"] = {k: v if http_exchange.is_secret(v) else str(v) for k, v in sent["headers"].items()}
    if "json" in sent:
        sent["json"] = as_stored(sent["json"])
    if "body" in sent:
        sent["body"] = str(sent["body"])
    return sent


def beside(inputs: Inputs, other: Inputs, whole: Callable[[str], str]) -> dict[str, Any]:
    """Another request of the same step: with the step's headers where it goes to the same origin.

    All but the `Idempotency-Key`: a server that has seen it would answer what it answered then, and do nothing.
    """
    from runbook.clients.http import urls

    url = whole(other["url"])
    same = urls.origin(url) == urls.origin(whole(inputs["url"]))
    headers = {name: value for name, value in inputs.get("headers", {}).items() if name.lower() != "idempotency-key"}
    inherited = {"headers": headers} if same and headers else {}
    return inherited | dict(other) | {"url": url}


def body(inputs: Inputs) -> tuple[bytes | None, dict[str, str]]:
    """The bytes of the body, and the header that says what they are; ParameterError for what cannot be bytes."""
    if "json" in inputs:
        text = json.dumps(inputs["json"], ensure_ascii=False)
        # half of a pair of surrogates as JSON escapes it
        return text.encode("utf-8", "backslashreplace"), {"content-type": "application/json"}
    if "body" in inputs:
        return _encoded(str(inputs["body"])), {}
    return None, {}


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(text[error.start]):04X}, half of a pair of surrogates"
        raise ParameterError(f"step input 'body' has {half}, which UTF-8 cannot say") from error


def expected(inputs: Inputs, status: int) -> bool:
    """Whether a status means success."""
    return status in inputs.get("expect_status", range(200, 300))


def meaning(status: int, success: bool) -> tuple[Applied, str]:
    """What a status says about the change, and in words."""
    if success:
        return Applied.YES, "as expected"
    if status in (304, 307, 308) or 400 <= status < 500:
        return Applied.NO, "the server did not do it"
    if 300 <= status < 400:
        return Applied.UNKNOWN, "a redirect, which is not followed and does not say whether it was done"
    return Applied.UNKNOWN, "that does not say whether it was done"


def _target(url: str) -> Target:
    from runbook.clients.http import urls

    return Target(connection=urls.origin(url), kind="HTTP", name=urls.parse(url).path)


def _drawn(method: str, url: str, inputs: Inputs) -> str:
    lines = [f"{method} {url}"]
    for name, value in inputs.get("headers", {}).items():
        lines.append(f"{name}: {json.dumps(value) if http_exchange.is_secret(value) else value}")
    if "json" in inputs:
        lines += ["", json.dumps(inputs["json"], indent=2, ensure_ascii=False)]
    elif "body" in inputs:
        lines += ["", str(inputs["body"])]
    return "\n".join(lines)
