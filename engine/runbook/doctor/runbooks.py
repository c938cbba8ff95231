"""The checks that one runbook calls for: of its symptoms, probes, changes, gates and messages, in its own order.

What changes is not tried, and what depends on a run (`steps.…`, `alert.…`) is named and left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from runbook.clients.secrets import is_reference
from runbook.core.symptoms import ALERTS
from runbook.doctor.checks import (
    Check,
    Fires,
    Known,
    Link,
    Reads,
    Resolves,
    Status,
    Work,
)
from runbook.doctor.filling import NotYet, exemplary, filled, scope_before, waits_for
from runbook.doctor.steps import Scope, Surroundings, channel, later, repeated, step_works
from runbook.document.model import EvidencePlan, Option, Runbook, Step, Value
from runbook.errors import DocumentError
from runbook.lint.gates import effect_of
from runbook.policy.terms import effective_terms


def checks(
    book: Runbook, evidence: EvidencePlan | None, parameters: Mapping[str, Value], around: Surroundings
) -> list[Check]:
    """All checks of a runbook; a measurement that stands in it several times is taken once."""
    scope = scope_before(book, exemplary(book.parameters, parameters), around.environment, around.env)
    every = _all(book, evidence, parameters, scope, around)
    found = [Check(group=book.name, about=about, work=work) for about, work in every]
    seen: dict[bytes, Check] = {}
    for check in found:
        same = _same(check)
        if same not in seen:
            seen[same] = check
    return list(seen.values())


def _same(check: Check) -> bytes:
    """What tells a check from another one: what is asked, and for what is already known also about whom."""
    work = check.work
    about = check.about if isinstance(work, Known) else ""
    told = (
        msgspec.to_builtins(work, enc_hook=str)
        if not isinstance(work, Reads)
        else [str(work.link), work.kind, work.inputs, work.expect, sorted(work.outputs)]
    )
    return msgspec.json.encode([type(work).__name__, about, told], order="deterministic", enc_hook=str)


def _all(
    book: Runbook, evidence: EvidencePlan | None, parameters: Mapping[str, Value], scope: Scope, around: Surroundings
) -> Iterator[tuple[str, Work]]:
    for symptom in book.symptoms:
        if symptom.alert:
            yield symptom.id, _alert(symptom.alert, around)
    for name, parameter in book.parameters.items():
        value = exemplary({name: parameter}, parameters).get(name)
        if parameter.secret and isinstance(value, Mapping) and is_reference(value):
            yield name, Resolves(reference=value)
    for step in _reads(book):
        yield from step_works(step, scope, around)
    for step in evidence.items if evidence else ():
        yield from step_works(step, _of_plan(book, evidence, scope), around)
    for option in book.resolution:
        for step in repeated(option.id, option.for_each, option.steps, scope):
            yield from step_works(step, scope, around)
        yield from ((option.id, gate) for gate in _gate(option, around))
    for step in (*book.checks, *book.finally_):
        yield from step_works(step, scope, around)
    channels = dict.fromkeys(message.to for message in book.communication)
    yield from (("communication", channel(name, around)) for name in channels)


def _reads(book: Runbook) -> Iterator[Step]:
    yield from (symptom.probe for symptom in book.symptoms if symptom.probe)
    yield from book.triage


def _of_plan(book: Runbook, plan: EvidencePlan | None, scope: Scope) -> Scope:
    """The names that the items of an evidence plan see: its parameters, set as a run sets them."""
    params: Any = scope["params"]
    same = {name: params[name] for name in (plan.parameters if plan else ()) if name in params}
    given = filled(book.evidence.inputs, scope) if book.evidence else {}
    told = {name: value for name, value in given.items() if not waits_for(value)}
    known = exemplary(plan.parameters if plan else {}, same | told)
    waiting = given.keys() - told.keys()
    return {**scope, "params": NotYet("params", {name: known[name] for name in known if name not in waiting})}


# --- people and messages ----------------------------------------------------------------------------------------


def _alert(name: str, around: Surroundings) -> Work:
    link = Link(str(around.specs[ALERTS].connection))
    if link.type not in {connection.name for connection in around.config.connections}:
        return later(f"no Prometheus is configured that could have a rule for the alert {name}")
    return Fires(link=link, alert=name)


def _gate(option: Option, around: Surroundings) -> Iterator[Known]:
    """Whether the people whom the policy knows can open an option's gate."""
    effect = effect_of(option, around.specs)
    if not effect.changes:
        return
    hint = "change `approval:` in the runbook, or the policy's people and terms"
    try:
        terms = effective_terms(option.approval, effect, around.people)
    except DocumentError as error:
        yield Known(status=Status.FINDING, text=f"its gate: {error.findings[0].message}", hint=hint)
        return
    if terms.cannot_be_met:
        yield Known(status=Status.FINDING, text=f"its gate {terms.cannot_be_met}", hint=hint)
        return
    yield _known_here(terms.from_, terms.required, terms.asks, around)


def _known_here(may: Sequence[str] | None, required: int, asks: str, around: Surroundings) -> Known:
    """A yes counts by the OS user that the policy knows a person by; who has none cannot say it."""
    people = around.people.policy.people if around.people.policy else {}
    nameless = [name for name in may or () if name in people and people[name].user is None]
    if may is not None and len(may) - len(nameless) < required:
        return Known(
            status=Status.FINDING,
            text=f"its gate asks for {asks}; the policy gives no OS user for {', '.join(nameless)}, who cannot say yes",
            hint="add `user:` under `people:` in the policy",
        )
    return Known(status=Status.OK, text=f"its gate can be opened: {asks}")
