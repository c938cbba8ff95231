"""The draft of a report, in Markdown: what the record says of the incident, and what people have answered.

Nothing is made up: an item that nobody has answered stands there as missing. First and last line say what it is,
how widely it may be passed on, and who decided that it is due.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.incident.obligations.regimes import GLASS
from runbook.messages.plain import plain
from runbook.report.obligations import granted
from runbook.report.times import minute

if TYPE_CHECKING:
    from runbook.incident.history import Incident
    from runbook.incident.obligations.standing import Case, Obligation

_MARKS = re.compile(r"([\\`*_\[\]<>|#])")


def draft(incident: Incident, case: Case, one: Obligation, now: float) -> str:
    """The whole page."""
    return "\n".join(_lines(incident, case, one, now)) + "\n"


def _lines(incident: Incident, case: Case, one: Obligation, now: float) -> Iterator[str]:
    mark = f"**TLP:{incident.tlp}** · " if incident.tlp else ""
    state = "filed" if one.filings else "DRAFT, not filed"
    yield f"{mark}{_text(one.report.title)} · {_text(one.version.regime.title)} · {state}"
    yield ""
    yield f"# {_text(one.report.title)}"
    yield ""
    article = f" ({_text(one.report.article)})" if one.report.article else ""
    yield f"- To: {_text(one.report.to)}"
    yield f"- Under: {_text(one.version.regime.source.title)}{article}"
    yield from _due(one)
    yield f"- Decision: {_decision(one)}"
    yield ""
    yield "## The incident, as recorded"
    yield ""
    yield from _facts(incident, case, one)
    yield ""
    yield "## What the report must say"
    for item in one.report.information:
        if item.late and item.id not in one.answers and item not in one.open_items:
            continue
        yield ""
        yield f"### {_text(item.text)}"
        yield ""
        answer = one.answers.get(item.id)
        if answer is not None:
            yield plain(answer.text)
        else:
            help_ = f" {_text(item.help)}" if item.help else ""
            yield f"**MISSING: {item.id}.**{help_}"
    if not one.report.information:
        yield ""
        yield "Nothing is prescribed."
    yield ""
    yield "---"
    yield ""
    yield f"{mark}Not legal advice. Decision: {_decision(one)} Made of the record of {incident.id} at {minute(now)}."


def _due(one: Obligation) -> Iterator[str]:
    due = one.deadline
    if due is None:
        yield f"- Due: its time has not begun; it counts from {', '.join(one.absent)}"
        return
    if due.raw is None or due.adjusted is None:
        yield f"- Due: {due.basis[0]}, from {due.anchor} ({minute(due.since)})"
    else:
        adjusted = f", adjusted {minute(due.adjusted)}" if due.adjusted != due.raw else ""
        yield f"- Due: {minute(due.raw)}{adjusted}; {'; '.join(due.basis)}, from {due.anchor} ({minute(due.since)})"
    if due.extended is not None:
        yield f"- Extended: to {minute(due.extended)}, by {_text(granted(one.extensions[-1]))}"


def _decision(one: Obligation) -> str:
    if one.version.regime.name == GLASS:
        return f"none is needed, the record shows it: {_text(one.notes[0])}."
    if one.judgement is None:
        return "nobody has decided yet whether it applies."
    word = "applies" if one.judgement.applicable else "does not apply"
    reason = _text(one.judgement.reason).rstrip(".")
    return f"{_text(one.judgement.by)}, {minute(one.judgement.at)}: {word}, because: {reason}."


def _facts(incident: Incident, case: Case, one: Obligation) -> Iterator[str]:
    facts = {
        "Incident": f"{incident.id}, {incident.severity}, {incident.status}",
        "Title": incident.title,
        "Service": incident.service,
        "Environment": incident.environment,
        "Affected": incident.affected,
        "Impact": incident.impact,
        "Summary": incident.summary,
    }
    yield "| fact | as recorded |"
    yield "|---|---|"
    for name, value in facts.items():
        if value:
            yield f"| {name} | {_text(value)} |"
    for name, moment in sorted(incident.times.items(), key=lambda entry: entry[1].at):
        yield f"| {name.replace('_', ' ').capitalize()} | {minute(moment.at)}{_says(moment.source)} |"
    for name in one.version.regime.anchors:
        for anchor in case.said.anchor(one.version.regime.name, name)[-1:]:
            yield f"| {name.replace('_', ' ').capitalize()} | {minute(anchor.at)}{_says(anchor.source)} |"


def _says(source: str | None) -> str:
    return f", says {_text(source)}" if source else ""


def _text(value: object) -> str:
    """A value on one line, in which nothing means anything to Markdown."""
    return _MARKS.sub(r"\\\1", " ".join(plain(str(value)).split()))
