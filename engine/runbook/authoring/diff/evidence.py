"""What is kept before the first change, beside what it was."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.authoring.diff.fields import told
from runbook.authoring.diff.meaning import Meaning, Spot
from runbook.authoring.diff.parameters import told_parameters
from runbook.authoring.diff.steps import told_steps
from runbook.authoring.diff.uses import Use, use_within_option
from runbook.document.model import EvidencePlan, EvidenceRef, Step

_WORDS = {"title": "words-changed", "name": "document-renamed"}


def told_reference(spot: Spot, before: EvidenceRef | None, after: EvidenceRef | None) -> Iterator[Meaning]:
    """The plan that a runbook names."""
    if after is None and before is not None:
        yield spot.tells("evidence-removed", "no evidence is kept any more", before.plan, "none")
    elif before is None and after is not None:
        yield spot.tells("stricter", "evidence is kept before the first change", None, after.plan)
    elif before is not None and after is not None:
        yield from told(spot, before, after, {"plan": "evidence-changed", "inputs": "evidence-changed"})


def told_plan(spot: Spot, before: EvidencePlan, after: EvidencePlan) -> Iterator[Meaning]:
    """An evidence plan."""
    if before.required != after.required:
        code = "stricter" if after.required else "evidence-removed"
        words = "the first change no longer waits for it" if before.required else "no change is made without it"
        yield spot.at("required").tells(code, words, before.required, after.required)
    if before.timeout != after.timeout:
        code = "evidence-changed" if after.timeout < before.timeout else "timing-changed"
        yield spot.at("timeout").tells(code, "the first change waits for another time", before.timeout, after.timeout)
    specs = spot.world.after.specs

    def use(step: Step) -> Use:
        return Use.CHANGE if use_within_option(step, specs) is Use.CHANGE else Use.ITEM

    yield from told_steps(spot, "items", before.items, after.items, use, "item")
    yield from told_parameters(spot.at("parameters"), before.parameters, after.parameters, frozenset())
    yield from told(spot, before, after, _WORDS, skip=("required", "timeout", "items", "parameters"))
