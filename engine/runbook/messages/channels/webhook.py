"""The channel `webhook`: the message as a JSON object, posted to a web address.

`{"text", "run", "runbook", "incident", "key", "repeated"}`: `text` is the field that chat systems' incoming webhooks
show, and `key` is by what a receiver drops a message that it has already. One request, no redirects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.errors import UsageError
from runbook.messages.channels import web
from runbook.messages.outgoing import Means, Outgoing
from runbook.messages.plain import plain


def deliver(settings: Mapping[str, Any], message: Outgoing, means: Means) -> None:
    """Post the message; Undelivered unless the answer is 2xx, UsageError for settings that cannot be used.

    The address and the headers may be references to secrets: many chat systems' addresses are secrets.
    """
    from runbook.clients.http import access

    if not settings.get("url"):
        raise UsageError("a webhook channel needs a `url`")
    body = {
        "text": plain(message.marked),
        "run": message.run,
        "runbook": message.runbook,
        **({"incident": message.incident} if message.incident else {}),
        "key": message.key,
        "repeated": message.repeated,
    }
    headers = access.headers(settings, means.secret)
    web.asked("POST", means.secret(settings["url"]), settings, means, headers=headers, body=body)


def check(settings: Mapping[str, Any], means: Means) -> str:
    """Whether something listens there; nothing is posted."""
    return f"{dialled(settings['url'], means)} takes connections; nothing was sent"


def dialled(url: Any, means: Means) -> str:
    """Connect to where an address points, and say nothing; the host and port that took it."""
    from runbook.clients import net
    from runbook.clients.http import urls

    found = urls.parse(means.secret(url))
    port = found.port or (443 if found.scheme == "https" else 80)
    net.connect(found.host, port, net.Deadline(means.timeout)).close()
    return f"{found.host}:{port}"
