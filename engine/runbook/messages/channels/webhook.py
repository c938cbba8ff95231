"""The channel `webhook`: the message as a JSON object, posted to a web address.

`{"text", "run", "runbook", "key", "repeated"}`: `text` is the field that chat systems' incoming webhooks
show, and `key` is by what a receiver drops a message that it has already. One request, never tried again
here, no redirects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from runbook.errors import UsageError, WorldError
from runbook.messages.outgoing import Means, Outgoing
from runbook.messages.plain import plain

TIMEOUT = 10.0


def deliver(settings: Mapping[str, Any], message: Outgoing, means: Means) -> None:
    """Post the message; WorldError unless the answer is 2xx, UsageError for settings that cannot be used.

    The address and the headers may be references to secrets: many chat systems' addresses are secrets.
    """
    from runbook.clients import http
    from runbook.clients.http import access

    if not settings.get("url"):
        raise UsageError("a webhook channel needs a `url`")
    url = settings["url"]
    response = http.request(
        "POST",
        url if isinstance(url, str) else means.secret(url),
        timeout=access.seconds(settings) or TIMEOUT,
        headers={"content-type": "application/json", **access.headers(settings, means.secret)},
        body=_body(message),
    )
    if not 200 <= response.status < 300:
        raise WorldError(f"the webhook answered with status {response.status}")


def _body(message: Outgoing) -> bytes:
    return msgspec.json.encode(
        {
            "text": plain(message.marked),
            "run": message.run,
            "runbook": message.runbook,
            "key": message.key,
            "repeated": message.repeated,
        }
    )
