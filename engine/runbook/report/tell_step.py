"""What is told of steps, changes, gates and questions: a record, seen with the history that it continues."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from runbook.core.addresses import parts
from runbook.core.advice import Advice
from runbook.core.changes import Change
from runbook.core.history import address, vote_of
from runbook.core.records import Written
from runbook.core.views import GateView, advised
from runbook.core.words import Answer, StepStatus, Verdict
from runbook.report.advice import advice_facts
from runbook.report.by_hand import exec_text
from runbook.report.fact import BAD, BUSY, DOUBT, GOOD, INFO, WAITS, WARN, Fact, because, fact, reason_of
from runbook.report.meaning import finding_fact
from runbook.report.phrases import EFFECT, ENDED, STATUS, seen_as
from runbook.report.safe import first_line
from runbook.report.times import moment, span
from runbook.report.values import seen
from runbook.report.votes import uncounted

if TYPE_CHECKING:
    from runbook.report.story import Story


def _observed(story: Story, record: Written) -> list[Fact]:
    data, row, key = record.data, story.row(record), record.key or ""
    verdict = Verdict(data["verdict"]) if data.get("verdict") else None
    phase = story.phase(key)
    if data.get("arrived"):
        if verdict is Verdict.PASS:
            return [fact(record, phase, GOOD, f"{row.id}: has taken effect")]
        why = data.get("reason") or "it was accepted, but did not arrive in time"
        return [fact(record, phase, BAD, f"{row.id}: {why}")]
    look = story.looks.of(key)
    if look is not None and not look.news:
        return []
    read = data.get("status") != "failed"
    mark = seen_as(data.get("phase"), verdict, read=read)
    expect = story.known.expect(row.id)
    what = seen(data.get("output") or {}, story.known.telling(row.id))
    parts = [f"{story.called(row)}: {mark.word}"]
    parts += [f", {what}"] if what and read else []
    parts += [f" (expects {expect})"] if expect else []
    parts += [f"; {reason_of(data)}"] if reason_of(data) else []
    parts += [f"; {look.said}"] if look is not None and look.said else []
    return [fact(record, phase, mark, "".join(parts))]


def _planned(story: Story, record: Written) -> list[Fact]:
    data, row, phase = record.data, story.row(record), story.phase(record.key or "")
    called = story.called(row)
    change = story.history.planned(row.path)
    if data.get("change") and change is not None:
        if _approved(story, row.path, change):
            return [fact(record, phase, INFO, f"{row.id}: planned again, as approved")]
        doing = "taking it back: " if data.get("phase") == "undo" else ""
        text = f"{row.id}: {doing}{change.summary} ({EFFECT[change.effect].word})"
        return [fact(record, phase, STATUS[StepStatus.PLANNED], text)]
    if data.get("waits_for"):
        return [fact(record, phase, INFO, f"{called}: can be planned after {', '.join(data['waits_for'])}")]
    if data.get("nothing"):
        return [fact(record, phase, INFO, f"{called}: nothing to do; {data['nothing']}")]
    why = data.get("refused") or reason_of(data) or "it could not be planned"
    word = "refused" if data.get("refused") else "could not be planned"
    return [fact(record, phase, BAD, f"{called}: {word}; {why}")]


def _gate_opened(story: Story, record: Written) -> list[Fact]:
    gate = story.history.gates[record.key or ""]
    until = moment(gate.deadline, story.zone, record.time)
    text = f"opened: needs {gate.terms.asks or gate.terms.required}, until {until}"
    phase = _gate_phase(story, gate)
    beside = [one for caution in gate.cautions for one in advice_facts(record, phase, Advice(caution=caution))]
    return [fact(record, phase, WAITS, text, gate=gate.key), *beside]


def _voted(story: Story, record: Written) -> list[Fact]:
    data = record.data
    gate = story.history.gates.get(str(data.get("gate")))
    word = {"grant": "says yes", "deny": "says no", "skip": "skips it"}.get(str(data.get("verdict")), "voted")
    glass = ", BREAKING THE GLASS" if data.get("break_glass") else ""
    why = because(data)
    vain = uncounted(vote_of(record), gate, story.history.initiators) if gate is not None else None
    why += f"; it does not count: {vain}" if vain else ""
    mark = WARN if data.get("break_glass") or vain else INFO
    return [fact(record, _gate_phase(story, gate), mark, f"{record.actor.id} {word}{glass}{why}")]


def _judged(story: Story, record: Written) -> list[Fact]:
    """A word that its runner does not count is said; one that it counts needs no line of its own."""
    data = record.data
    if data["counts"]:
        return []
    gate = story.history.gates.get(str(data.get("gate")))
    text = f"what {data.get('by')} said does not count: {data.get('reason')}"
    return [fact(record, _gate_phase(story, gate), WARN, text)]


def _decided(story: Story, record: Written) -> list[Fact]:
    data = record.data
    gate = story.history.gates.get(record.key or "")
    verdict = str(data["verdict"])
    by = f" by {', '.join(data['by'])}" if data.get("by") else ""
    glass = ", with broken glass" if data.get("break_glass") else ""
    why = because(data)
    mark = GOOD if verdict == Answer.GRANTED else BAD
    return [fact(record, _gate_phase(story, gate), mark, f"{verdict}{by}{glass}{why}")]


def _asked(story: Story, record: Written) -> list[Fact]:
    data = record.data
    choices = f" ({' / '.join(map(str, data['choices']))})" if data.get("choices") else ""
    until = f", until {moment(data['deadline'], story.zone, record.time)}" if data.get("deadline") else ""
    phase = story.phase(record.key or "")
    asks = fact(record, phase, WAITS, f"asks: {first_line(str(data['question']))}{choices}{until}")
    return [asks, *advice_facts(record, phase, advised(data))]


def _answered(story: Story, record: Written) -> list[Fact]:
    data = record.data
    phase = story.phase(record.key or "")
    if data.get("expired"):
        return [fact(record, phase, BAD, f"nobody answered in time: {story.called(story.row(record))}")]
    why = because(data)
    by = data.get("by") or record.actor.id
    return [fact(record, phase, GOOD, f"answered {data.get('value')!s} by {by}{why}")]


def _intended(story: Story, record: Written) -> list[Fact]:
    data = record.data
    attempt = f" (attempt {data['attempt']})" if data.get("attempt", 1) > 1 else ""
    doing = "being taken back" if data.get("undoes") else "being applied"
    text = f"{story.row(record).id}: {doing}{attempt}"
    return [fact(record, story.phase(record.key or ""), BUSY, text)]


def _resulted(story: Story, record: Written) -> list[Fact]:
    data, row = record.data, story.row(record)
    applied = str(data.get("applied"))
    error = f": {reason_of(data)}" if reason_of(data) else ""
    word = {"yes": "applied", "partly": "applied in part", "no": "not applied"}.get(applied, applied)
    if (record.key or "").rsplit(":", 1)[-1].startswith("undo"):
        word = {"applied": "taken back"}.get(word, f"undo {word}")
    mark = GOOD if applied == "yes" and not error else BAD
    phase = story.phase(record.key or "")
    warned = [fact(record, phase, WARN, f"{row.id}: {said}") for said in data.get("warnings", ())]
    return [fact(record, phase, mark, f"{row.id}: {word}{error}"), *warned]


def _confirmed(story: Story, record: Written) -> list[Fact]:
    data, row = record.data, story.row(record)
    phase = story.phase(record.key or "")
    if data.get("found") == "unknown":
        running = f"; process group {data['running']} of it still runs" if data.get("running") else ""
        text = f"{row.id}: IN DOUBT, it may have been applied: {data.get('reason')}{running}"
        return [fact(record, phase, DOUBT, text)]
    return [fact(record, phase, INFO, f"{row.id}: proven not to be applied: {data.get('reason')}")]


def _settled(story: Story, record: Written) -> list[Fact]:
    data = record.data
    by = data.get("by") or record.actor.id
    claim = str(data.get("as", "")).replace("_", " ")
    text = f"{story.row(record).id}: settled as {claim} by {by}: {data.get('reason')}"
    return [fact(record, story.phase(record.key or ""), INFO, text)]


def _noted(story: Story, record: Written) -> list[Fact]:
    data, key = record.data, record.key or ""
    why = because(data)
    about = data.get("about")
    if about == "step":
        row = story.row(record)
        if data.get("verdict"):
            mark = seen_as(row.phase or key.partition("/")[0], Verdict(data["verdict"]), read=True)
        else:
            mark = STATUS[row.status]
        return [fact(record, story.phase(key), mark, f"{story.called(row)}: {mark.word}{why}")]
    if about == "option" and story.history.started.get("within"):
        return []  # one command by hand: how it ended is all that there is to say
    if about == "option":
        ended = str(data.get("ended"))
        mark = GOOD if ended == "resolved" else INFO
        text = f"{data.get('option')}: {ENDED.get(ended, ended)}{why}"
        return [fact(record, f"Option {story.named(str(data.get('option')))}", mark, text)]
    if about == "when":
        text = f"applies now: {data.get('when')}{why}"
        return [fact(record, f"Option {story.named(str(data.get('option')))}", INFO, text)]
    if about == "evidence":
        return [fact(record, None, BAD, f"Evidence {data.get('id')}: missing{why}")]
    if about == "finding":
        return [finding_fact(record, story.phase(key), story.history.findings[address(key)])]
    if about == "follow_up":
        due = moment(float(data["due"]), story.zone, record.time)
        text = f"what {data['option']} changed is temporary, to be taken back by {due}"
        return [fact(record, story.phase(key), WARN, text)]
    if about == "follow_up_closed":
        text = f"what {data.get('option')} left is settled, says {record.actor.id}{why}"
        return [fact(record, None, INFO, text)]
    if about == "undone":
        return [fact(record, None, INFO, f"taken back by {data.get('by')}")]
    if about == "exec":
        return [fact(record, None, INFO, exec_text(data, record.actor.id))]
    return [fact(record, None, INFO, f"note by {record.actor.id}: {data.get('text') or data.get('reason') or ''}")]


def _abort(story: Story, record: Written) -> list[Fact]:
    """In a run of signed words it counts once its runner has looked at the signature."""
    by = record.data.get("by") or record.actor.id
    held = story.history.held(record.seq)
    then = "it counts when its signature does" if held else "nothing further starts"
    return [fact(record, None, WARN, f"abort asked for by {by}: {record.data.get('reason')}; {then}")]


def _waited(story: Story, record: Written) -> list[Fact]:
    """Steps that wait, and the time to settle; pauses between rounds, looks and messages are nobody's news."""
    key = record.key or ""
    if story.looks.of(key) is not None:
        return []
    match parts(address(key)):
        case ["resolution", name, "settle"]:
            option = story.known.option(name)
            long = f" for {span(option.settle)}" if option else ""
            return [fact(record, story.phase(key), INFO, f"let things settle{long}")]
        case [*_, id_] if story.known.step(id_) is not None:
            return [fact(record, story.phase(key), GOOD, f"{story.called(story.row(record))}: waited")]
    return []


def _approved(story: Story, path: str, change: Change) -> bool:
    """Whether this very plan of a step was granted at a gate."""
    granted = [gate for gate in story.history.gates.values() if (gate.decision or {}).get("verdict") == Answer.GRANTED]
    return any(_shown_as(gate, story.place(gate, path), change) for gate in granted)


def _shown_as(gate: GateView, place: int | None, change: Change) -> bool:
    """A later change of one target was shown with what it comes after, which is none of its own plan."""
    if place is None:
        return False
    shown_ = gate.changes[place].get("digest")
    before = (one.get("digest") for one in reversed(gate.changes[:place]))
    # a digest costs: mostly it comes after nothing, or after what stands just before it
    return any(_after(change, after).digest == shown_ for after in chain((None,), before))


def _after(change: Change, digest: str | None) -> Change:
    return change if change.after == digest else msgspec.structs.replace(change, after=digest)


def _gate_phase(story: Story, gate: GateView | None) -> str | None:
    return f"Gate {story.named(gate.option)}" if gate is not None else None


TELL_STEP: dict[str, Callable[[Story, Written], list[Fact]]] = {
    "step.observed": _observed,
    "change.planned": _planned,
    "gate.opened": _gate_opened,
    "vote.given": _voted,
    "word.judged": _judged,
    "decision.given": _decided,
    "question.opened": _asked,
    "answer.given": _answered,
    "change.intended": _intended,
    "change.resulted": _resulted,
    "change.confirmed": _confirmed,
    "settlement.given": _settled,
    "note.added": _noted,
    "abort.requested": _abort,
    "wait.ended": _waited,
}
