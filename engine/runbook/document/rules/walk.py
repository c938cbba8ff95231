"""The steps of a document, each with its place in the file and its phase."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from runbook.document.build import Document
from runbook.document.model import EvidencePlan, Runbook, Step
from runbook.document.words import Effect, Role

if TYPE_CHECKING:
    from runbook.document.source import Source
    from runbook.document.spec import KindSpec, Specs

Pointer = tuple[str | int, ...]


class Phase(StrEnum):
    """Where a step stands."""

    SIGNAL = "signals"
    SYMPTOM = "symptoms"
    TRIAGE = "triage"
    OPTION = "resolution"
    CHECK = "verification"
    FINAL = "finally"
    ITEM = "evidence"


class Site(NamedTuple):
    """A step and where it stands; a signal counts as one, and an alert symptom has no kind."""

    phase: Phase
    pointer: Pointer
    step: Step


class Checked(NamedTuple):
    """A document with all that rules need to know of it."""

    document: Document
    source: Source
    specs: Specs
    sites: tuple[Site, ...]

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
        spec = self.spec(site)
        if spec is None or spec.effect is not None:
            return spec.effect if spec else None
        claimed = site.step.inputs.get("effect")
        return Effect(claimed) if claimed in list(Effect) else Effect.CHANGE

    def is_probe(self, site: Site) -> bool:
        """True for a step that is only observed."""
        spec = self.spec(site)
        if spec is None:
            return True
        return spec.role is Role.PROBE or (spec.role is Role.ACTION and self.effect(site) is Effect.READ)


def checked(document: Document, source: Source, specs: Specs) -> Checked:
    """A document, its steps found."""
    sites: tuple[Site, ...] = ()
    if isinstance(document, Runbook):
        sites = tuple(_of_runbook(document))
    elif isinstance(document, EvidencePlan):
        sites = tuple(Site(Phase.ITEM, ("items", i), step) for i, step in enumerate(document.items))
    return Checked(document, source, specs, sites)


def _of_runbook(runbook: Runbook) -> Iterator[Site]:
    for name, signal in runbook.signals.items():
        step = Step(id=name, uses=signal.uses, inputs=signal.inputs, retry=signal.retry)
        yield Site(Phase.SIGNAL, ("signals", name), step)
    for i, symptom in enumerate(runbook.symptoms):
        yield Site(Phase.SYMPTOM, ("symptoms", i), symptom.probe or Step(id=symptom.id, uses=""))
    for i, step in enumerate(runbook.triage):
        yield Site(Phase.TRIAGE, ("triage", i), step)
    for i, option in enumerate(runbook.resolution):
        for j, step in enumerate(option.steps):
            yield Site(Phase.OPTION, ("resolution", i, "steps", j), step)
    if runbook.verification:
        for i, step in enumerate(runbook.verification.checks):
            yield Site(Phase.CHECK, ("verification", "checks", i), step)
    for i, step in enumerate(runbook.finally_):
        yield Site(Phase.FINAL, ("finally", i), step)
