"""Terms of a runbook in words: who must say yes, how long, how often, when somebody is told."""

from __future__ import annotations

from runbook.core.target import spoken as target
from runbook.document.durations import spoken
from runbook.document.model import Approval, ForEach, Message, Option, Parameter, Step, Verification
from runbook.document.spec import KindSpec, Specs
from runbook.document.words import Effect, NotHelped, OnFailure, Role

GATE = 900.0  # seconds that a gate stays open where nobody says otherwise

EFFECTS = {
    Effect.READ: "reads",
    Effect.NOTIFY: "tells people",
    Effect.CHANGE: "changes",
    Effect.DESTRUCTIVE: "destroys",
}
_MOMENTS = {
    "start": "when it begins",
    "resolved": "when it is resolved",
    "not_resolved": "when it ends otherwise",
    "finished": "when it ends",
}

__all__ = ["after_failure", "each", "effect_of", "gate", "given", "mark", "moment", "rounds", "spoken", "target"]


def effect_of(step: Step, spec: KindSpec) -> Effect:
    """What a step does as far as its document says; a plan may raise it."""
    return spec.effect if spec.effect is not None else Effect(step.inputs.get("effect", Effect.CHANGE))


def mark(step: Step, spec: KindSpec) -> str:
    """What a step does, in two words."""
    return "by hand" if spec.role is Role.MANUAL else EFFECTS[effect_of(step, spec)]


def gate(option: Option, specs: Specs) -> str | None:
    """Who must say yes before an option's changes; None where it has none. The policy may ask for more."""
    if not any(specs[step.uses].role is Role.ACTION and _changes(step, specs) for step in option.steps):
        return None
    approval = option.approval or Approval()
    if approval.from_each:
        who = f"one of each of {', '.join(approval.from_each)} must say yes"
    else:
        names = f" of {', '.join(approval.from_)}" if approval.from_ else ""
        who = f"{approval.required or 1}{names} must say yes"
    who += ", not who started it" if approval.exclude_initiator else ""
    who += ", with a reason" if approval.reason_required else ""
    return f"{who}, within {spoken(approval.timeout if approval.timeout is not None else GATE)}"


def _changes(step: Step, specs: Specs) -> bool:
    return effect_of(step, specs[step.uses]).changes


def each(loop: ForEach) -> tuple[str, str]:
    """A loop: the words around the expression of its items, and that expression."""
    listed = isinstance(loop.items, str)
    most = f", {loop.max} at most" if listed else ""
    failed = "; one that fails does not stop the others" if loop.on_failure == "continue" else ""
    items = str(loop.items) if listed else ", ".join(map(str, loop.items))
    return f"{loop.as_}{most}{failed}, of", items


def rounds(verification: Verification) -> str:
    """How often it is looked, and for how long."""
    hold = f", until they have held for {spoken(verification.hold)}" if verification.hold else ""
    return f"looked at every {spoken(verification.every)} for up to {spoken(verification.within)}{hold}"


def after_failure(option: Option) -> str:
    """What becomes of what was changed, where the option fails or does not help."""
    helped = "is taken back" if option.when_not_helped is NotHelped.UNDO else "stays"
    failed = "; where a step fails it is taken back" if option.on_failure is OnFailure.UNDO else ""
    return f"what was changed {helped}, and the next option is tried{failed}"


def moment(message: Message) -> str:
    """When a message goes out."""
    return f"every {spoken(message.every)}" if message.every is not None else _MOMENTS[str(message.at)]


def given(parameter: Parameter) -> str:
    """Where the value of a parameter comes from, if nobody says it."""
    alert = f"{parameter.from_alert} of the alert" if parameter.from_alert else ""
    if parameter.required:
        return f"from {alert}, or to be given" if alert else "to be given"
    return f"from {alert}, else the default" if alert else "default"
