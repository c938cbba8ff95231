"""The checks that one step calls for: what reads is read, what changes needs what its kind says that it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from runbook import kinds
from runbook.clients.secrets import is_reference
from runbook.core.bindings import bound
from runbook.core.context import seconds
from runbook.core.loops import Loop, LoopError, turns
from runbook.doctor.checks import (
    Enters,
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
from runbook.doctor.filling import Later, filled, waits_for
from runbook.document.expressions import Unknown
from runbook.document.model import Config, Step, Value
from runbook.document.spec import KindSpec, Specs
from runbook.document.words import Effect, Role
from runbook.kinds.kubernetes_needs import Need
from runbook.kinds.needs import PARTS, Address, Machine, Program
from runbook.policy.people import People

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


def step_works(step: Step, scope: Scope, around: Surroundings) -> Iterator[tuple[str, Work]]:
    """The checks of a step, of each item where it is repeated, and of what is looked at between them."""
    loop = step.for_each
    for one in repeated(step.id, loop, [step], scope):
        yield from ((one.id, work) for work in _works(one, scope, around))
    for probe in loop.between if loop else ():
        yield from ((probe.id, work) for work in _works(probe, scope, around))


def _works(step: Step, scope: Scope, around: Surroundings) -> Iterator[Work]:
    spec = around.specs[step.uses]
    if spec.role in (Role.MANUAL, Role.PAUSE):
        return
    scope = bound(scope, step.local)
    inputs: dict[str, Any] = filled(dict(step.inputs), scope)
    if spec.role is Role.NOTICE:
        yield channel(inputs.get("to"), around)
        return
    yield from (Resolves(reference=reference) for reference in _references(inputs))
    link = around.link(spec.connection, step.connection)
    if not _reads_only(step, spec):
        yield from _needed(step, spec, link, inputs) or (_untold(link),)
        return
    missing = waits_for(inputs)
    if not missing:
        yield _read(step, spec, link, inputs, scope)
        if spec.effect is None and link is not None:  # a claim: where it is not believed, it is not run
            yield from (work for work in _needed(step, spec, link, inputs) if not isinstance(work, Known))
        return
    given = " ".join(f"-p {name.removeprefix('params.')}=…" for name in missing if name.startswith("params."))
    yield Known(
        status=Status.NOT_CHECKED,
        text=f"needs {', '.join(missing)}",
        hint=f"give it: {given}" if given else None,
        link=link,
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


def _untold(link: Link | None) -> Known:
    more = f"that {link} answers" if link else "that it is well written"
    return Known(status=Status.NOT_CHECKED, text=f"only sending it could tell more than {more}", link=link)


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
        yield later(f"its namespace needs {namespace}")
        return
    where = namespace if isinstance(namespace, str) else None
    asked: list[Need] = []
    for need in needs:
        if isinstance(need.name, Later):
            if need.is_there:
                yield later(f"whether it is there: needs {need.name}")
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
            return later(f"its program needs {need.name}")
        return OnPath(program=need.name, folder=None if isinstance(need.folder, Later) else need.folder)
    if isinstance(need, Address):
        return (
            later(f"its address needs {need.url}") if isinstance(need.url, Later) else Listens(link=link, url=need.url)
        )
    if isinstance(need, Machine) and link is not None:
        return (
            later(f"its host needs {need.host}") if isinstance(need.host, Later) else Enters(link=link, host=need.host)
        )
    return later(f"its kind needs {type(need).__name__}, which is not known here")


def later(text: str) -> Known:
    """What cannot be told before a run."""
    return Known(status=Status.NOT_CHECKED, text=text)


def channel(name: Any, around: Surroundings) -> Known:
    """Whether a channel that a message goes to is configured."""
    known = [one.name for one in around.config.channels]
    if isinstance(name, Later):
        return later(f"its channel needs {name}")
    if name in known:
        return Known(status=Status.OK, text=f"the channel {name} is configured")
    return Known(
        status=Status.FINDING,
        text=f"the channel {name} is not configured, and nobody would be told",
        hint=f"add it under `channels:` in runbook.yaml, or name one of: {', '.join(known)}",
    )


def repeated(id_: str, loop: Any, steps: Sequence[Step], scope: Scope) -> list[Step]:
    """Steps once for each item of their loop, where it can be listed before a run; as they stand where not."""
    if loop is None:
        return list(steps)
    try:
        found = turns(loop, bound(scope, steps[0].local) if steps and steps[0].for_each is loop else scope)
    except (Unknown, LoopError):
        return list(steps)
    return list(Loop(id_, loop, found, steps, lenient=False).all) if found else []
