"""Documents against what is configured around them: their connections and `env` values, in every environment.

A project without environments has one configuration; what is missing in it is said without naming a place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.document.includes import placed
from runbook.document.model import Config, EvidencePlan, Runbook, Step, Steps
from runbook.document.rules.references import paths_of
from runbook.document.rules.walk import between_items, checked, verifications
from runbook.document.source import Pointer
from runbook.document.suggest import did_you_mean
from runbook.lint.library import Entry, Library

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.spec import KindSpec, Specs

Places = Sequence[tuple[str | None, Config]]

_ENV: Final = b"env"
_OTHERWISE: Final = "without it the step is 'unknown'"


def connections(
    entry: Entry, document: Runbook | Steps | EvidencePlan, library: Library, specs: Specs
) -> Iterator[Finding]:
    """The connection of each step is configured, and of the type that its kind speaks to."""
    places = library.surroundings(entry.path)
    project = library.config(entry.path)
    file = project[0] / "runbook.yaml" if project else None
    told: set[str] = set()
    for place, step in _steps(document):
        spec = specs.get(step.uses)
        name = step.connection or (spec.connection if spec else None)
        if spec is None or name is None or not places:
            continue
        missing = [where for where, config in places if name not in _types(config)]
        if missing and name not in told:
            told.add(name)
            message = f"the connection '{name}' of '{step.id}' is not configured{_among(missing, places)}"
            at = (*place, "connection") if step.connection and not step.signal else place
            yield entry.warning(at, "RB056", message, f"add it under 'connections:' of {file}; {_OTHERWISE}")
        yield from _of_another_type(entry, place, spec, name, places)


def _of_another_type(entry: Entry, place: Pointer, spec: KindSpec, name: str, places: Places) -> Iterator[Finding]:
    types = {where: _types(config).get(name) for where, config in places}
    wrong = [where for where, type_ in types.items() if type_ is not None and spec.connection not in (None, type_)]
    if wrong:
        is_ = f"the connection '{name}' is of type {types[wrong[0]]}{_among(wrong, places)}"
        message = f"{spec.name} speaks to {spec.connection}, but {is_}"
        yield entry.finding((*place, "connection"), "RB056", message, "name another connection")


def values(entry: Entry, library: Library, specs: Specs) -> Iterator[Finding]:
    """`env.NAME` has a value: an error where no environment has one, a warning where some do not."""
    if _ENV not in entry.data:
        return
    places = library.surroundings(entry.path)
    if places and places[0][0] is None:
        return
    for pointer, paths in paths_of(checked(entry.document, entry.source, specs)) if places else ():
        for lack in lacking(paths, places):
            found = entry.warning if lack.somewhere else entry.finding
            yield found(pointer, "RB059", lack.message, lack.hint)


class Lack(NamedTuple):
    """A value of `env` that is not everywhere: `somewhere` it is."""

    key: str
    message: str
    hint: str
    somewhere: bool


def lacking(paths: Iterable[tuple[str, ...]], places: Places) -> Iterator[Lack]:
    """What these paths name of `env` and environments do not have, in the order of the keys."""
    known = {one.name: one.values for one in places[0][1].environments}
    for key in sorted({path[1] for path in paths if path[0] == "env" and len(path) > 1}):
        missing = [where for where, _ in places if key not in known[str(where)]]
        if len(missing) == len(places):
            near = did_you_mean(key, set().union(*(known[str(where)] for where, _ in places)), what="they have")
            message = f"no environment has a value '{key}' for env.{key}"
            yield Lack(key, message, near or f"add '{key}' under their 'values'", somewhere=False)
        elif missing:
            message = f"env.{key} has no value{_among(missing, places)}"
            yield Lack(key, message, f"add '{key}' under 'values'; without it, it is unknown", somewhere=True)


def _types(config: Config) -> dict[str, str]:
    return {connection.name: connection.type for connection in config.connections}


def _among(found: Sequence[str | None], places: Places) -> str:
    """Where that is: nothing where it is so everywhere."""
    names = [f"'{name}'" for name in found if name is not None]
    if len(found) == len(places) or not names:
        return ""
    return f" in {'the environment' if len(names) == 1 else 'the environments'} {', '.join(names)}"


def _steps(document: Runbook | Steps | EvidencePlan) -> Iterator[tuple[Pointer, Step]]:
    """A document's own steps; what it includes is looked at where it is written."""
    if isinstance(document, EvidencePlan):
        yield from ((("items", i), step) for i, step in enumerate(document.items))
        return
    if isinstance(document, Steps):
        yield from _own(document, document.steps, ("steps",))
        return
    probes = ((("symptoms", i), symptom.probe) for i, symptom in enumerate(document.symptoms) if symptom.probe)
    yield from chain(
        ((place, probe) for place, probe in probes),
        _own(document, document.triage, ("triage",)),
        *(_own(document, option.steps, ("resolution", i, "steps")) for i, option in enumerate(document.resolution)),
        between_items(document),
        (
            ((*place, "checks", i), step)
            for place, verification in verifications(document)
            for i, step in enumerate(verification.checks)
        ),
        ((("finally", i), step) for i, step in enumerate(document.finally_)),
    )


def _own(
    document: Runbook | Steps, steps: tuple[Step, ...], around: tuple[str | int, ...]
) -> Iterator[tuple[Pointer, Step]]:
    for place, written, included in placed(steps, document.includes, around):
        yield from ((place, step) for step in written if not included)
