"""Gates that nobody could open: said before the night on which they close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from runbook.document.model import Option, Policy, Runbook, Step
from runbook.document.words import Effect, Role
from runbook.errors import DocumentError
from runbook.lint.library import Entry
from runbook.policy.people import People
from runbook.policy.terms import effective_terms

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.spec import Specs


def gates_that_open(
    entry: Entry, runbook: Runbook, policy: Policy, specs: Specs, environment: str | None = None
) -> Iterator[Finding]:
    """A warning for each option whose terms, the runbook's and the policy's, the people known cannot meet.

    `environment` is named where the policy holds in that one only.
    """
    where = f" in the environment '{environment}'" if environment else ""
    for i, option in enumerate(runbook.resolution):
        effect = effect_of(option, specs)
        if not effect.changes:
            continue
        try:
            terms = effective_terms(option.approval, effect, People(policy, ""))
        except DocumentError:
            continue  # somebody whom the policy does not know, which is said where they are named
        if terms.cannot_be_met:
            place = ("resolution", i, "approval" if option.approval else "id")
            message = f"the gate of '{option.id}' {terms.cannot_be_met}{where}"
            hint = "change 'approval', or the policy's people and terms"
            yield entry.warning(place, "RB040", message, hint)


def effect_of(option: Option, specs: Specs) -> Effect:
    """The most dangerous effect among the option's actions, as far as it is known before a plan."""
    effect = Effect.READ
    for step in option.steps:
        effect = effect.at_least(_claimed(step, specs))
    return effect


def _claimed(step: Step, specs: Specs) -> Effect:
    spec = specs.get(step.uses)
    if spec is None or spec.role is not Role.ACTION:
        return Effect.READ
    return spec.effect if spec.effect is not None else Effect(step.inputs.get("effect", Effect.CHANGE))


def written_timeout(option: Option, policies: Sequence[Policy], specs: Specs) -> float | None:
    """How long the option's gate waits at the most, in seconds, as runbook and policies say; None where none says it.

    The shorter of both holds. With several policies, each in an environment of its own, it is the longest of theirs;
    one that says nothing leaves it to the engine's default.
    """
    own = option.approval.timeout if option.approval else None
    waits: list[float] = []
    for policy in policies or (Policy(),):
        terms = policy.approvals.get(effect_of(option, specs)) or policy.approvals.get(Effect.CHANGE)
        said = [time for time in (own, terms.timeout if terms else None) if time is not None]
        if not said:
            return None
        waits.append(min(said))
    return max(waits)
