"""What is told of events that are about the run, its messages and its evidence: each record says it all by itself."""

from __future__ import annotations

from collections.abc import Callable

from runbook.core.dropped import Dropped
from runbook.core.records import Written
from runbook.core.words import RunOutcome
from runbook.report.amounts import counted
from runbook.report.fact import BAD, GOOD, INFO, WARN, Fact, because, fact
from runbook.report.phrases import DELIVERY, MEANING, OUTCOME
from runbook.report.reviewed import unreviewed_words
from runbook.report.times import span
from runbook.report.values import pairs
from runbook.report.where import where_text


def _started(record: Written) -> list[Fact]:
    data = record.data
    title = f" ({data['title']})" if data.get("title") else ""
    severity = f", {data['severity']}" if data.get("severity") else ""
    how = {"auto": ", automatically", "dry": ", a dry run: nothing is changed or sent"}.get(str(data.get("mode")), "")
    who = data.get("initiator") or record.actor.id
    facts = [fact(record, "Run", INFO, f"{data.get('runbook', '')}{title}{severity}, started by {who}{how}")]
    if where := where_text(data.get("environment"), data.get("target")):
        facts.append(fact(record, "Run", INFO, where))
    if data.get("parameters"):
        facts.append(fact(record, "Run", INFO, f"with {pairs(data['parameters'])}"))
    if data.get("unreviewed"):
        facts.append(fact(record, "Run", WARN, f"reviewed: {unreviewed_words(data['unreviewed'])}"))
    if data.get("incident"):
        facts.append(fact(record, "Run", INFO, f"incident {data['incident'].get('id')}"))
    return facts


def _resumed(record: Written) -> list[Fact]:
    who = record.data.get("by") or record.actor.id
    return [fact(record, "Run", INFO, f"resumed by {who}")]


def _sent(record: Written) -> list[Fact]:
    data = record.data
    mark = DELIVERY.get(str(data.get("status")), WARN)
    what = f" ({data['template']})" if data.get("template") else ""
    again = ", repeated" if data.get("repeated") else ""
    return [fact(record, None, mark, f"Message to {data.get('channel')}{what}: {mark.word}{again}{because(data)}")]


def _paged(record: Written) -> list[Fact]:
    data = record.data
    mark = DELIVERY.get(str(data.get("status")), WARN)
    channels = {} if isinstance(data.get("channels"), Dropped) else data.get("channels") or {}
    reached = [name for name, one in channels.items() if one.get("status") == "sent"]
    through = f" through {', '.join(reached)}" if reached else ""
    return [fact(record, None, mark, f"Page to {data.get('to')}: {mark.word}{through}; {data.get('reason')}")]


def _preserved(record: Written) -> list[Fact]:
    data = record.data
    if data.get("status") == "preserved":
        return [fact(record, None, GOOD, f"Evidence {data.get('id')}: kept")]
    return [fact(record, None, BAD, f"Evidence {data.get('id')}: missing{because(data)}")]


def _alerted(record: Written) -> list[Fact]:
    labels = (record.data.get("alert") or {}).get("labels", {})
    return [fact(record, None, INFO, f"alert {labels.get('alertname', '')} joined this run")]


def _jumped(record: Written) -> list[Fact]:
    seconds = float(record.data.get("seconds", 0.0))
    return [fact(record, None, WARN, f"the clock of this machine jumped by {span(seconds)}")]


def _dropped(record: Written) -> list[Fact]:
    data = record.data
    text = f"{counted(int(data.get('count') or 0), 'payload')} dropped by {record.actor.id}{because(data)}"
    return [fact(record, None, WARN, text)]


def _finished(record: Written) -> list[Fact]:
    outcome = RunOutcome(record.data["outcome"])
    mark = OUTCOME[outcome]
    helped = f" by {record.data['option']}" if record.data.get("option") else ""
    text = f"{mark.word}{helped}: {record.data.get('reason') or MEANING[outcome]}"
    return [fact(record, "Outcome", mark, text)]


TELL_RUN: dict[str, Callable[[Written], list[Fact]]] = {
    "run.started": _started,
    "run.resumed": _resumed,
    "message.sent": _sent,
    "page.sent": _paged,
    "evidence.preserved": _preserved,
    "alert.joined": _alerted,
    "clock.jumped": _jumped,
    "run.finished": _finished,
    "payloads.dropped": _dropped,
}
