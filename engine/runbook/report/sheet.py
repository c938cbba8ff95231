"""What must be seen to decide at a gate, of the run that is driven here (`sheet_of`) or as the records tell it
(`sheet_from`): the same `Sheet`, so that a gate looks the same in the terminal that runs, elsewhere, and in a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from runbook.core.advice import Advice, Found
from runbook.core.changes import Change
from runbook.core.gates import Vote
from runbook.core.history import History
from runbook.core.terms import Terms
from runbook.core.views import GateView, advised
from runbook.hosts.said import Gate
from runbook.report.known import Known
from runbook.report.meaning import pointed


class Item(NamedTuple):
    """One change at a gate; without `change` only its summary is known."""

    path: str
    title: str | None
    summary: str
    change: Change | None
    advice: Advice = Advice()


class Sheet(NamedTuple):
    """A gate with all that must be seen to decide. `initiators` are those who started, resumed or settled the run."""

    name: str
    digest: str
    attempt: int
    terms: Terms
    deadline: float
    items: tuple[Item, ...]
    frozen: str | None = None
    changed: str | None = None
    later: tuple[str, ...] = ()
    proves_nothing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    initiators: frozenset[str] = frozenset()
    votes: tuple[Vote, ...] = ()
    caution: str | None = None
    advice: Advice = Advice()
    findings: tuple[Found, ...] = ()
    environment: str | None = None
    target: Mapping[str, str] | None = None
    elsewhere: tuple[str, ...] = ()


def sheet_of(gate: Gate) -> Sheet:
    """A gate of the run that is driven here."""
    command_ = gate.command
    return Sheet(
        name=(f"{command_.option}: {command_.title}" if command_.title else command_.option)
        + pointed(found.step for found in command_.findings if found.points_to == command_.option),
        digest=command_.gate_digest,
        attempt=command_.attempt,
        terms=gate.terms,
        deadline=gate.deadline,
        items=tuple(Item(p.path, p.title, p.change.summary, p.change, p.advice) for p in command_.changes),
        frozen=gate.frozen,
        changed=command_.changed,
        later=command_.later,
        proves_nothing=command_.proves_nothing,
        initiators=gate.initiators,
        caution=command_.caution,
        advice=command_.advice,
        findings=command_.findings,
        environment=gate.environment,
        target=gate.target,
        elsewhere=gate.elsewhere,
    )


def sheet_from(view: GateView, history: History, known: Known | None = None) -> Sheet:
    """A gate as the records tell it."""
    return Sheet(
        name=(known or Known()).named(view.option) + pointed(history.pointed_by(view.option)),
        digest=view.digest,
        attempt=view.attempt,
        terms=view.terms,
        deadline=view.deadline,
        items=tuple(
            Item(one["path"], one.get("title"), one["summary"], history.planned(one["path"]), advised(one))
            for one in view.changes
        ),
        frozen=view.frozen,
        changed=view.changed,
        later=view.later,
        proves_nothing=view.proves_nothing,
        missing=tuple(id_ for id_, kept in history.evidence.items() if kept.get("status") != "preserved"),
        initiators=frozenset(history.initiators),
        votes=tuple(view.votes),
        caution=view.caution,
        advice=view.advice,
        findings=tuple(history.findings.values()),
        environment=history.environment,
        target=history.target,
        elsewhere=view.elsewhere,
    )
