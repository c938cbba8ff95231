"""What was observed, read for people: the first entry of a step's `means` that is true, and never a guess.

An entry that cannot be told ends the reading: whether a later one, or `else`, is the right one depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from runbook.core.advice import Found, spoken
from runbook.core.commands import Flow
from runbook.core.context import Run
from runbook.core.facts import StepView
from runbook.core.verdicts import heard, holds, truth
from runbook.core.words import StepStatus, Verdict
from runbook.document.expressions import Unknown
from runbook.document.model import Step


def read(run: Run, path: str, step: Step) -> Flow:
    """Note what the newest observation of a step means."""
    found = meaning(step, run.facts[step.id], run.scope(step), (*run.spec(step).output_names, *step.outputs))
    if found is None:
        return
    run.findings[step.id] = found
    unknown = {"unknown": True} if found.unknown else {}
    yield from run.note(path, "finding", id=step.id, say=found.say, points_to=found.points_to, **unknown)


def meaning(step: Step, seen: StepView, scope: Mapping[str, object], outputs: Collection[str]) -> Found | None:
    """What a step's reading means; None where it says nothing. `outputs` are the names that its kind yields."""
    for entry in step.means:
        verdict, reason = _holds(entry.if_, step, seen, scope, outputs)
        if verdict is Verdict.UNKNOWN:
            return Found(step=step.id, say=f"cannot tell what it means: {reason}", unknown=True)
        if verdict is Verdict.PASS:
            text = spoken(entry.say, {**scope, **seen.output})
            return Found(step=step.id, say=text, points_to=entry.points_to)
    return None


def _holds(
    expression: str | None, step: Step, seen: StepView, scope: Mapping[str, object], outputs: Collection[str]
) -> tuple[Verdict, str | None]:
    """Whether an entry is the one, over what `expect` sees. Without an answer `else` is no answer either."""
    if seen.status is StepStatus.FAILED or seen.verdict is Verdict.UNKNOWN:
        why = f"step {step.id} {'failed' if seen.status is StepStatus.FAILED else 'is unknown'}"
        if expression is None:
            return Verdict.UNKNOWN, why
        return truth(expression, _Unanswered(scope, frozenset((*outputs, *seen.output)), why))
    if expression is None:
        return Verdict.PASS, None
    if seen.verdict is Verdict.FAIL and seen.output.get("error") is not None:
        return heard(expression, scope, seen.output)  # the kind's own no: what is null in it is silence
    return holds(expression, step.series, seen.output, scope, seen.silent)


class _Unanswered(Mapping[str, object]):
    """The names of an expression over a step that has no answer: its own outputs cannot be told."""

    def __init__(self, scope: Mapping[str, object], outputs: Collection[str], why: str) -> None:
        self._scope = scope
        self._outputs = outputs
        self._why = why

    def __getitem__(self, name: str) -> object:
        if name in self._outputs:
            raise Unknown(self._why)
        return self._scope[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope)

    def __len__(self) -> int:
        return len(self._scope)
