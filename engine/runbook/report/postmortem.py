"""A postmortem as Markdown: facts in blocks that can be made anew, and places for the words that only people have.

Facts never name a person unless asked to, and never a cause: what came together is for people to say. Times are UTC,
because a postmortem is read in other zones than it was lived in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from runbook.incident.actions import Action, State
from runbook.incident.declared import Agrees
from runbook.incident.leftovers import LeftField, Leftover
from runbook.incident.postmortem.blocks import block
from runbook.incident.postmortem.facts import Approval, Facts, Ran
from runbook.incident.postmortem.review import Review
from runbook.incident.words import TIMES
from runbook.report.safe import shown
from runbook.report.timeline import Entry, happened
from runbook.report.times import span
from runbook.report.values import value

_LONG: Final = 300  # characters of one cell


class Draft(NamedTuple):
    """A whole postmortem, its facts by the name of their block, and what stands for each person's name."""

    text: str
    blocks: Mapping[str, str]
    people: Mapping[str, str]


def drafted(facts: Facts, timeline: Sequence[Entry], review: Review | None = None) -> Draft:
    """The first draft: every block, with the questions that people answer between them."""
    made = blocks(facts, timeline, review=review)
    here = {name: block(name, facts.incident.id, body) for name, body in made.items()}
    text = _TEMPLATE.format(title=_cell(facts.incident.title), day=_day(facts.started), **here)
    return Draft(text, made, facts.people.instead)


def blocks(facts: Facts, timeline: Sequence[Entry], *, review: Review | None = None) -> dict[str, str]:
    """The facts as Markdown, by the name of their block."""
    return {
        "summary": _summary(facts, review),
        "times": _times(facts),
        "timeline": _timeline(facts, timeline),
        "response": _response(facts),
        "left": _left(facts),
        "actions": _actions(facts.actions, facts),
    }


_TEMPLATE: Final = """\
# Postmortem: {title} ({day})

{summary}

## Summary

TODO: what happened, in three sentences that somebody from another team understands.

## Impact

{times}

TODO: what users saw; how many, how long, what it cost. Numbers where there are some.

## Timeline (UTC)

{timeline}

## Contributing factors

TODO: what had to come together for this to happen: the change, the condition, the missing guard, the surprise.

TODO: why it was found when it was found, and not earlier.

## What the response did

{response}

## What is left changed

{left}

## Action items

{actions}

## Lessons learned

### What went well

- TODO: what helped, so that it is kept.

### What went wrong

- TODO: what slowed people down or misled them.

### Where we were lucky

- TODO: what was in our favour by chance, and is not to be counted on.
"""


def _summary(facts: Facts, review: Review | None) -> str:
    incident = facts.incident
    worst = [f"{one.from_} to {one.to}" for one in incident.severities]
    lines = [
        ("Incident", incident.id),
        ("Date", _day(facts.started)),
        ("Duration", _duration(facts)),
        ("Severity", f"{incident.severity} ({', '.join(worst)})" if worst else incident.severity),
        ("Type", incident.type),
        ("Service", incident.service),
        ("Affected", incident.affected),
        ("Impact", incident.impact),
        ("Led by", facts.people.of(incident.who("commander")) if incident.who("commander") else None),
        ("Marked", f"TLP:{incident.tlp}" if incident.tlp else None),
        ("Confidential", "yes: keep this among those who need to know" if incident.confidential else None),
        ("Review meeting", _review(review)),
    ]
    return "\n".join(f"- **{name}**: {_cell(facts.people.without_names(str(value)))}" for name, value in lines if value)


def _duration(facts: Facts) -> str:
    if facts.ended is None:
        return f"since {_when(facts.started)}; not resolved"
    same = _day(facts.started) == _day(facts.ended)
    end = f"{_clock(facts.ended)}" if same else _when(facts.ended)
    return f"{span(facts.ended - facts.started)} ({_when(facts.started)} to {end} UTC)"


def _review(review: Review | None) -> str | None:
    if review is None:
        return None
    return f"held on {_when(review.held)} UTC" if review.held else f"due by {_when(review.due)} UTC: {review.why}"


def _times(facts: Facts) -> str:
    """Every time of the incident, the ones that nobody knows too: a gap is a finding."""
    rows = []
    for name in TIMES:
        moment = facts.incident.times.get(name)
        if moment is None:
            rows.append((name.replace("_", " "), "not known", "", ""))
            continue
        after = span(moment.at - facts.started) if moment.at > facts.started else "0s"
        source = facts.people.without_names(moment.source or "recorded as it happened")
        rows.append((name.replace("_", " "), _when(moment.at), after, source))
    return table(("what", "when (UTC)", "after the start", "known from"), rows)


def _timeline(facts: Facts, timeline: Sequence[Entry]) -> str:
    """What matters of it, by when it happened; the rest of the record is named."""
    told = happened(timeline)
    days = len({_day(one.happened) for one in told}) > 1
    rows = [
        (_when(one.happened) if days else _clock(one.happened), facts.people.without_names(one.said), one.short)
        for one in told
    ]
    every = f"`runbook incident timeline {facts.incident.id}` tells all {len(timeline)} records."
    return f"{table(('time', 'what happened', 'record'), rows)}\n\n{every}"


def _response(facts: Facts) -> str:
    if not facts.runs:
        return "No run of a runbook belongs to this incident."
    return "\n\n".join(_ran(ran, facts) for ran in facts.runs)


def _ran(ran: Ran, facts: Facts) -> str:
    how = "automatically" if ran.auto else "by people"
    took = f", {span(ran.ended - ran.started)}" if ran.ended is not None else ""
    lines = [f"**{_cell(ran.runbook)}** (run `{ran.run}`), {how}, {_clock(ran.started)}{took}: {_came(ran)}", ""]
    lines += [f"- Found by `{_cell(step)}`: {_cell(facts.people.without_names(say))}" for step, say in ran.seen]
    lines += [f"- Option `{_cell(option)}`: {_cell(facts.people.without_names(came))}" for option, came in ran.tried]
    lines += [f"- {_approval(one, facts)}" for one in ran.approvals]
    for change in ran.changes:
        undone = "; it was taken back" if change.undone else ""
        lines.append(f"- {_clock(change.at)} changed: {_cell(change.summary)}{undone}")
    return "\n".join(lines).rstrip()


def _came(ran: Ran) -> str:
    if ran.outcome is None:
        return "not ended"
    helped = f" by `{_cell(ran.helped)}`" if ran.helped and ran.outcome == "resolved" else ""
    return f"{ran.outcome.replace('_', ' ')}{helped}"


def _approval(one: Approval, facts: Facts) -> str:
    who = "the policy" if one.policy else " and ".join(facts.people.of(name) for name in one.by) or "nobody"
    glass = ", **breaking the glass**" if one.break_glass else ""
    return f"{_clock(one.at)} `{_cell(one.option)}` was {one.verdict} by {who} after {span(one.waited)}{glass}"


def _left(facts: Facts) -> str:
    if not facts.left:
        return "Nothing that a run changed is left as it was not before."
    rows = [
        (one.summary, ", ".join(_field(field) for field in one.fields) or "-", _git(one), _until(one))
        for one in facts.left
    ]
    return table(("change", "was → is", "Git says", "to be taken back"), rows)


def _field(field: LeftField) -> str:
    return f"{field.path}: {value(field.before)} → {value(field.after)}"


_GIT: Final = {Agrees.SAME: "the same", Agrees.SILENT: "nothing of it", Agrees.UNKNOWN: "not known"}


def _git(one: Leftover) -> str:
    said = [
        f"{value(field.declared)} ({field.file}): the next deployment takes it back"
        if field.agrees is Agrees.OTHER
        else _GIT[field.agrees]
        for field in one.fields
    ]
    return "; ".join(dict.fromkeys(said)) or "not known"


def _until(one: Leftover) -> str:
    undo = f" `{one.undo}`" if one.undo else ""
    return f"by {_when(one.due)} UTC{undo}" if one.due is not None else f"nobody said when{undo}"


def _actions(items: Iterable[Action], facts: Facts) -> str:
    rows = [
        (
            item.id,
            item.title,
            str(item.aim),
            facts.people.without_names(item.owner or "**nobody yet**"),
            item.due.isoformat() if item.due else "**no day yet**",
            str(item.state) if item.state is State.OPEN or not item.reason else f"{item.state}: {item.reason}",
            item.ticket or "",
        )
        for item in items
    ]
    if not rows:
        return f"None yet: `runbook actions add {facts.incident.id} TITLE --owner WHO --due DAY`."
    return table(("id", "action", "type", "owner", "deadline", "state", "ticket"), rows)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table; values cannot leave their cells."""
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(" --- " for _ in head) + "|"]
    lines += ["| " + " | ".join(_cell(str(value)) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    plain = " ".join(shown(text).split())
    plain = plain if len(plain) <= _LONG else plain[: _LONG - 1] + "…"
    return plain.replace("|", "\\|").replace("<!--", "<! --").replace("-->", "-- >")


def _when(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M")
