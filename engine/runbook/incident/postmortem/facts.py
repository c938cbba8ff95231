"""What the record says of an incident that is over, as values: what a postmortem states and nobody has to type.

A fold over the incident's records and those of its runs. Nothing here is text for people; `report/postmortem.py`
draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from runbook.core.history import History, history
from runbook.core.records import Written
from runbook.core.words import Mode
from runbook.incident.actions import Action, actions
from runbook.incident.history import Incident
from runbook.incident.history import history as incident_history
from runbook.incident.leftovers import Leftover
from runbook.incident.postmortem.people import People


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A gate and how it was decided: `by` whom, `via` what they were known by, how many seconds it was open."""

    option: str
    verdict: str
    by: tuple[str, ...]
    at: float
    waited: float
    policy: bool = False
    break_glass: bool = False


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """A change that reached the world, and whether it was taken back."""

    at: float
    summary: str
    undone: bool


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """One run that belonged to it. `tried` is each option with how it ended."""

    run: str
    runbook: str
    started: float
    ended: float | None
    outcome: str | None
    auto: bool
    tried: tuple[tuple[str, str], ...]
    helped: str | None
    changes: tuple[Applied, ...]
    approvals: tuple[Approval, ...]
    seen: tuple[tuple[str, str], ...] = ()


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `people` says what to call somebody; `left` is what runs have left changed."""

    incident: Incident
    people: People
    runs: tuple[Ran, ...]
    actions: tuple[Action, ...]
    left: tuple[Leftover, ...] = ()

    @property
    def started(self) -> float:
        """When it began to hurt, as far as is known."""
        return self.incident.started

    @property
    def ended(self) -> float | None:
        """When it was over; None while it is not."""
        return self.incident.at("resolved")


def facts(
    id_: str,
    records: Sequence[Written],
    runs: Mapping[str, Sequence[Written]],
    left: Sequence[Leftover] = (),
    *,
    names: bool = False,
) -> Facts:
    """The facts of one incident. `runs` are the records of each run that belongs to it, by the run's id."""
    people = People([*records, *(record for each in runs.values() for record in each)], names=names)
    return Facts(
        incident=incident_history(id_, records),
        people=people,
        runs=tuple(sorted((_ran(run, history(told)) for run, told in runs.items()), key=lambda ran: ran.started)),
        actions=tuple(actions(id_, records)),
        left=tuple(left),
    )


def _ran(run: str, past: History) -> Ran:
    finished = past.finished or {}
    return Ran(
        run=run,
        runbook=past.runbook,
        started=past.started_at,
        ended=past.ended_at,
        outcome=str(past.outcome) if past.outcome else None,
        auto=past.started.get("mode") == Mode.AUTO,
        tried=tuple((view.id, _ended(view.ended, view.reason)) for view in past.options.values() if view.ended),
        helped=finished.get("option"),
        changes=tuple(
            Applied(at=one.at, summary=one.change.summary, undone=one.undone) for one in past.changes.values()
        ),
        approvals=tuple(_approvals(past)),
        seen=tuple((found.step, found.say) for found in past.findings.values()),
    )


def _ended(ended: str | None, reason: str | None) -> str:
    said = str(ended).replace("_", " ")
    return f"{said}: {reason}" if reason else said


def _approvals(past: History) -> list[Approval]:
    decided = []
    for gate in past.gates.values():
        said = gate.decision
        if said is None or gate.decided is None:
            continue
        by = tuple(str(name) for name in said.get("by") or ())
        decided.append(
            Approval(
                option=gate.option,
                verdict=str(said.get("verdict")),
                by=by,
                at=gate.decided,
                waited=gate.decided - gate.opened,
                policy=by == ("policy",),
                break_glass=bool(said.get("break_glass")),
            )
        )
    return decided
