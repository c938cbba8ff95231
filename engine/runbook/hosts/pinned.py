"""What a run is started with, and goes on with: the exact bytes of every document it uses, and its parameters.

A run is resumed from its own first record, never from the files as they are now. Approvers, freeze windows and
connections are judged by today's policy and config, so those are not pinned.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from runbook import __version__
from runbook.core.adhoc import by_hand
from runbook.core.commands import Flow
from runbook.core.context import Run
from runbook.core.dropped import lost, needed, undo_needs
from runbook.core.dry import dry
from runbook.core.machine import Machine
from runbook.core.procedure import PROCEDURE, interpreted
from runbook.core.situation import Situation
from runbook.core.taking_back import TakeBack, taken_back
from runbook.core.words import Mode
from runbook.document.model import EvidencePlan, Runbook
from runbook.document.spec import Specs
from runbook.document.typed import converted
from runbook.errors import Diverged
from runbook.hosts.documents import Part, Pinned, read_back, recorded

__all__ = ["Part", "Pinned", "Start", "first_record", "machine", "recalled"]


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """How a run was asked for. `planned` has, by option, the only digest that its first gate may have (`--plan`).

    `env` are the values of its `environment`; `target` is what it works on, named. `within` is the run that an ad-hoc
    command belongs to, `by_hand` what was typed. `unreviewed` are the documents that were not read from a commit, what
    the policy says of that, and who broke the glass for it and why.
    """

    run: str
    mode: Mode = Mode.BY_HAND
    parameters: Mapping[str, Any] = {}
    initiator: str = ""
    alert: Mapping[str, Any] | None = None
    alert_group: Mapping[str, Any] | None = None
    incident: Mapping[str, Any] | None = None
    environment: str | None = None
    env: Mapping[str, Any] = {}
    target: Mapping[str, str] | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    planned: Mapping[str, str] | None = None
    undoes: TakeBack | None = None
    continued_from: str | None = None
    within: str | None = None
    by_hand: Mapping[str, Any] | None = None
    unreviewed: Mapping[str, Any] | None = None


def first_record(
    start: Start, pinned: Pinned, book: Runbook, specs: Specs, source: Mapping[str, Any]
) -> dict[str, Any]:
    """The data of `run.started`. `source` tells commit, dirty tree and host."""
    return {
        "engine": __version__,
        "procedure": PROCEDURE,
        "runbook": book.name,
        "title": book.title,
        "severity": book.severity,
        "service": book.service,
        "mode": str(start.mode),
        "initiator": start.initiator,
        "parameters": dict(start.parameters),
        "alert": start.alert,
        "alert_group": start.alert_group,
        "incident": start.incident,
        "environment": start.environment,
        "env": dict(start.env),
        "target": dict(start.target) if start.target is not None else None,
        "only": list(start.only),
        "skip": list(start.skip),
        "planned": dict(start.planned) if start.planned is not None else None,
        "takes_back": start.undoes.run if start.undoes else None,
        "undoes": msgspec.to_builtins(start.undoes) if start.undoes else None,
        **({"within": start.within, "by_hand": start.by_hand} if start.within else {}),
        **({"unreviewed": dict(start.unreviewed)} if start.unreviewed else {}),
        **({"continued_from": start.continued_from} if start.continued_from else {}),
        "documents": recorded(pinned),
        "kinds": {name: specs[name].version for name in sorted(_kinds(book))},
        "source": dict(source),
        **_contacts(book),
    }


def _contacts(book: Runbook) -> dict[str, Any]:
    """Who can help, for whoever reads only the record; nothing where the runbook names nobody."""
    contacts = book.escalation.contacts if book.escalation else ()
    return {"contacts": msgspec.to_builtins(contacts)} if contacts else {}


def _kinds(book: Runbook) -> set[str]:
    steps = [*book.triage, *book.finally_, *(step for option in book.resolution for step in option.every)]
    steps += [symptom.probe for symptom in book.symptoms if symptom.probe]
    return {step.uses for step in (*steps, *book.checks)}


def recalled(run: str, first: Mapping[str, Any]) -> tuple[Start, Pinned]:
    """What `run.started` says.

    Diverged for a procedure that this version does not have, PayloadDropped where something of it is gone.
    """
    if first.get("procedure") != PROCEDURE:
        raise Diverged(
            f"run {run} was started by runbook-engine {first.get('engine')}, whose procedure "
            f"is number {first.get('procedure')}; this one has number {PROCEDURE}",
            hint=f"resume it with that version: pipx run runbook-engine=={first.get('engine')} resume {run}",
        )
    missed = next((one for one in lost(first) if undo_needs("run.started", one.path)), None)
    if missed is not None:
        raise needed(f"what run {run} was started with", missed.tombstone)
    undoes = first.get("undoes")
    start = Start(
        run=run,
        mode=Mode(first["mode"]),
        parameters=first["parameters"],
        initiator=first["initiator"],
        alert=first.get("alert"),
        alert_group=first.get("alert_group"),
        incident=first.get("incident"),
        environment=first.get("environment"),
        env=first.get("env") or {},
        target=first.get("target"),
        only=tuple(first.get("only", ())),
        skip=tuple(first.get("skip", ())),
        planned=first.get("planned"),
        undoes=converted(undoes, TakeBack) if undoes else None,
        continued_from=first.get("continued_from"),
        within=first.get("within"),
        by_hand=first.get("by_hand"),
    )
    return start, read_back(first["documents"])


def machine(
    start: Start,
    book: Runbook,
    evidence: EvidencePlan | None,
    specs: Specs,
    others: Mapping[str, Runbook] | None = None,
) -> Machine:
    """The machine of a run, new: the same for the same start and documents, always.

    `others` are the runbooks that it may go on with.
    """
    situation = Situation(
        run=start.run,
        mode=start.mode,
        parameters=start.parameters,
        alert=start.alert,
        incident=start.incident,
        env=start.env,
        environment=start.environment,
        target=start.target,
        initiator=start.initiator,
        only=start.only,
        skip=start.skip,
    )

    def procedure(situation: Situation) -> Flow:
        run = Run(book, situation, specs, evidence, others)
        if start.undoes is not None:
            return taken_back(run, start.undoes)
        if start.within is not None:
            return by_hand(run)
        return dry(run) if start.mode is Mode.DRY else interpreted(run)

    return Machine(procedure, situation)
