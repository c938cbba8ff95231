"""The channel `cachet`: an incident of a Cachet 3 status page, and its updates.

The first message about an incident makes one there, what follows is an update of the same. Its `meta` holds the key of
the message, by which `found` tells after a lost answer whether it got out. Subscribers are mailed only where the
channel says `notify_subscribers: true`. Facts: cachethq/core, routes/api.php and src/Data/Requests/Incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from runbook.errors import UsageError
from runbook.messages.channels import web
from runbook.messages.outgoing import LEVELS, STATUSES, Means, Outgoing, Undelivered
from runbook.messages.plain import plain

NAME = 255  # characters that it takes
_STATUS = {
    word: number for number, word in enumerate(STATUSES, 1)
}  # 1 investigating, 2 identified, 3 watching, 4 fixed
_COMPONENT = {word: number for number, word in enumerate(LEVELS, 1)}  # 1 operational … 4 major outage


def deliver(settings: Mapping[str, Any], message: Outgoing, means: Means) -> Mapping[str, Any]:
    """Make the incident, or add an update to the one that `message.before` names; `{id}` of it."""
    text = plain(message.text)
    incident = (message.before or {}).get("id")
    if incident is not None:
        status = _STATUS[message.status] if message.status else _known(settings, str(incident), means)
        path = f"/api/incidents/{quote(str(incident), safe='')}/updates"
        _asked("POST", settings, path, means, {"status": status, "message": _marked(text, message)})
        return {"id": str(incident)}
    body: dict[str, Any] = {
        "name": plain(message.title)[:NAME],
        "status": _STATUS[message.status or "investigating"],
        "message": text,
        "visible": True,
        "stickied": False,
        "notifications": settings.get("notify_subscribers") is True,
        "meta": {"runbook_message": message.key, "runbook_incident": message.incident or message.run},
    }
    body |= _components(settings, message)
    return _placed(_asked("POST", settings, "/api/incidents", means, body))


def found(settings: Mapping[str, Any], message: Outgoing, means: Means) -> Mapping[str, Any] | None:
    """The incident there that this very message made, or has an update of it; None where there is none."""
    incident = (message.before or {}).get("id")
    if incident is None:
        query = f"?filter[meta][runbook_message]={quote(message.key, safe='')}"
        rows = _rows(_asked("GET", settings, f"/api/incidents{query}", means))
        # a server that does not know the filter gives all of them
        ours = [row for row in rows if _meta(row).get("runbook_message") == message.key]
        return _placed({"data": ours[0]}) if ours else None
    rows = _rows(_asked("GET", settings, f"/api/incidents/{quote(str(incident), safe='')}/updates", means))
    mark = _mark(message)
    return {"id": str(incident)} if any(mark in str(_fields(row).get("message")) for row in rows) else None


def check(settings: Mapping[str, Any], means: Means) -> str:
    """Which version answers; nothing is made."""
    version = _asked("GET", settings, "/api/version", means).get("data")
    mails = "subscribers are mailed" if settings.get("notify_subscribers") is True else "nobody is mailed"
    return f"Cachet {version} answers; {mails}"


def _components(settings: Mapping[str, Any], message: Outgoing) -> dict[str, Any]:
    known = settings.get("components", {})
    ids = [known[name] for name in message.affected if name in known]
    if not ids or message.level not in _COMPONENT:
        return {}
    return {"components": [{"id": int(one), "status": _COMPONENT[message.level]} for one in ids]}


def _known(settings: Mapping[str, Any], incident: str, means: Means) -> int:
    """The status that an incident has there: an update must say one, and this one changes nothing."""
    fields = _fields(_asked("GET", settings, f"/api/incidents/{quote(incident, safe='')}", means).get("data"))
    status = fields.get("status")
    value = status.get("value") if isinstance(status, Mapping) else status
    return value if isinstance(value, int) else _STATUS["investigating"]


def _mark(message: Outgoing) -> str:
    return f"<!-- {quote(message.key, safe='/:#@+')} -->"


def _marked(text: str, message: Outgoing) -> str:
    """Updates have no `meta`: theirs is a comment in Markdown, which nobody sees."""
    return f"{text}\n\n{_mark(message)}"


def _asked(method: str, settings: Mapping[str, Any], path: str, means: Means, body: Any = None) -> Mapping[str, Any]:
    if not settings.get("url") or not settings.get("token"):
        raise UsageError("a cachet channel needs `url` and `token`")
    headers = {"authorization": f"Bearer {means.secret(settings['token'])}", "accept": "application/json"}
    url = str(settings["url"]).rstrip("/") + path
    return web.answered(web.asked(method, url, settings, means, headers=headers, body=body), "Cachet")


def _rows(answer: Mapping[str, Any]) -> list[Any]:
    data = answer.get("data")
    return data if isinstance(data, list) else []


def _fields(row: Any) -> Mapping[str, Any]:
    """What a row says, whether its fields stand beside its id or under `attributes`, as JSON:API has them."""
    inner = row.get("attributes") if isinstance(row, Mapping) else None
    return inner if isinstance(inner, Mapping) else row if isinstance(row, Mapping) else {}


def _meta(row: Any) -> Mapping[str, Any]:
    meta = _fields(row).get("meta")
    return meta if isinstance(meta, Mapping) else {}


def _placed(answer: Mapping[str, Any]) -> dict[str, Any]:
    data = answer.get("data")
    if not isinstance(data, Mapping) or not data.get("id"):
        raise Undelivered("Cachet took it, and does not say which incident it is", again=True, doubt=True)
    return {"id": str(data["id"])}
