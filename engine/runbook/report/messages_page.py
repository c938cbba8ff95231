"""The part of an incident's page about what was said to whom, and whether it got there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from runbook.incident.messages import Message
from runbook.report import html
from runbook.report.markup import Child, element
from runbook.report.times import minute

_ROLE: Final = {"sent": "good", "failed": "bad", "suppressed": "warn", "unknown": "warn"}
_LONG: Final = 400  # characters of a message that stand on the page; the record has all of it


def messages_body(messages: Iterable[Message], without_names: Callable[[str], str]) -> Child:
    """A table, the oldest first; the text of each behind a click."""
    rows = []
    for one in messages:
        text = one.text if len(one.text) <= _LONG else one.text[:_LONG] + "…"
        said = html.folded(one.subject or one.template or one.kind or "message", element("pre", without_names(text)))
        status = one.status or "not known yet"
        rows.append(
            (
                element("time", minute(one.at)),
                one.channel,
                one.audience or "team",
                said if one.text else (one.template or ""),
                html.badge(status, _ROLE.get(status, "plain")),
            )
        )
    table = html.table(("When", "Channel", "Read by", "What", "Came of it"), rows)
    return table if rows else html.paragraph("Nothing was said.", soft=True)
