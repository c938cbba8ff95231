"""The channel `slack`: a message in a Slack channel, by a bot's token or through an incoming webhook.

With a token the first message about an incident begins a thread; what follows stands in it, or, with `updates: edit`,
takes the place of the first. An incoming webhook can only post. Plain HTTP, not slack-sdk: of it we need two requests
and their errors, and it takes 100 ms to import.

Slack answers 200 to nearly everything; `error` in the answer says what went wrong. Facts: docs.slack.dev,
chat.postMessage and rate limits (about one message a second and channel).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.errors import UsageError
from runbook.messages.channels import web
from runbook.messages.outgoing import Means, Outgoing, Undelivered
from runbook.messages.plain import plain

API = "https://slack.com/api"
MOST = 4000  # characters of `text` that Slack advises, and of an edited message that it takes
PACE = 1.0  # seconds between two messages to a channel

_LATER = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_DOUBTFUL = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"})
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"})
_HINTS = {
    "channel_not_found": "is `channel` right, and may the bot see it? A private one must invite it",
    "not_in_channel": "invite the bot into the channel, or give it the scope chat:write.public",
    "is_archived": "the channel is archived; name another one",
    "missing_scope": "the bot needs the scope chat:write",
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"),
        "is `token` the bot's token (xoxb-…), and still good?",
    ),
}


class _SlackSays(Undelivered):
    """An error that Slack names; `word` is its name for it."""

    def __init__(self, word: str, *, after: float | None = None) -> None:
        super().__init__(
            f"Slack says {word!r}",
            again=word in _LATER | _DOUBTFUL,
            doubt=word in _DOUBTFUL,
            after=after,
            hint=_HINTS.get(word),
        )
        self.word = word


def deliver(settings: Mapping[str, Any], message: Outgoing, means: Means) -> Mapping[str, Any] | None:
    """Post the message, into the thread of the first about the same thing; where it stands: `{channel, ts, thread}`."""
    text = _escaped(web.shortened(plain(message.marked), MOST, web.rest_of(message.incident, message.run)))
    if "webhook" in settings:
        _hooked(settings, {"text": text}, means)
        return None
    if not settings.get("token") or not settings.get("channel"):
        raise UsageError("a slack channel needs `token` and `channel`, or `webhook`")
    try:
        return _posted(settings, text, message.before, means)
    except _SlackSays as said:
        if said.word not in _GONE or message.before is None:
            raise
        return _posted(settings, text, None, means)  # somebody has deleted the first one


def check(settings: Mapping[str, Any], means: Means) -> str:
    """Who Slack takes us for; of a webhook only that something listens there."""
    if "webhook" in settings:
        from runbook.messages.channels.webhook import dialled

        return f"{dialled(settings['webhook'], means)} takes connections; nothing was posted"
    found = _called("auth.test", settings, {}, means)
    return (
        f"Slack knows us as {found.get('user')} in {found.get('team')}; whether {settings['channel']} takes us is open"
    )


def _posted(settings: Mapping[str, Any], text: str, before: Mapping[str, Any] | None, means: Means) -> dict[str, Any]:
    body: dict[str, Any] = {"channel": settings["channel"], "text": text}
    method, thread = "chat.postMessage", None
    if before is not None and settings.get("updates") == "edit":
        # an edit wants the channel's id, which the first answer gave
        method = "chat.update"
        body |= {"channel": before.get("channel"), "ts": before.get("ts")}
    elif before is not None:
        thread = before.get("thread") or before.get("ts")
        body |= {"thread_ts": thread, "reply_broadcast": True, "unfurl_links": False}
    else:
        body |= {"unfurl_links": False}
    found = _called(method, settings, body, means)
    if not isinstance(found.get("ts"), str):
        raise Undelivered("Slack says ok, and not where the message stands", doubt=True, again=True)
    return {"channel": found.get("channel"), "ts": found["ts"], "thread": thread or found["ts"]}


def _called(method: str, settings: Mapping[str, Any], body: dict[str, Any], means: Means) -> Mapping[str, Any]:
    base = str(settings.get("url", API)).rstrip("/")
    headers = {
        "authorization": f"Bearer {means.secret(settings['token'])}",
        "content-type": "application/json; charset=utf-8",
    }
    answer = web.asked("POST", f"{base}/{method}", settings, means, headers=headers, body=body)
    found = web.answered(answer, "Slack")
    if found.get("ok") is not True:
        raise _SlackSays(str(found.get("error", "nothing")), after=web.patience(answer))
    return found


def _hooked(settings: Mapping[str, Any], body: dict[str, Any], means: Means) -> None:
    """An incoming webhook answers 200 and `ok`, or a status and a word such as `no_service`."""
    answer = web.asked("POST", means.secret(settings["webhook"]), settings, means, body=body)
    if answer.text.strip() != "ok":
        raise Undelivered(f"the webhook did not say ok, but: {web.said(answer) or 'nothing'}", doubt=True)


def _escaped(text: str) -> str:
    """Text that is only text to Slack: nothing in it names a person, a channel or a link (`<!channel>`)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
