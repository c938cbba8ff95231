"""What is told of the records of an incident's stream: one sentence each, in plain words, from the record alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runbook.core.records import Written
from runbook.incident import records as r
from runbook.report.safe import first_line
from runbook.report.tell_obligations import TELL_OBLIGATIONS
from runbook.report.values import pairs, value

_SHORT = 200  # columns of a text in one line


def told(record: Written) -> str:
    """The sentence of a record; its name and what it holds where no words are known for it."""
    tell = TELL.get(record.type)
    return tell(record.data) if tell is not None else _plainly(record)


def _plainly(record: Written) -> str:
    held = {name: item for name, item in record.data.items() if item not in (None, "", [], {})}
    return f"{record.type}{': ' if held else ''}{pairs(held)}"


def _declared(data: Mapping[str, Any]) -> str:
    type_ = f", {data['type']}" if data.get("type") else ""
    marks = (", confidential" if data.get("confidential") else "") + (f", TLP:{data['tlp']}" if data.get("tlp") else "")
    came = data.get("imported") or {}
    from_ = f"; imported from {came.get('from')} {came.get('id')}" if came else ""
    by = f"; by run {data['run']} of {data.get('runbook')}" if data.get("run") else ""
    return f"declared {data.get('severity')}{type_}{marks}: {data.get('title')}{_when(data)}{by}{from_}"


def _updated(data: Mapping[str, Any]) -> str:
    said = "; ".join(f"{name.replace('_', ' ')}: {_field(item)}" for name, item in data.get("fields", {}).items())
    return f"{said}{_because(data)}"


def _field(item: Any) -> str:
    return {True: "yes", False: "no", None: "taken away"}.get(item) or _text(item) if _is_plain(item) else _text(item)


def _is_plain(item: Any) -> bool:
    return item is None or isinstance(item, bool)


def _severity(data: Mapping[str, Any]) -> str:
    return f"severity {data.get('from')} → {data.get('to')}{_because(data)}"


def _classified(data: Mapping[str, Any]) -> str:
    return f"type {data.get('from') or 'not known'} → {data.get('to')}{_because(data)}"


def _timed(data: Mapping[str, Any]) -> str:
    return f"{str(data.get('time')).replace('_', ' ')}{_when(data)}{_because(data)}"


def _mitigated(data: Mapping[str, Any]) -> str:
    return f"mitigated{_when(data)}{_summary(data)}"


def _resolved(data: Mapping[str, Any]) -> str:
    left = len(data.get("leftovers") or ())
    rest = f"; {left} left to do" if left else ""
    rest += f"; what {', '.join(data['unread'])} left is not known" if data.get("unread") else ""
    return f"resolved{_when(data)}{_summary(data)}{rest}"


def _reopened(data: Mapping[str, Any]) -> str:
    return f"reopened{_because(data)}"


def _assigned(data: Mapping[str, Any]) -> str:
    from_ = f", handed over by {data['from']}" if data.get("from") else ""
    return f"{data.get('person')} is {data.get('role')}{from_}{_because(data)}"


def _relieved(data: Mapping[str, Any]) -> str:
    return f"{data.get('person')} is {data.get('role')} no more{_because(data)}"


def _linked(data: Mapping[str, Any]) -> str:
    relation = f", {data['relation']}" if data.get("relation") else ""
    note = f": {_text(data['note'])}" if data.get("note") else ""
    return f"linked {data.get('what')} {data.get('id')}{relation}{note}"


def _joined(data: Mapping[str, Any]) -> str:
    return f"run {data.get('run')} of {data.get('runbook') or 'no runbook'} joined"


def _noted(data: Mapping[str, Any]) -> str:
    return f"note: {_text(data.get('text'))}"


def _intended(data: Mapping[str, Any]) -> str:
    what = data.get("template") or data.get("kind") or "message"
    audience = f" ({data['audience']})" if data.get("audience") else ""
    return f"{what} for {data.get('channel')}{audience}: {_text(data.get('text'))}"


def _sent(data: Mapping[str, Any]) -> str:
    error = data.get("error")
    why = error.get("message") if isinstance(error, Mapping) else error
    said = f": {why}" if why else ""
    to = f" to {data['channel']}" if data.get("channel") else ""
    return f"message {data.get('message')}{to}: {data.get('status')}{said}"


def _reminded(data: Mapping[str, Any]) -> str:
    to = f" for {data['to']}" if data.get("to") else ""
    return f"reminder{to} about {data.get('about')}: {_text(data.get('text') or data.get('key'))}"


def _action(data: Mapping[str, Any]) -> str:
    owner = f", {data['owner']}" if data.get("owner") else ""
    due = f", due {data['due']}" if data.get("due") else ""
    return f"action item {data.get('action')}{owner}{due}: {_text(data.get('title'))}"


def _action_changed(data: Mapping[str, Any]) -> str:
    said = f" is {data['state']}" if data.get("state") else f": {pairs(data.get('fields') or {})}"
    return f"action item {data.get('action')}{said}{_because(data)}"


def _postmortem(data: Mapping[str, Any]) -> str:
    return f"postmortem written to {data.get('path')}"


def _review(data: Mapping[str, Any]) -> str:
    return f"the postmortem was reviewed{_when(data)}"


def _when(data: Mapping[str, Any]) -> str:
    """When it was, and who says so, where that is not the time of the record."""
    at = f" at {str(data['at'])[:19].replace('T', ' ')}Z" if data.get("at") else ""
    return at + (f", says {data['source']}" if data.get("source") else "")


def _because(data: Mapping[str, Any]) -> str:
    return f": {_text(data['reason'])}" if data.get("reason") else ""


def _summary(data: Mapping[str, Any]) -> str:
    return f": {_text(data['summary'])}" if data.get("summary") else ""


def _text(item: Any) -> str:
    return value(first_line(item), _SHORT) if isinstance(item, str) else value(item, _SHORT)


TELL: dict[str, Callable[[Mapping[str, Any]], str]] = {
    r.DECLARED: _declared,
    r.UPDATED: _updated,
    r.SEVERITY_CHANGED: _severity,
    r.CLASSIFIED: _classified,
    r.TIMED: _timed,
    r.MITIGATED: _mitigated,
    r.RESOLVED: _resolved,
    r.REOPENED: _reopened,
    r.ASSIGNED: _assigned,
    r.RELIEVED: _relieved,
    r.LINKED: _linked,
    r.JOINED: _joined,
    r.NOTED: _noted,
    r.MESSAGE_INTENDED: _intended,
    r.MESSAGE_SENT: _sent,
    r.REMINDED: _reminded,
    **TELL_OBLIGATIONS,
    r.ACTION_ADDED: _action,
    r.ACTION_CHANGED: _action_changed,
    r.POSTMORTEM_WRITTEN: _postmortem,
    r.REVIEW_HELD: _review,
}
