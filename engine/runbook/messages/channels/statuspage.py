"""The channel `statuspage`: an incident of an Atlassian Statuspage, and its updates.

The first message about an incident makes one there, what follows updates the same. Which components it touches is
said by name in `components`, a name as the incident's `affected` has it to the component's id. Subscribers are mailed
only where the channel says `notify_subscribers: true`.

An incident there carries the keys of our messages in its metadata, so that after a lost answer `found` can tell
whether a message got out. Facts: developer.statuspage.io; one request a second, 429 (formerly 420) beyond.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from runbook.errors import UsageError
from runbook.messages.channels import web
from runbook.messages.outgoing import LEVELS, Means, Outgoing, Undelivered
from runbook.messages.plain import plain

API = "https://api.statuspage.io/v1"
PACE = 1.0  # seconds between two requests
NAME, BODY = 255, 25_000  # characters that it takes

_COMPONENT = dict(zip(LEVELS, ("operational", "degraded_performance", "partial_outage", "major_outage"), strict=True))


def deliver(settings: Mapping[str, Any], message: Outgoing, means: Means) -> Mapping[str, Any]:
    """Make the incident, or update the one that `message.before` names; `{id, url}` of it."""
    told: dict[str, Any] = {
        "body": web.shortened(plain(message.text), BODY, web.rest_of(message.incident, message.run)),
        # true is its own default: it is always said
        "deliver_notifications": settings.get("notify_subscribers") is True,
        "metadata": {"runbook": _about(message)},
    }
    told |= _components(settings, message)
    incident = (message.before or {}).get("id")
    if incident is None:
        told |= {"name": plain(message.title)[:NAME], "status": message.status or "investigating"}
        return _placed(_asked("POST", settings, "/incidents", means, {"incident": told}))
    if message.status is not None:
        told["status"] = message.status
    return _placed(_asked("PATCH", settings, f"/incidents/{quote(str(incident), safe='')}", means, {"incident": told}))


def found(settings: Mapping[str, Any], message: Outgoing, means: Means) -> Mapping[str, Any] | None:
    """The incident there that this very message made or updated last; None where there is none."""
    for incident in _asked("GET", settings, "/incidents?limit=20", means):
        metadata = incident.get("metadata") if isinstance(incident, Mapping) else None
        about = metadata.get("runbook") if isinstance(metadata, Mapping) else None
        if isinstance(about, Mapping) and about.get("message") == message.key:
            return _placed(incident)
    return None


def check(settings: Mapping[str, Any], means: Means) -> str:
    """The page, read with the token; nothing is made."""
    page = _asked("GET", settings, "", means)
    mails = "subscribers are mailed" if settings.get("notify_subscribers") is True else "nobody is mailed"
    return f"the page {page.get('name')!r} lets us in; {mails}"


def _about(message: Outgoing) -> dict[str, str]:
    return {"message": message.key, "incident": message.incident or "", "run": message.run}


def _components(settings: Mapping[str, Any], message: Outgoing) -> dict[str, Any]:
    """The components that are affected, and how; nothing where the message says nothing of it."""
    known = settings.get("components", {})
    ids = [str(known[name]) for name in message.affected if name in known]
    if not ids or message.level not in _COMPONENT:
        return {}
    return {"component_ids": ids, "components": dict.fromkeys(ids, _COMPONENT[message.level])}


def _asked(method: str, settings: Mapping[str, Any], path: str, means: Means, body: Any = None) -> Any:
    if not settings.get("page") or not settings.get("token"):
        raise UsageError("a statuspage channel needs `page` and `token`")
    base = str(settings.get("url", API)).rstrip("/")
    url = f"{base}/pages/{quote(str(settings['page']), safe='')}{path}"
    headers = {"authorization": f"OAuth {means.secret(settings['token'])}"}
    answer = web.asked(method, url, settings, means, headers=headers, body=body)
    try:
        given = json.loads(answer.body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, Mapping | list):
        raise Undelivered(
            "what Statuspage answered is not its JSON", again=True, doubt=method != "GET", hint="is `url` right?"
        )
    return given


def _placed(incident: Any) -> dict[str, Any]:
    if not isinstance(incident, Mapping) or not incident.get("id"):
        raise Undelivered("Statuspage took it, and does not say which incident it is", again=True, doubt=True)
    return {"id": str(incident["id"]), "url": incident.get("shortlink")}
