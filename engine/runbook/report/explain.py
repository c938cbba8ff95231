"""What a runbook does, in plain words and in its order: for whoever reviews it, or meets it at night."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

from runbook.core.longest_way import longest_way
from runbook.core.target import spoken
from runbook.document.model import Approval, ForEach, Message, Option, Runbook, Step, Symptom, Verification
from runbook.document.spec import Specs
from runbook.document.words import Effect, NotHelped, OnFailure, Role
from runbook.policy.people import People
from runbook.policy.terms import effective_terms
from runbook.report.gate import terms_text
from runbook.report.layout import heading, labelled, marked, paragraph
from runbook.report.loops import each
from runbook.report.phrases import EFFECT
from runbook.report.safe import shown
from runbook.report.style import Style
from runbook.report.times import span

Describe = Callable[[Step], str]


def explain(
    book: Runbook,
    specs: Specs,
    style: Style,
    *,
    people: People | None = None,
    connections: Collection[str] | None = None,
    describe: Describe | None = None,
) -> str:
    """The runbook, told. `people` tell what its gates ask for today; `connections` are the types and names that the
    project has configured, None leaves them out; `describe` says what one step does (a kind's own line).
    """
    told = _Told(book, specs, style, people, describe)
    sections = [
        told.head(),
        told.symptoms(),
        told.triage(),
        *(told.option(number, option) for number, option in enumerate(book.resolution, 1)),
        told.verification(),
        told.communication(),
        told.escalation(),
        told.unconfigured(connections),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def steps_of(book: Runbook) -> list[Step]:
    """Every step of a runbook, in order."""
    steps = [symptom.probe for symptom in book.symptoms if symptom.probe]
    steps += [*book.triage, *(step for option in book.resolution for step in option.every)]
    return [*steps, *book.checks, *book.finally_]


class _Told:
    def __init__(
        self, book: Runbook, specs: Specs, style: Style, people: People | None, describe: Describe | None
    ) -> None:
        self.book = book
        self.specs = specs
        self.style = style
        self.people = people
        self.describe = describe

    def head(self) -> list[str]:
        book, style = self.book, self.style
        lines = [heading(shown(f"{book.name}: {book.title}"), style)]
        for label, text in (
            ("severity", book.severity),
            ("service", book.service),
            ("owners", ", ".join(book.owners)),
            ("reviewed", book.reviewed),
            ("impact", book.impact),
            ("target", spoken(book.target) if book.target else None),
        ):
            lines += labelled(label, text, style) if text else []
        return lines

    def symptoms(self) -> list[str]:
        if not self.book.symptoms:
            return paragraph("It has no symptoms: it begins whenever somebody starts it.", self.style, indent=0)
        lines = [heading("It begins when any of these is seen", self.style)]
        for symptom in self.book.symptoms:
            lines += marked("·", "plain", self._symptom(symptom), self.style)
        return lines

    def triage(self) -> list[str]:
        if not self.book.triage:
            return []
        lines = [heading("Then it looks, all at once", self.style)]
        for step in self.book.triage:
            lines += self._step(step)
        return lines

    def option(self, number: int, option: Option) -> list[str]:
        style = self.style
        title = f"{option.id}: {option.title}" if option.title else option.id
        lines = [heading(shown(f"Option {number}. {title}"), style)]
        if option.when:
            lines += labelled("when", option.when, style)
        gate = self._gate(option)
        lines += labelled("gate", gate, style) if gate else []
        if option.for_each is not None:
            lines += labelled("each", each(option.for_each), style)
        for step in option.steps:
            lines += self._step(step)
        lines += self._between(option.for_each)
        if option.continue_with:
            return lines + labelled("goes on", f"with the runbook {option.continue_with.runbook}; this run ends", style)
        if option.settle:
            lines += labelled("then", f"it lets things settle for {span(option.settle)}", style)
        if option.verification is not None:
            lines += labelled("helped", f"when all of these pass, {_rounds(option.verification)}", style)
            for check in option.verification.checks:
                lines += self._step(check)
        if option.on_failure is OnFailure.UNDO:
            lines += labelled("if failed", "what was applied is taken back", style)
        if option.temporary is not None:
            lines += labelled("temporary", f"it is to be taken back after {span(option.temporary)}", style)
        helped = "is taken back" if option.when_not_helped is NotHelped.UNDO else "stays"
        return lines + labelled("no help", f"what was applied {helped}, and the next option is tried", style)

    def verification(self) -> list[str]:
        verification, style = self.book.verification, self.style
        if verification is None and any(option.verification for option in self.book.resolution):
            return []
        if verification is None:
            return paragraph("Nothing verifies whether an option helped.", style, indent=0, role="warn")
        rounds = _rounds(verification)
        text = f"{rounds[0].upper()}{rounds[1:]}:"
        lines = [heading("It helped when all of these pass", style), *paragraph(text, style)]
        for check in verification.checks:
            lines += self._step(check)
        return lines

    def communication(self) -> list[str]:
        if not self.book.communication:
            return []
        lines = [heading("Who is told", self.style)]
        for message in self.book.communication:
            lines += marked("·", "plain", shown(_message(message)), self.style)
        return lines

    def escalation(self) -> list[str]:
        escalation, style = self.book.escalation, self.style
        if escalation is None:
            return paragraph("It calls nobody: there is no escalation.", style, indent=0, role="warn")
        after = f", and in any case {span(escalation.after)} after the symptoms" if escalation.after is not None else ""
        text = f"It pages {escalation.to} when nothing helped or nobody decided{after}."
        lines = [heading("When a person is called", style), *paragraph(text, style)]
        way = longest_way(self.book, self.specs, self._gate_timeout if self.people else None)
        if math.isfinite(way):
            lines += paragraph(f"The longest way to a person is {math.ceil(way / 60)} minutes.", style)
        return lines

    def unconfigured(self, connections: Collection[str] | None) -> list[str]:
        if connections is None:
            return []
        lines: list[str] = []
        for step in steps_of(self.book):
            needed = step.connection or self.specs[step.uses].connection
            if needed is not None and needed not in connections:
                text = shown(f"{step.id} needs a connection {needed}, which is not configured; it will be unknown")
                lines += marked("!", "warn", text, self.style)
        return [heading("Not configured", self.style), *lines] if lines else []

    # --- parts ------------------------------------------------------------------------------------------------

    def _symptom(self, symptom: Symptom) -> str:
        if symptom.probe is not None:
            expect = f" ({symptom.probe.expect})" if symptom.probe.expect else ""
            return shown(f"{symptom.id}: {symptom.title or self._does(symptom.probe)}{expect}")
        labels = ", ".join(f"{name}={value}" for name, value in symptom.labels.items())
        return shown(f"{symptom.id}: the alert {symptom.alert} fires{f' with {labels}' if labels else ''}")

    def _step(self, step: Step) -> list[str]:
        effect = self._effect(step)
        role = "danger" if effect is Effect.DESTRUCTIVE else "plain"
        parts = [f"{step.id}: {step.title or self._does(step)} ({step.uses}"]
        parts.append(f", {EFFECT[effect].word})" if effect.changes else ")")
        parts.append(f", expects {step.expect}" if step.expect else "")
        if step.until:
            parts.append(f", again every {span(step.until.every)} for up to {span(step.until.within)} until it passes")
        parts.append(f", yields {', '.join(step.outputs)}" if step.outputs else "")
        parts.append(", previewed before it is approved" if "preview" in step.inputs else "")
        parts.append(", shown only" if step.advisory else "")
        parts.append(f", only when {step.when}" if step.when else "")
        parts.append(f", {each(step.for_each)}" if step.for_each else "")
        own = marked("○" if effect.changes else "·", role, shown("".join(parts)), self.style)
        return [*own, *self._between(step.for_each)]

    def _between(self, loop: ForEach | None) -> list[str]:
        probes = loop.between if loop else ()
        return labelled("between", "before the next one, these must pass:", self.style) * bool(probes) + [
            line for probe in probes for line in self._step(probe)
        ]

    def _does(self, step: Step) -> str:
        return self.describe(step) if self.describe else self.specs[step.uses].summary.rstrip(".")

    def _effect(self, step: Step) -> Effect:
        effect = self.specs[step.uses].effect
        return effect if effect is not None else Effect(step.inputs.get("effect", Effect.CHANGE))

    def _worst(self, option: Option) -> Effect | None:
        """The most dangerous effect that stands in the document; a plan may raise it."""
        effects = [self._effect(s) for s in option.steps if self.specs[s.uses].role is Role.ACTION]
        changing = [effect for effect in effects if effect.changes]
        return max(changing, key=list(Effect).index) if changing else None

    def _gate(self, option: Option) -> str | None:
        worst = self._worst(option)
        if worst is None:
            return None
        if self.people is None:
            return f"{_written(option.approval)}, within {span(self._own_timeout(option))}"
        terms = effective_terms(option.approval, worst, self.people)
        blocked = f"; {terms.cannot_be_met}" if terms.cannot_be_met else ""
        return f"{terms_text(terms)}, within {span(terms.timeout)}{blocked}"

    def _gate_timeout(self, option: Option) -> float:
        assert self.people is not None  # noqa: S101 - handed out only then
        return effective_terms(option.approval, self._worst(option) or Effect.CHANGE, self.people).timeout

    def _own_timeout(self, option: Option) -> float:
        given = option.approval.timeout if option.approval else None
        return float(given) if given is not None else 900.0


def _rounds(verification: Verification) -> str:
    hold = f", until they have held for {span(verification.hold)}" if verification.hold else ""
    return f"every {span(verification.every)} for up to {span(verification.within)}{hold}"


def _written(approval: Approval | None) -> str:
    """A gate's terms as the author wrote them; the policy may ask for more."""
    if approval is not None and approval.from_each:
        return f"one of each of {', '.join(approval.from_each)} must say yes"
    required = approval.required if approval and approval.required else 1
    names = f" of {', '.join(approval.from_)}" if approval and approval.from_ else ""
    return f"{required}{names} must say yes"


def _message(message: Message) -> str:
    when = f"every {span(message.every)}" if message.every is not None else str(message.at).replace("_", " ")
    only = f", only when {message.when}" if message.when else ""
    return f"{message.to}, {when}: {message.template or 'a text'}{only}"
