"""The steps of a document, each with its place in the file and its phase."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from runbook.document.build import Document
from runbook.document.includes import placed
from runbook.document.model import EvidencePlan, ForEach, Include, Runbook, Step, Steps, Verification
from runbook.document.words import Effect, Role

if TYPE_CHECKING:
    from runbook.document.others import Others
    from runbook.document.source import Source
    from runbook.document.spec import KindSpec, Specs

Pointer = tuple[str | int, ...]


class Phase(StrEnum):
    """Where a step stands."""

    SIGNAL = "signals"
    SYMPTOM = "symptoms"
    PART = "steps"
    TRIAGE = "triage"
    OPTION = "resolution"
    CHECK = "verification"
    FINAL = "finally"
    ITEM = "evidence"


class Loop(NamedTuple):
    """A `for_each` and where it stands."""

    pointer: Pointer
    of: ForEach


class Site(NamedTuple):
    """A step and where it stands; a signal counts as one, and an alert symptom has no kind.

    That of an `included` step is its include's: its own texts stand in another document, and are checked there.
    `loops` are those that repeat it, the outer one first; `between` says that it stands between their items.
    """

    phase: Phase
    pointer: Pointer
    step: Step
    included: bool = False
    loops: tuple[Loop, ...] = ()
    between: bool = False


class Checked(NamedTuple):
    """A document with all that rules need to know of it.

    `sites` are its own steps, `every` has the included ones too. Without `others`, what other documents say is not
    known, and nothing is said about it.
    """

    document: Document
    source: Source
    specs: Specs
    sites: tuple[Site, ...]
    every: tuple[Site, ...] = ()
    others: Others | None = None

    def raw(self, pointer: Pointer) -> Any:
        """The data at a place, as it was written."""
        data: Any = self.source.data
        for part in pointer:
            data = data[part]
        return data

    def spec(self, site: Site) -> KindSpec | None:
        """The spec of a step's kind; None for an alert and for a kind that does not exist."""
        return self.specs.get(site.step.uses)

    def effect(self, site: Site) -> Effect | None:
        """What a step does: what its kind says, or for generic kinds `with.effect`."""
        return effect_of(site.step, self.specs)

    def is_probe(self, site: Site) -> bool:
        """True for a step that is only observed."""
        spec = self.spec(site)
        if spec is None:
            return True
        return spec.role is Role.PROBE or (spec.role is Role.ACTION and self.effect(site) is Effect.READ)


def effect_of(step: Step, specs: Specs) -> Effect | None:
    """What a step does: what its kind says, or for generic kinds `with.effect`; None for a kind that does not exist."""
    spec = specs.get(step.uses)
    if spec is None or spec.effect is not None:
        return spec.effect if spec else None
    claimed = step.inputs.get("effect")
    return Effect(claimed) if claimed in list(Effect) else Effect.CHANGE


def checked(document: Document, source: Source, specs: Specs, others: Others | None = None) -> Checked:
    """A document, its steps found."""
    every = sites_of(document)
    return Checked(document, source, specs, tuple(site for site in every if not site.included), every, others)


def sites_of(document: Document) -> tuple[Site, ...]:
    """The steps of a document, in the order of the file, those of its includes too."""
    if isinstance(document, Runbook):
        return tuple(_of_runbook(document))
    if isinstance(document, Steps):
        return tuple(_listed(Phase.PART, document.steps, document.includes, ("steps",)))
    if isinstance(document, EvidencePlan):
        return tuple(Site(Phase.ITEM, ("items", i), step) for i, step in enumerate(document.items))
    return ()


def _listed(
    phase: Phase, steps: tuple[Step, ...], includes: tuple[Include, ...], at: Pointer, around: tuple[Loop, ...] = ()
) -> Iterator[Site]:
    """The steps of a list, with those that its includes became in their places, and what stands between their items."""
    for place, written, included in placed(steps, includes, at):
        for step in written:
            yield from _repeated(Site(phase, place, step, included, around))


def _of_runbook(runbook: Runbook) -> Iterator[Site]:
    for name, signal in runbook.signals.items():
        step = Step(id=name, uses=signal.uses, inputs=signal.inputs, retry=signal.retry, outputs=signal.outputs)
        yield Site(Phase.SIGNAL, ("signals", name), step)
    for i, symptom in enumerate(runbook.symptoms):
        yield Site(Phase.SYMPTOM, ("symptoms", i), symptom.probe or Step(id=symptom.id, uses=""))
    yield from _listed(Phase.TRIAGE, runbook.triage, runbook.includes, ("triage",))
    for i, option in enumerate(runbook.resolution):
        around = loops(("resolution", i), option.for_each)
        yield from _listed(Phase.OPTION, option.steps, runbook.includes, ("resolution", i, "steps"), around)
        yield from _between(Phase.OPTION, around)
    for place, verification in verifications(runbook):
        for i, step in enumerate(verification.checks):
            yield Site(Phase.CHECK, (*place, "checks", i), step)
    for i, step in enumerate(runbook.finally_):
        yield Site(Phase.FINAL, ("finally", i), step)


def verifications(runbook: Runbook) -> Iterator[tuple[Pointer, Verification]]:
    """Every verification, each with its place: those of options, then the runbook's."""
    for i, option in enumerate(runbook.resolution):
        if option.verification:
            yield ("resolution", i, "verification"), option.verification
    if runbook.verification:
        yield ("verification",), runbook.verification


def between_items(runbook: Runbook) -> Iterator[tuple[Pointer, Step]]:
    """The probes between the items of loops, each with its place."""
    return ((site.pointer, site.step) for site in _of_runbook(runbook) if site.between)


def loops(pointer: Pointer, of: ForEach | None) -> tuple[Loop, ...]:
    """The loop of a step or an option, if it has one."""
    return (Loop((*pointer, "for_each"), of),) if of else ()


def _repeated(site: Site) -> Iterator[Site]:
    """A step, and what stands between its items."""
    around = site.loops + loops(site.pointer, site.step.for_each)
    yield site._replace(loops=around)
    if site.step.for_each and not site.included:
        yield from _between(site.phase, around)


def _between(phase: Phase, around: tuple[Loop, ...]) -> Iterator[Site]:
    if around:
        for i, probe in enumerate(around[-1].of.between):
            yield Site(phase, (*around[-1].pointer, "between", i), probe, loops=around, between=True)
