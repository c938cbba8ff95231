"""What there is to be rehearsed in a runbook: everything that a night could bring, as points that a scenario reaches.

    option   tried; and skipped, where it has a `when`
    gate     approved, denied (or nobody decided)
    verdict  pass, fail and unknown of each check on which something hangs: symptoms, verification, probes of options,
             and steps of triage that say what they mean, or whose answer an expression reads
    step     done: seen, applied, answered
    undo     after a failure, when it did not help
    loop     over no item, over several

Pure: a document in, points out. Which of them were reached is in `reaching.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any, Final, NamedTuple

from runbook.document.build import symptom_id
from runbook.document.expressions import parse
from runbook.document.meanings import meant
from runbook.document.model import ForEach, Option, Runbook, Step
from runbook.document.spec import Specs
from runbook.document.templates import references_of
from runbook.document.words import Effect, NotHelped, OnFailure, Role

TRIED: Final = "tried"
SKIPPED: Final = "skipped"
APPROVED: Final = "approved"
DENIED: Final = "denied"
DONE: Final = "done"
AFTER_FAILURE: Final = "after a failure"
NOT_HELPED: Final = "when it did not help"
NONE: Final = "over no item"
SEVERAL: Final = "over several items"
VERDICTS: Final = ("pass", "fail", "unknown")

Pointer = tuple[str | int, ...]


class Point(NamedTuple):
    """One thing to be rehearsed: what it is about, its address in the runbook, and what of it."""

    about: str
    of: str
    what: str


class Coverage(NamedTuple):
    """How much of a runbook its scenarios reach: every point in the order of the document, and those that were."""

    points: tuple[Point, ...]
    reached: frozenset[Point]

    @property
    def missing(self) -> tuple[Point, ...]:
        """What no scenario reached."""
        return tuple(point for point in self.points if point not in self.reached)

    @property
    def percent(self) -> float:
        """From 0 to 100; 100 for a runbook in which there is nothing to reach."""
        return 100.0 * (len(self.points) - len(self.missing)) / len(self.points) if self.points else 100.0


def points(book: Runbook, specs: Specs) -> tuple[Point, ...]:
    """Everything that scenarios of a runbook can reach, in the order in which a run comes to it."""
    found = [*_symptoms(book, specs), *_triage(book, specs)]
    for option in book.resolution:
        found += _option(option, specs)
    for check in book.checks:
        found += _step(f"verification/{check.id}", check, specs, judged=True)
    found += [Point("step", f"finally/{step.id}", DONE) for step in book.finally_]
    return tuple(dict.fromkeys(found))


def _symptoms(book: Runbook, specs: Specs) -> Iterator[Point]:
    for symptom in book.symptoms:
        path = f"symptoms/{symptom.id}"
        if symptom.probe is None:
            yield Point("step", path, DONE)
        else:
            yield from _step(path, symptom.probe, specs, judged=True)


def _triage(book: Runbook, specs: Specs) -> Iterator[Point]:
    read = _read(book)
    for step in book.triage:
        yield from _step(f"triage/{step.id}", step, specs, judged=bool(step.means) or step.id in read)


def _option(option: Option, specs: Specs) -> Iterator[Point]:
    path = f"resolution/{option.id}"
    yield Point("option", path, TRIED)
    if option.when is not None:
        yield Point("option", path, SKIPPED)
    changes = [step for step in option.steps if _changes(step, specs)]
    if changes:
        yield Point("gate", path, APPROVED)
        yield Point("gate", path, DENIED)
    yield from _loop(path, option.for_each)
    for step in option.steps:
        yield from _step(f"{path}/{step.id}", step, specs, judged=True)
        for probe in step.for_each.between if step.for_each else ():
            yield from _step(f"{path}/{step.id}/{probe.id}", probe, specs, judged=True)
    for probe in option.for_each.between if option.for_each else ():
        yield from _step(f"{path}/{probe.id}", probe, specs, judged=True)
    if changes and option.on_failure is OnFailure.UNDO:
        yield Point("undo", path, AFTER_FAILURE)
    if changes and option.when_not_helped is NotHelped.UNDO:
        yield Point("undo", path, NOT_HELPED)


def _step(path: str, step: Step, specs: Specs, *, judged: bool) -> Iterator[Point]:
    yield Point("step", path, DONE)
    yield from _loop(path, step.for_each)
    expect = step.expect or specs[step.uses].expect
    if judged and expect is not None and not step.advisory and not _changes(step, specs):
        for verdict in VERDICTS:
            yield Point("verdict", path, verdict)


def _loop(path: str, loop: ForEach | None) -> Iterator[Point]:
    """A list that is written down has as many items as it has."""
    if loop is None:
        return
    if isinstance(loop.items, str):
        yield Point("loop", path, NONE)
    if loop.max > 1 and (isinstance(loop.items, str) or len(loop.items) > 1):
        yield Point("loop", path, SEVERAL)


def _changes(step: Step, specs: Specs) -> bool:
    spec = specs[step.uses]
    effect = spec.effect or Effect(step.inputs.get("effect", Effect.CHANGE))
    return spec.role is Role.ACTION and effect.changes


# --- what hangs on what -------------------------------------------------------------------------------------------


def _read(book: Runbook) -> frozenset[str]:
    """Ids of the steps whose answer decides something: which options and steps are for, and with what."""
    paths: set[tuple[str, ...]] = set()
    for option in book.resolution:
        paths |= parse(option.when).references if option.when else frozenset()
        paths |= _listed(option.for_each)
        if option.continue_with is not None:
            paths |= references_of(option.continue_with.parameters)
        for step in option.every:
            paths |= _names(step)
    for step in (*book.triage, *book.checks):
        paths |= _names(step)
    return frozenset(path[1] for path in paths if path[0] == "steps" and len(path) > 1)


def _names(step: Step) -> Set[tuple[str, ...]]:
    paths = references_of(step.inputs) | _listed(step.for_each)
    for text in (step.when, step.expect):
        paths |= parse(text).references if text else frozenset()
    return meant(paths, step.local)


def _listed(loop: ForEach | None) -> frozenset[tuple[str, ...]]:
    if loop is None:
        return frozenset()
    return parse(loop.items).references if isinstance(loop.items, str) else references_of(loop.items)


# --- where it stands ----------------------------------------------------------------------------------------------


def places(book: Runbook, data: Mapping[str, Any]) -> dict[str, Pointer]:
    """Where everything that points are about stands in the document, by address. `data` is the document as parsed.

    What was taken from another document stands where that is included.
    """
    found: dict[str, Pointer] = {}
    for i, symptom in enumerate(data.get("symptoms", ())):
        id_ = symptom.get("id") or symptom_id(symptom.get("alert", ""))
        found[f"symptoms/{id_}"] = ("symptoms", i)
    for phase in ("triage", "finally"):
        found |= _entries(phase, (phase,), data.get(phase, ()))
    found |= _entries("verification", ("verification", "checks"), (data.get("verification") or {}).get("checks", ()))
    for i, option in enumerate(data.get("resolution", ())):
        path, place = f"resolution/{option['id']}", ("resolution", i)
        found[path] = place
        found |= _entries(path, (*place, "steps"), option.get("steps", ()))
        found |= _between(path, place, option)
        own = (option.get("verification") or {}).get("checks", ())
        found |= _entries("verification", (*place, "verification", "checks"), own)
    for include in book.includes:
        option_of = data["resolution"][include.place[1]]["id"] if include.place[0] == "resolution" else None
        phase = f"resolution/{option_of}" if option_of else str(include.place[0])
        found |= {f"{phase}/{id_}": include.place for id_ in include.ids}
    return found


def _entries(path: str, place: Pointer, entries: Any) -> dict[str, Pointer]:
    found: dict[str, Pointer] = {}
    for i, entry in enumerate(entries):
        if "id" in entry:
            found[f"{path}/{entry['id']}"] = (*place, i)
            found |= _between(f"{path}/{entry['id']}", (*place, i), entry)
    return found


def _between(path: str, place: Pointer, entry: Mapping[str, Any]) -> dict[str, Pointer]:
    probes = (entry.get("for_each") or {}).get("between", ())
    return {f"{path}/{probe['id']}": (*place, "for_each", "between", i) for i, probe in enumerate(probes)}
