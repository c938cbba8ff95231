"""What a step is for, and what its parts mean there: the same key weighs otherwise in a check than in triage."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

from runbook.document.model import Option, Step
from runbook.document.spec import Specs
from runbook.document.words import Effect, Role

COMMANDS: Final = frozenset({"command.run", "shell.run", "ssh.run", "kubernetes.exec", "http.request"})


class Weight(NamedTuple):
    """Codes for a condition that lets more through, less, or something else; for a query; and for all the rest."""

    looser: str
    stricter: str
    other: str
    query: str
    rest: str


class Use(Enum):
    """What a step is for, and what its changes are called."""

    CHECK = Weight("verification-loosened", "stricter", "verification-changed", "query-changed", "verification-changed")
    SYMPTOM = Weight("symptom-changed", "symptom-changed", "symptom-changed", "query-changed", "symptom-changed")
    DECIDES = Weight("reading-changed", "reading-changed", "reading-changed", "query-changed", "reading-changed")
    READING = Weight("reading-changed", "reading-changed", "reading-changed", "reading-changed", "reading-changed")
    GUARD = Weight("guard-loosened", "stricter", "guard-loosened", "query-changed", "guard-loosened")
    ITEM = Weight("evidence-changed", "evidence-changed", "evidence-changed", "evidence-changed", "evidence-changed")
    CHANGE = Weight("goes-on-after-failure", "stricter", "request-changed", "request-changed", "request-changed")
    MANUAL = Weight("guard-loosened", "stricter", "instructions-changed", "query-changed", "instructions-changed")
    NOTICE = Weight("message-changed", "message-changed", "message-changed", "query-changed", "message-changed")


def effect_of(step: Step, specs: Specs) -> Effect:
    """What a step does, as far as it is known before a plan."""
    spec = specs.get(step.uses)
    if spec is None:
        return Effect.CHANGE
    if spec.effect is not None:
        return spec.effect
    claimed = step.inputs.get("effect", Effect.CHANGE)
    return Effect(claimed) if claimed in list(Effect) else Effect.CHANGE


def effect_of_option(option: Option, specs: Specs) -> Effect:
    """The most dangerous of its steps."""
    effect = Effect.READ
    for step in option.every:
        effect = effect.at_least(effect_of(step, specs))
    return effect


def use_within_option(step: Step, specs: Specs) -> Use:
    """What a step of an option is for."""
    spec = specs.get(step.uses)
    if spec is not None and spec.role in (Role.MANUAL, Role.NOTICE):
        return Use.MANUAL if spec.role is Role.MANUAL else Use.NOTICE
    return Use.CHANGE if effect_of(step, specs).changes else Use.GUARD


def use_beside(step: Step, specs: Specs, otherwise: Use) -> Use:
    """What a step of triage or of the end is for: it may tell people, too."""
    spec = specs.get(step.uses)
    return Use.NOTICE if spec is not None and spec.role is Role.NOTICE else otherwise


def does(step: Step) -> str:
    """What a step does, in a line: its kind, and the command, query or text that matters most."""
    inputs = (step.inputs.get(key) for key in ("argv", "script", "statement", "query", "url", "text", "question"))
    what = next((each for each in inputs if each), None)
    words = " ".join(map(str, what)) if isinstance(what, list) else str(what or "")
    return f"{step.uses}: {words}" if words else step.uses


def is_ungated(step: Step, specs: Specs) -> bool:
    """Whether it runs a command, or sends a request, on nothing but its author's word that it only reads."""
    spec = specs.get(step.uses)
    return spec is not None and spec.effect is None and effect_of(step, specs) is Effect.READ
