"""Steps, checks, symptoms and options as cards: what somebody without the engine would do, and look for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from runbook import kinds
from runbook.authoring.page import words
from runbook.authoring.page.model import Block, Card, Caution, Command, Fact, Facts, Links, Prose, Rows
from runbook.authoring.page.shell import Names, variable
from runbook.document.includes import Place, placed
from runbook.document.model import EvidencePlan, Include, Local, Option, Runbook, Step, Steps, Symptom
from runbook.document.spec import Specs
from runbook.document.words import Role

# What `undo` and `preview` of a command have from the step where they do not say it themselves.
_TAKEN_OVER: Final = ("env", "values", "shell", "cwd", "host", "headers")
# What `by_hand` calls the address of a type's connection: it knows none by name.
ADDRESSES: Final = {"prometheus": "PROMETHEUS_URL", "alertmanager": "ALERTMANAGER_URL", "sql": "DATABASE_URL"}
_BESIDE: Final = {"preview": "what it would do", "undo": "to take it back"}

Kind = Callable[[str], Any]


class Used:
    """The documents that a runbook uses: `steps` by their name, and the plan of its evidence."""

    def __init__(self, documents: Iterable[object] = ()) -> None:
        self.steps: dict[str, Steps] = {}
        self.evidence: EvidencePlan | None = None
        for one in documents:
            if isinstance(one, Steps):
                self.steps[one.name] = one
            elif isinstance(one, EvidencePlan):
                self.evidence = one


class Cards:
    """Makes the cards of one page."""

    def __init__(self, specs: Specs, names: Names, kind: Kind = kinds.get, used: Used | None = None) -> None:
        self._specs = specs
        self._names = names
        self._kind = kind
        self._used = used or Used()

    def step(self, step: Step, *, number: int = 0, box: bool = False, symptom: bool = False) -> Card:
        """One step, with what it says to people, what it looks for, and the line that does it by hand."""
        spec, names = self._specs[step.uses], self._names.within(step.local)
        blocks = [*_said(step, names), *self._does(step, names), *self._facts(step, names, symptom)]
        blocks += [_means(step, names)] if step.means else []
        between = step.for_each.between if step.for_each else ()
        return Card(
            step.id,
            called(step, self._specs, self._names, self._kind),
            (step.uses, words.mark(step, spec), *(("advisory",) if step.advisory else ())),
            tuple(blocks),
            tuple(map(self._between, between)),
            number,
            box,
        )

    def steps(self, steps: Sequence[Step], includes: Sequence[Include], around: Place) -> Iterator[Card]:
        """The entries of a list as they are written: steps, and each include with the steps that it became."""
        at = 0
        for place, became, included in placed(tuple(steps), tuple(includes), around):
            cards = [self.step(step, number=at + n) for n, step in enumerate(became, 1)]
            at += len(became)
            if included:
                include = next(one for one in includes if one.place == place)
                cards = [self._included(include, tuple(cards))]
            yield from cards

    def _included(self, include: Include, cards: tuple[Card, ...]) -> Card:
        """Steps of another document, below what that document says of itself."""
        part = self._used.steps.get(include.name)
        title = (part.title if part else None) or include.name.replace("-", " ").capitalize()
        blocks: list[Block] = [Prose(part.description.strip())] if part and part.description else []
        given = ", ".join(f"{name}={self._value(value)}" for name, value in include.inputs.items())
        blocks += [Facts((Fact("with", code=given),))] if given else []
        return Card(include.prefix, title, ("include", include.name), tuple(blocks), cards)

    def _value(self, value: Any) -> str:
        return self._names.prose(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def evidence(self, book: Runbook) -> tuple[Card, ...]:
        """What is kept before the first change, in the order of its plan; nothing where the plan is not at hand."""
        plan, asked = self._used.evidence, book.evidence
        if plan is None or asked is None:
            return ()
        same = {name: f"{{{{ params.{name} }}}}" for name in plan.parameters if name in book.parameters}
        defaults = {name: one.default for name, one in plan.parameters.items() if one.default is not UNSET}
        local = Local(params={**defaults, **same, **asked.inputs}, accepts=plan.parameters)
        cards = (self.step(replace(item, local=local)) for item in plan.items)
        return tuple(card._replace(id=f"evidence/{card.id}") for card in cards)

    def symptom(self, symptom: Symptom) -> Card:
        """An alert, or what is measured."""
        if symptom.probe is not None:
            return self.step(symptom.probe, symptom=True)._replace(title=symptom.title or symptom.probe.title or "")
        labels = ", ".join(f'{name}="{self._names.prose(text)}"' for name, text in symptom.labels.items())
        alert = Fact("with", code=f"{{{labels}}}")
        blocks: tuple[Block, ...] = (Facts((alert,)),) if labels else ()
        return Card(symptom.id, symptom.title or f"The alert {symptom.alert} fires", ("alert",), blocks)

    def option(self, option: Option, number: int, includes: Sequence[Include] = ()) -> Card:
        """One way to resolve, with its gate and its steps; `includes` are those of the runbook."""
        facts = [Fact("only when", code=option.when)] if option.when else []
        gate = words.gate(option, self._specs)
        facts += [Fact("gate", gate)] if gate else []
        if option.for_each is not None:
            around, items = words.each(option.for_each)
            facts.append(Fact("for each", around, items))
        facts += [Fact("then", f"let it settle for {words.spoken(option.settle)}")] if option.settle else []
        if option.temporary is not None:
            facts.append(Fact("for a while", f"to be taken back after {words.spoken(option.temporary)}"))
        if option.continue_with is not None:
            facts.append(Fact("go on with", "the runbook", option.continue_with.runbook))
        elif gate:
            facts.append(Fact("if it does not help", words.after_failure(option)))
        own = option.verification
        facts += [Fact("helped", f"when all of its checks pass, {words.rounds(own)}")] if own else []
        cards = list(self.steps(option.steps, includes, ("resolution", number - 1, "steps")))
        cards += map(self._between, option.for_each.between if option.for_each else ())
        cards += [self.step(check, box=True) for check in (own.checks if own else ())]
        blocks = (*_said(option, self._names), *((Facts(tuple(facts)),) if facts else ()))
        return Card(option.id, option.title or option.id, ("option",), blocks, tuple(cards), number)

    # --- what stands on a card ----------------------------------------------------------------------------

    def _does(self, step: Step, names: Names) -> list[Block]:
        spec = self._specs[step.uses]
        if spec.role not in (Role.PROBE, Role.ACTION):
            return [Prose(self._by_person(step, names))]
        lines: list[Block] = [Command(self._line(step, names, step.inputs))]
        for word, label in _BESIDE.items():
            if isinstance(step.inputs.get(word), Mapping):
                taken: dict[str, Any] = {key: step.inputs[key] for key in _TAKEN_OVER if key in step.inputs}
                line = self._line(step, names, {**taken, **step.inputs[word]})
                lines.insert(0 if word == "preview" else len(lines), Command(line, label=label))
        return lines

    def _line(self, step: Step, names: Names, inputs: Mapping[str, Any]) -> str:
        """The line that a person would type, with the address of the step's own connection."""
        line = names.line(self._kind(step.uses).by_hand, _addressed(step, inputs))
        usual = ADDRESSES.get(self._specs[step.uses].connection or "")
        if step.connection is None or usual is None:
            return line
        return re.sub(rf"\${usual}\b", lambda _: f"${variable(address(str(step.connection)))}", line)

    def _by_person(self, step: Step, names: Names) -> str:
        """The instruction or question itself, as its author wrote it."""
        text = step.inputs.get("text") or step.inputs.get("question")
        if not isinstance(text, str) or self._specs[step.uses].role is not Role.MANUAL:
            return names.prose(self._kind(step.uses).by_hand(step.inputs))
        choices = step.inputs.get("choices")
        listed = "\n\n" + "\n".join(f"- {choice}" for choice in choices) if isinstance(choices, list | tuple) else ""
        after = step.inputs.get("expect")
        told = f"\n\nAfterwards: {after.strip()}" if isinstance(after, str) else ""
        return names.prose(text.strip() + listed + told)

    def _facts(self, step: Step, names: Names, symptom: bool) -> list[Block]:
        spec = self._specs[step.uses]
        facts = [Fact("only when", code=names.expression(step.when))] if step.when else []
        expect = step.expect or (spec.expect if spec.role is Role.PROBE else None) or step.inputs.get("expect")
        if isinstance(expect, str):
            label = "the trouble is there when" if symptom else "passes when"
            facts += [Fact(label, code=names.expression(expect))] if spec.role is not Role.MANUAL else []
        if step.until is not None:
            again = f"every {words.spoken(step.until.every)} for up to {words.spoken(step.until.within)}"
            facts.append(Fact("look again", f"{again} until it passes"))
        if step.for_each is not None:
            around, items = words.each(step.for_each)
            facts.append(Fact("for each", around, names.expression(items)))
        facts += [Fact("tells", code=", ".join(step.outputs))] if step.outputs else []
        facts += [Fact("cannot be undone", names.prose(step.irreversible))] if step.irreversible else []
        facts += [Fact("if it fails", "go on all the same")] if step.on_failure == "continue" else []
        facts += [Fact("connection", code=step.connection)] if step.connection else []
        return [Facts(tuple(facts))] if facts else []

    def _between(self, probe: Step) -> Card:
        card = self.step(probe)
        return card._replace(marks=(*card.marks, "between items"))


def called(step: Step, specs: Specs, names: Names, kind: Kind = kinds.get) -> str:
    """What a step is called: its title, else what its kind says it does; of a person's, its id in words."""
    if step.title:
        return step.title
    if specs[step.uses].role is Role.MANUAL:
        return step.id.replace("_", " ").capitalize()
    line: str = kind(step.uses).describe(step.inputs)
    return names.within(step.local).prose(line)


def _addressed(step: Step, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inputs with the whole address, where a URL goes on from that of the step's connection."""
    url = inputs.get("url")
    if step.connection is None or not isinstance(url, str) or "://" in url:
        return inputs
    return {**inputs, "url": f"{{{{ params.{address(step.connection)} }}}}/{url.lstrip('/')}"}


def address(connection: str) -> str:
    """What the address of a connection is called, as if it were a parameter."""
    return f"{connection}_url"


def _said(entry: Step | Option, names: Names) -> list[Block]:
    """What the author says beside it."""
    said: list[Block] = []
    if entry.caution:
        said.append(Caution(names.prose(entry.caution.strip())))
    if entry.description:
        said.append(Prose(names.prose(entry.description.strip())))
    return [*said, *([Links(entry.links)] if entry.links else [])]


def _means(step: Step, names: Names) -> Rows:
    rows = tuple(
        (names.expression(m.if_) if m.if_ else "otherwise", names.prose(m.say.strip()), m.points_to or "")
        for m in step.means
    )
    return Rows(("if", "it means", "then try"), rows, frozenset({0, 2}))
