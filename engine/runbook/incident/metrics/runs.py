"""How runbooks did: what came of their runs and options, how long people took to approve, what the policy did alone.

A fold of a run's records to what is counted here (it looks at `TYPES` alone), and the counts. Dry runs, rehearsals
and what was done by hand within other runs are the caller's to leave out; `RunFacts` says which is which.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from runbook.core.dropped import Dropped
from runbook.core.records import Written
from runbook.core.words import Answer, Ended, Mode, RunOutcome
from runbook.incident.metrics.samples import Sample

TYPES: Final = frozenset({"run.started", "gate.opened", "decision.given", "note.added", "run.finished"})
YES: Final = "--yes"  # the reason that stands in the record where somebody said yes to all gates beforehand
NOT_TRIED: Final = frozenset({Ended.SKIPPED, Ended.NOTHING_TO_DO, Ended.PLANNED})  # nothing was risked or learnt


class Gate(NamedTuple):
    """A gate: when it opened and was decided (None: still open), and how.

    `ahead` is what granted it before anybody was asked: `policy`, or `--yes`; None where people answered.
    """

    option: str
    opened: float
    decided: float | None
    verdict: str | None
    ahead: str | None


class RunFacts(NamedTuple):
    """A run in what is counted. `options` are those that ended, with how; times are seconds since 1970, UTC."""

    run: str
    runbook: str
    mode: str
    rehearsal: bool
    within: bool
    started: float
    finished: float | None
    outcome: str | None
    options: Mapping[str, str]
    gates: Sequence[Gate]

    @property
    def dry(self) -> bool:
        """Whether it only planned."""
        return self.mode == Mode.DRY


class OptionCount(NamedTuple):
    """How an option of a runbook did, over all runs that tried it."""

    runbook: str
    option: str
    tried: int
    resolved: int
    ended: Mapping[str, int]


class ModeCount(NamedTuple):
    """Runs that were decided by people, or by the policy; `took` is of those that resolved."""

    mode: str
    runs: int
    finished: int
    resolved: int
    took: Sample


class RunMetrics(NamedTuple):
    """What came of runs. `approvals` are gates that people granted; `decisions` counts all gates by how they ended.

    `rehearsed` is when each runbook was last rehearsed, seconds since 1970, UTC; `drilled` when the last drill began.
    """

    runs: int
    open: int
    outcomes: Mapping[str, int]
    options: Sequence[OptionCount]
    modes: Sequence[ModeCount]
    approvals: Sample
    decisions: Mapping[str, int]
    rehearsed: Mapping[str, float]
    drilled: float | None


def run_facts(run: str, records: Iterable[Written], *, rehearsal: bool = False) -> RunFacts | None:
    """The facts of a run from its records, in order; None where it never started."""
    first: Written | None = None
    finished: Written | None = None
    options: dict[str, str] = {}
    gates: dict[str, Gate] = {}
    for record in records:
        data, key = record.data, record.key or ""
        if record.type == "run.started":
            first = record
        elif isinstance(data, Dropped):
            continue  # all that it said is gone
        elif record.type == "gate.opened":
            gates[key] = Gate(str(data["option"]), record.time, None, None, None)
        elif record.type == "decision.given" and key in gates:
            gates[key] = gates[key]._replace(decided=record.time, verdict=str(data["verdict"]), ahead=_ahead(data))
        elif record.type == "note.added" and data.get("about") == "option" and data.get("ended"):
            options[str(data["option"])] = str(data["ended"])
        elif record.type == "run.finished":
            finished = record
    if first is None:
        return None
    return RunFacts(
        run=run,
        runbook=str(first.data.get("runbook", "")),
        mode=str(first.data.get("mode", Mode.BY_HAND)),
        rehearsal=rehearsal,
        within=bool(first.data.get("within")),
        started=first.time,
        finished=finished.time if finished else None,
        outcome=str(finished.data["outcome"]) if finished else None,
        options=options,
        gates=tuple(gates.values()),
    )


def _ahead(decision: Mapping[str, Any]) -> str | None:
    by = list(decision.get("by", ()))
    if decision.get("verdict") != Answer.GRANTED:
        return None
    if by == ["policy"]:
        return "policy"
    return YES if len(by) == 1 and decision.get("reason") == YES else None


def run_metrics(runs: Sequence[RunFacts], rehearsals: Iterable[RunFacts], drilled: float | None) -> RunMetrics:
    """Count runs; `rehearsals` only say when the last one of each runbook was."""
    rehearsed: dict[str, float] = {}
    for one in rehearsals:
        rehearsed[one.runbook] = max(one.started, rehearsed.get(one.runbook, one.started))
    gates = [gate for one in runs for gate in one.gates]
    return RunMetrics(
        runs=len(runs),
        open=sum(one.outcome is None for one in runs),
        outcomes=_counted(one.outcome for one in runs if one.outcome is not None),
        options=_options(runs),
        modes=[_mode(mode, each) for mode in Mode if (each := [one for one in runs if one.mode == mode])],
        approvals=_approvals(gates),
        decisions=_counted(_decision(gate) for gate in gates),
        rehearsed=dict(sorted(rehearsed.items())),
        drilled=drilled,
    )


def _options(runs: Iterable[RunFacts]) -> list[OptionCount]:
    """By runbook; those that were tried most come first."""
    ended: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in runs:
        for option, how in one.options.items():
            ended[one.runbook, option][how] += 1
    found = [
        OptionCount(*name, sum(n for how, n in each.items() if how not in NOT_TRIED), each[Ended.RESOLVED], dict(each))
        for name, each in ended.items()
    ]
    return sorted(found, key=lambda count: (count.runbook, -count.tried, count.option))


def _mode(mode: Mode, runs: Sequence[RunFacts]) -> ModeCount:
    resolved = [one for one in runs if one.outcome == RunOutcome.RESOLVED]
    took = sorted(one.finished - one.started for one in resolved if one.finished is not None)
    return ModeCount(str(mode), len(runs), sum(one.outcome is not None for one in runs), len(resolved), Sample(took))


def _approvals(gates: Iterable[Gate]) -> Sample:
    """How long people took to say yes; what they have not decided is still open."""
    waiting = sum(gate.decided is None for gate in gates)
    granted = [gate for gate in gates if gate.verdict == Answer.GRANTED and gate.ahead is None]
    return Sample(sorted(gate.decided - gate.opened for gate in granted if gate.decided is not None), open=waiting)


def _decision(gate: Gate) -> str:
    if gate.verdict is None:
        return "open"
    return gate.verdict if gate.ahead is None else f"{gate.verdict} by {gate.ahead}"


def _counted(words: Iterable[str]) -> dict[str, int]:
    """The most frequent first."""
    return dict(Counter(words).most_common())
