"""The checks that one runbook calls for: of its symptoms, probes, changes, gates and messages, in its own order.

What only reads is read. What changes is not tried: that its program, its object and its permissions are there is
asked for, as its kind says what it needs. What depends on a run (`steps.…`, `alert.…`) is named and left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from runbook import kinds
from runbook.clients.secrets import is_reference
from runbook.core.context import seconds
from runbook.core.loops import Loop, LoopError, turns
from runbook.core.symptoms import ALERTS
from runbook.doctor.checks import (
    Check,
    Enters,
    Fires,
    Known,
    Link,
    Listens,
    May,
    OnPath,
    Reads,
    Resolves,
    Status,
    There,
    Work,
)
from runbook.doctor.filling import Later, exemplary, filled, of_step, scope_before, waits_for
from runbook.document.expressions import Unknown
from runbook.document.model import Config, EvidencePlan, Runbook, Step, Value
from runbook.document.spec import KindSpec, Specs
from runbook.document.words import Effect, Role
from runbook.errors import DocumentError
from runbook.kinds.kubernetes_needs import Need
from runbook.kinds.needs import PARTS, Address, Machine, Program
from runbook.policy.people import People
from runbook.policy.terms import effective_terms

PROBE = 30.0  # seconds of a read whose step and kind name none
_SECRETS = ("headers", "env", "values")  # inputs whose values may be references
_OPTIONAL = ("http",)  # types of connection that steps do without

Scope = Mapping[str, object]


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a runbook is checked in: the configuration as it is in an environment, its people, the kinds."""

    config: Config
    people: People
    specs: Specs
    environment: str | None = None
    env: Mapping[str, Value] = {}

    def link(self, type_: str | None, name: str | None) -> Link | None:
        """The connection of a step; None for one that has none, and needs none."""
        if type_ is None:
            return None
        known = {connection.name for connection in self.config.connections}
        return None if name is None and type_ in _OPTIONAL and type_ not in known else Link(type_, name)


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
        yield from _step(step, scope, around)
    for step in evidence.items if evidence else ():
        yield from _step(step, _of_plan(book, evidence, scope), around)
    for option in book.resolution:
        for step in _repeated(option.id, option.for_each, option.steps, scope):
            yield from _step(step, scope, around)
        yield from ((option.id, gate) for gate in _gate(book, option.id, around))
    for step in (*book.checks, *book.finally_):
        yield from _step(step, scope, around)
    channels = dict.fromkeys(message.to for message in book.communication)
    yield from (("communication", _channel(name, around)) for name in channels)


def _reads(book: Runbook) -> Iterator[Step]:
    yield from (symptom.probe for symptom in book.symptoms if symptom.probe)
    yield from book.triage


def _of_plan(book: Runbook, plan: EvidencePlan | None, scope: Scope) -> Scope:
    """The names that the items of an evidence plan see: its parameters, set as a run sets them."""
    from runbook.doctor.filling import NotYet

    params: Any = scope["params"]
    same = {name: params[name] for name in (plan.parameters if plan else ()) if name in params}
    given = filled(book.evidence.inputs, scope) if book.evidence else {}
    told = {name: value for name, value in given.items() if not waits_for(value)}
    known = exemplary(plan.parameters if plan else {}, same | told)
    waiting = given.keys() - told.keys()
    return {**scope, "params": NotYet("params", {name: known[name] for name in known if name not in waiting})}


def _repeated(id_: str, loop: Any, steps: Sequence[Step], scope: Scope) -> list[Step]:
    """Steps once for each item of their loop, where it can be listed before a run; as they stand where not."""
    if loop is None:
        return list(steps)
    try:
        found = turns(loop, of_step(scope, steps[0].local) if steps and steps[0].for_each is loop else scope)
    except (Unknown, LoopError):
        return list(steps)
    return list(Loop(id_, loop, found, steps, lenient=False).all) if found else []


# --- one step ---------------------------------------------------------------------------------------------------


def _step(step: Step, scope: Scope, around: Surroundings) -> Iterator[tuple[str, Work]]:
    """The checks of a step, of each item where it is repeated, and of what is looked at between them."""
    loop = step.for_each
    for one in _repeated(step.id, loop, [step], scope):
        yield from ((one.id, work) for work in _works(one, scope, around))
    for probe in loop.between if loop else ():
        yield from ((probe.id, work) for work in _works(probe, scope, around))


def _works(step: Step, scope: Scope, around: Surroundings) -> Iterator[Work]:
    spec = around.specs[step.uses]
    if spec.role in (Role.MANUAL, Role.PAUSE):
        return
    scope = of_step(scope, step.local)
    inputs: dict[str, Any] = filled(dict(step.inputs), scope)
    if spec.role is Role.NOTICE:
        yield _channel(inputs.get("to"), around)
        return
    yield from (Resolves(reference=reference) for reference in _references(inputs))
    link = around.link(spec.connection, step.connection)
    if not _reads_only(step, spec):
        yield from _needed(step, spec, link, inputs) or (_untold(spec),)
        return
    missing = waits_for(inputs)
    if not missing:
        yield _read(step, spec, link, inputs, scope)
        return
    given = " ".join(f"-p {name.removeprefix('params.')}=…" for name in missing if name.startswith("params."))
    yield Known(
        status=Status.NOT_CHECKED, text=f"needs {', '.join(missing)}", hint=f"give it: {given}" if given else None
    )
    yield from (work for work in _needed(step, spec, link, inputs) if not isinstance(work, Known))


def _reads_only(step: Step, spec: KindSpec) -> bool:
    if spec.effect is not None:
        return spec.effect is Effect.READ
    return bool(step.inputs.get("effect") == Effect.READ)


def _read(step: Step, spec: KindSpec, link: Link | None, inputs: Mapping[str, Any], scope: Scope) -> Reads:
    return Reads(
        link=link,
        kind=step.uses,
        inputs=inputs,
        expect=step.expect,
        series=step.series,
        outputs=step.outputs,
        scope=scope,
        timeout=seconds(step.timeout, spec.timeout, PROBE),
    )


def _untold(spec: KindSpec) -> Known:
    text = f"only a {spec.name} that is sent could tell more than that its connection answers"
    return Known(status=Status.NOT_CHECKED, text=text)


def _references(inputs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """References to secrets among what a command or a request is given."""
    parts = [inputs, *(part for name in PARTS if isinstance(part := inputs.get(name), Mapping))]
    for part in parts:
        for name in _SECRETS:
            values = part.get(name)
            yield from (one for one in values.values() if is_reference(one)) if isinstance(values, Mapping) else ()


# --- what a kind says that it needs -----------------------------------------------------------------------------


def _needed(step: Step, spec: KindSpec, link: Link | None, inputs: Mapping[str, Any]) -> list[Work]:
    """The checks of what a step needs besides its connection. Nothing where its kind does not say."""
    says = getattr(kinds.get(step.uses), "needs", None)
    if says is None:
        return []
    needs: Sequence[Any] = says(_texts(inputs, spec))
    granted = [need for need in needs if isinstance(need, Need)]
    works: list[Work] = []
    if granted and link is not None:
        works += _in_cluster(link, granted, inputs.get("namespace"))
    for need in needs:
        if not isinstance(need, Need):
            works.append(_local(need, link))
    return works


def _texts(inputs: Mapping[str, Any], spec: KindSpec) -> dict[str, Any]:
    """Inputs for `needs`: without those that cannot be told yet, where text could be taken for a list or a map."""
    declared = spec.inputs.get("properties", {})
    return {
        name: value
        for name, value in inputs.items()
        if not isinstance(value, Later) or "string" in _types(declared.get(name, {}))
    }


def _types(schema: Mapping[str, Any]) -> Collection[str]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else types


def _in_cluster(link: Link, needs: Sequence[Need], namespace: Any) -> Iterator[Work]:
    """The objects that a step names, and the permissions for all else that it does."""
    if isinstance(namespace, Later):
        yield _later(f"its namespace needs {namespace}")
        return
    where = namespace if isinstance(namespace, str) else None
    asked: list[Need] = []
    for need in needs:
        if isinstance(need.name, Later):
            if need.is_there:
                yield _later(f"whether it is there: needs {need.name}")
            asked.append(need._replace(name=None))
        elif need.is_there:
            yield There(link=link, need=need, namespace=where)
        else:
            asked.append(need)
    if asked:
        yield May(link=link, needs=tuple(dict.fromkeys(asked)), namespace=where)


def _local(need: object, link: Link | None) -> Work:
    if isinstance(need, Program):
        if isinstance(need.name, Later):
            return _later(f"its program needs {need.name}")
        return OnPath(program=need.name, folder=None if isinstance(need.folder, Later) else need.folder)
    if isinstance(need, Address):
        return (
            _later(f"its address needs {need.url}") if isinstance(need.url, Later) else Listens(link=link, url=need.url)
        )
    if isinstance(need, Machine) and link is not None:
        return (
            _later(f"its host needs {need.host}") if isinstance(need.host, Later) else Enters(link=link, host=need.host)
        )
    return _later(f"its kind needs {type(need).__name__}, which is not known here")


def _later(text: str) -> Known:
    return Known(status=Status.NOT_CHECKED, text=text)


# --- people and messages ----------------------------------------------------------------------------------------


def _alert(name: str, around: Surroundings) -> Work:
    link = Link(str(around.specs[ALERTS].connection))
    if link.type not in {connection.name for connection in around.config.connections}:
        return _later(f"no Prometheus is configured that could have a rule for the alert {name}")
    return Fires(link=link, alert=name)


def _channel(name: Any, around: Surroundings) -> Known:
    known = [channel.name for channel in around.config.channels]
    if isinstance(name, Later):
        return _later(f"its channel needs {name}")
    if name in known:
        return Known(status=Status.OK, text=f"the channel {name} is configured")
    return Known(
        status=Status.FINDING,
        text=f"the channel {name} is not configured, and nobody would be told",
        hint=f"add it under `channels:` in runbook.yaml, or name one of: {', '.join(known)}",
    )


def _gate(book: Runbook, option_id: str, around: Surroundings) -> Iterator[Known]:
    """Whether the people whom the policy knows can open an option's gate."""
    option = next(one for one in book.resolution if one.id == option_id)
    effect = Effect.READ
    for step in option.steps:
        spec = around.specs[step.uses]
        if spec.role is Role.ACTION:
            effect = effect.at_least(spec.effect or Effect(step.inputs.get("effect", Effect.CHANGE)))
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
