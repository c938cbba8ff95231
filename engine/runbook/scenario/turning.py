"""What people said in a run, and what came of it, as a scenario says it; and what a scenario has no words for.

Pure: records and their history in, plain data of a document out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from runbook.core.addresses import last
from runbook.core.history import History, address, short
from runbook.core.masking import MASK
from runbook.core.records import Written
from runbook.core.views import GateView, QuestionView
from runbook.document.model import Runbook
from runbook.scenario.answers import names
from runbook.scenario.recording import duration

_MOMENT: Final = 1.0  # seconds that nobody counts
_NOT_YES: Final = {"deny": "denied_by", "skip": "skipped_by"}
_INPUTS: Final = {
    "alert.joined": "an alert joined the run",
    "run.resumed": "the run was interrupted and gone on with; here it goes through",
}


# --- people -------------------------------------------------------------------------------------------------------


def approvals(seen: History) -> tuple[dict[str, Any], list[str]]:
    """What was said at the gates, by option; and where a gate was answered in more than one way."""
    by_option: dict[str, list[GateView]] = {}
    for gate in seen.gates.values():
        by_option.setdefault(gate.option, []).append(gate)
    found = {option: said for option, gates in by_option.items() if (said := _said(gates[-1], seen))}
    stopped = stopped_at(seen)
    if stopped is not None:
        found[stopped.option] = _stopped(stopped, seen)
    left = []
    for option, gates in by_option.items():
        verdicts = [str((gate.decision or {}).get("verdict")) for gate in gates]
        if len(set(verdicts)) > 1:
            left.append(f"the gate of {option} was answered {', then '.join(verdicts)}; a scenario has the last answer")
    return found, left


def _said(gate: GateView, seen: History) -> dict[str, Any]:
    """Who spoke, and when the last word was said; nothing where nobody did."""
    verdict = (gate.decision or {}).get("verdict")
    votes = [vote for vote in gate.votes if verdict != "granted" or vote.verdict == "grant"]
    if not votes:
        return {}
    said: dict[str, Any] = {}
    grants = [vote.by for vote in votes if vote.verdict == "grant"]
    if grants:
        said["granted_by"] = list(dict.fromkeys(grants))
    for vote in votes:
        if vote.verdict in _NOT_YES:
            said[_NOT_YES[vote.verdict]] = vote.by
        if vote.reason:
            said["reason"] = vote.reason
        if vote.break_glass:
            said["break_glass"] = True
    after = (gate.decided or seen.last_at) - gate.opened
    return said | ({"after": duration(after)} if after >= _MOMENT else {})


def stopped_at(seen: History) -> GateView | None:
    """The gate of an option that stood open when the run was aborted; None where none did: nothing else waits so."""
    if seen.aborted is None:
        return None
    at = float(seen.aborted["at"])
    return next(
        (gate for gate in _own(seen) if gate.opened <= at and (gate.decided is None or gate.decided >= at)), None
    )


def _stopped(gate: GateView, seen: History) -> dict[str, Any]:
    aborted = seen.aborted or {}
    after = float(aborted["at"]) - gate.opened
    said = {"aborted_by": str(aborted["by"]), "reason": aborted.get("reason")}
    return {word: text for word, text in said.items() if text} | (
        {"after": duration(after)} if after >= _MOMENT else {}
    )


def answers(seen: History, records: Sequence[Written]) -> tuple[dict[str, Any], list[str]]:
    """What was answered, by step; and where one question was answered in more than one way."""
    at = {record.key: record.time for record in records if record.type == "answer.given"}
    given: dict[str, list[Any]] = {}
    for question in seen.questions.values():
        answer = question.answer
        if answer is None or answer.get("expired"):
            continue
        took = at.get(question.key, question.opened) - question.opened
        said = answer.get("value")
        slow = {"answer": said, "after": duration(took)} if took >= _MOMENT else said
        given.setdefault(_asked(question), []).append(slow)
    left = [f"{name} was answered {len(all_)} times; a scenario has the last answer"
            for name, all_ in given.items() if len(all_) > 1]  # fmt: skip
    return {name: all_[-1] for name, all_ in given.items()}, left


def _asked(question: QuestionView) -> str:
    """What a scenario calls a question: a step's id, an option's, or what it is about."""
    return question.id or (last(address(question.key)) if question.purpose == "when" else question.purpose)


# --- what came ----------------------------------------------------------------------------------------------------


def expected(seen: History) -> dict[str, Any]:
    """Everything that came of a run, as what must come of its scenario."""
    changes = list(seen.changes.values())
    gates = {gate.option: gate.decision["verdict"] for gate in _own(seen) if gate.decision}
    options = {name: view.ended for name, view in seen.options.items() if view.ended}
    verdicts = {path: row.verdict for path, row in seen.rows.items() if row.verdict}
    option = (seen.finished or {}).get("option")
    found: dict[str, Any] = {"outcome": str(seen.outcome)}
    found |= {"option": option} if option else {}
    found |= {"options": options} if options else {}
    found |= {"gates": gates} if gates else {}
    found["applied"] = [_step(change.path, seen) for change in changes]
    undone = [_step(change.path, seen) for change in changes if change.undone]
    found |= {"undone": undone} if undone else {}
    found["told"] = [f"{m['channel']}/{m.get('template') or 'text'}" for m in seen.messages]
    found["escalated"] = seen.pages[-1]["to"] if seen.pages else "none"
    found |= {"continues": seen.continued["runbook"]} if seen.continued else {}
    found |= {"verdicts": {short(path): verdict for path, verdict in verdicts.items()}} if verdicts else {}
    return found


def _own(seen: History) -> list[GateView]:
    """Gates of options; those of taking something back are not theirs."""
    return [gate for gate in seen.gates.values() if address(gate.key) == f"resolution/{gate.option}"]


def _step(path: str, seen: History) -> str:
    """A step by its id, or by its address where another is called the same."""
    id_ = last(path)
    same = [other for other in seen.rows if id_ in names(other)]
    return id_ if len(same) == 1 else path


# --- what could not be turned ---------------------------------------------------------------------------------------


def unturned(seen: History, records: Sequence[Written]) -> Iterator[str]:
    """What happened and has no place in a scenario."""
    said = dict.fromkeys(_INPUTS[record.type] for record in records if record.type in _INPUTS)
    yield from said
    if seen.aborted is not None and stopped_at(seen) is None:
        yield "the run was aborted while no gate was open; in a scenario only a gate waits for that"
    if seen.execs:
        yield f"{len(seen.execs)} commands were run by hand within it"
    for record in records:
        if record.type == "settlement.given":
            yield f"{last(address(record.key or ''))} was in doubt and was settled; here it is so at once"


def masked(value: Any, place: str = "") -> Iterator[str]:
    """Where `***` stands for a secret."""
    if isinstance(value, str) and MASK in value:
        yield place
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from masked(inner, f"{place}/{name}" if place else str(name))
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from masked(inner, f"{place}/{i}")


def parameters(book: Runbook, started: Mapping[str, Any], of_alert: Mapping[str, Any]) -> dict[str, Any]:
    """The run's parameters, without those that are so by themselves."""
    values = started.get("parameters") or {}
    usual = {name: one.default for name, one in book.parameters.items() if not one.required} | dict(of_alert)
    return {name: value for name, value in values.items() if name not in usual or usual[name] != value}
