"""Scenarios against their runbook: steps, options, parameters and people that must exist in it.

A scenario that answers a step which does not exist would pass for the wrong reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from runbook.core.addresses import whole
from runbook.document.model import EvidencePlan, Parameter, Runbook, ScenarioCase, ScenarioExpect, Scenarios, Step
from runbook.document.parameters import value_problem
from runbook.document.said import problem as no_answer
from runbook.document.said import spoken
from runbook.document.source import Pointer
from runbook.document.suggest import did_you_mean, nearest
from runbook.lint.contradictions import contradictions
from runbook.lint.library import Entry, Library

if TYPE_CHECKING:
    from runbook.document.findings import Finding


_QUESTIONS: Final = ("symptoms", "verification")  # where nobody could see, and a person of the scenario did


class World(NamedTuple):
    """What a scenario may refer to; of `repeated` steps also one item.

    `people` is None where there is no policy, `environments` where nothing is known of any.
    """

    entry: Entry
    runbook: Runbook
    addresses: frozenset[str]
    option_steps: frozenset[str]
    repeated: frozenset[str]
    people: Mapping[str, object] | None
    environments: tuple[str, ...] | None


def scenario_findings(entry: Entry, document: Scenarios, library: Library) -> Iterator[Finding]:
    """Findings in a scenario document."""
    runbook = library.named(Runbook, document.runbook, entry.path)
    if runbook is None and library.is_broken(Runbook, document.runbook):
        return
    if runbook is None:
        yield no_runbook(entry, document, library.names(Runbook))
        return
    plan = library.named(EvidencePlan, runbook.evidence.plan, entry.path) if runbook.evidence else None
    policies = [policy for _, policy in library.policies(entry.path)]
    people = {name: person for policy in policies for name, person in policy.people.items()} if policies else None
    project = library.config(entry.path)
    environments = tuple(one.name for one in project[1].environments) if project else None
    around = world(entry, runbook, plan, people, environments)
    for number, case in enumerate(document.scenarios):
        yield from case_findings(around, number, case)


def no_runbook(entry: Entry, document: Scenarios, known: Iterable[str]) -> Finding:
    """A scenario for a runbook that is not there."""
    message = f"there is no runbook '{document.runbook}'"
    return entry.finding(("runbook",), "RB052", message, did_you_mean(document.runbook, known))


def world(
    entry: Entry,
    runbook: Runbook,
    plan: EvidencePlan | None,
    people: Mapping[str, object] | None,
    environments: tuple[str, ...] | None,
) -> World:
    """What scenarios of a runbook may refer to."""
    return World(
        entry,
        runbook,
        frozenset(_addresses(runbook, plan)),
        frozenset(_option_steps(runbook)),
        frozenset(_repeated(runbook)),
        people,
        environments,
    )


def case_findings(world: World, number: int, case: ScenarioCase) -> Iterator[Finding]:
    """Findings in one scenario, which is the document's `number`th, from 0."""
    place = ("scenarios", number)
    yield from _case(world, place, case)
    yield from _environment(world, place, case)
    yield from contradictions(world.entry, place, case)


def _case(world: World, place: Pointer, case: ScenarioCase) -> Iterator[Finding]:
    yield from _known(world, (*place, "given"), case.given, world.addresses, "step")
    yield from _moments(world, (*place, "given"), case)
    options = [option.id for option in world.runbook.resolution]
    asked = {*world.addresses, *_QUESTIONS, *options, *(f"resolution/{option}" for option in options)}
    yield from _known(world, (*place, "answers"), case.answers, asked, "step")
    yield from _known(world, (*place, "approvals"), case.approvals, options, "option")
    for key, chosen in (("only", case.only), ("skip", case.skip)):
        yield from _known(world, (*place, key), dict(enumerate(chosen)), options, "option", values=True)
    yield from _answers(world, (*place, "answers"), case)
    yield from _parameters(world, (*place, "parameters"), case)
    yield from _people(world, place, case)
    yield from _expected(world, (*place, "expect"), case.expect, options)


def _expected(world: World, place: Pointer, expect: ScenarioExpect, options: list[str]) -> Iterator[Finding]:
    """What must come of it is about steps, options, channels and people that there are."""
    if expect.option is not None:
        yield from _known(world, place, {"option": expect.option}, options, "option", values=True)
    for key in ("options", "gates"):
        yield from _known(world, (*place, key), getattr(expect, key) or {}, options, "option")
    for key in ("applied", "undone"):
        listed = dict(enumerate(getattr(expect, key) or ()))
        yield from _known(world, (*place, key), listed, world.option_steps, "step of an option", values=True)
    for i, change in enumerate(expect.changes or ()):
        at = (*place, "changes", i)
        yield from _known(world, at, {"step": change.step}, world.option_steps, "step of an option", values=True)
    if expect.continues is not None:
        overs = {option.continue_with.runbook for option in world.runbook.resolution if option.continue_with}
        told = "runbook to go on with,"
        yield from _known(world, place, {"continues": expect.continues}, overs, told, values=True)
    for key in ("verdicts", "steps", "means"):
        yield from _known(world, (*place, key), getattr(expect, key) or {}, world.addresses, "step")
    yield from _told(world, place, expect)
    yield from _order(world, place, expect, options)


def _order(world: World, place: Pointer, expect: ScenarioExpect, options: list[str]) -> Iterator[Finding]:
    """Each entry is a step, an option, a message, a change taken back, or a page."""
    undone = {f"undo {step}" for step in world.option_steps}
    messages = world.runbook.communication
    channels = {message.to for message in messages}
    escalation = world.runbook.escalation
    pages = {f"page {escalation.to}"} if escalation else set()
    told = {f"{message.to}/{message.template or 'text'}" for message in messages}
    known = {*world.addresses, *options, *undone, *pages, *told}
    for i, name in enumerate(expect.order or ()):
        plain = name.removeprefix("undo ")
        if name in known or name.partition("/")[0] in channels or whole(plain) in world.repeated:
            continue
        message = f"nothing in the runbook '{world.runbook.name}' is called '{name}'"
        hint = nearest(name, sorted(known))
        hint = f"did you mean '{hint}'?" if hint else did_you_mean(name, [*options, *pages, *told], what="it has")
        yield world.entry.finding((*place, "order", i), "RB053", message, hint)


def _environment(world: World, place: Pointer, case: ScenarioCase) -> Iterator[Finding]:
    """`environment: NAME` is one of the configuration."""
    names = world.environments
    if case.environment is not None and names is not None and case.environment not in names:
        hint = did_you_mean(case.environment, names, what="there are")
        message = f"there is no environment '{case.environment}' in the configuration"
        yield world.entry.finding((*place, "environment"), "RB059", message, hint or "add it under 'environments'")


def _known(
    world: World,
    place: Pointer,
    entries: Mapping[str, object] | Mapping[int, str] | Mapping[str, str],
    known: Iterable[str],
    what: str,
    *,
    values: bool = False,
) -> Iterator[Finding]:
    """Keys (or `values`) that name nothing of the runbook."""
    words = sorted(known)
    for key, value in entries.items():
        name = str(value if values else key)
        if name not in words and whole(name) not in world.repeated:
            message = f"the runbook '{world.runbook.name}' has no {what} '{name}'"
            yield world.entry.finding((*place, key), "RB053", message, _hint(name, words), key=not values)


def _moments(world: World, place: Pointer, case: ScenarioCase) -> Iterator[Finding]:
    """`after: ADDRESS` names a change."""
    for address, answers in case.given.items():
        listed = isinstance(answers, list)
        for i, answer in enumerate(answers if listed else [answers]):
            after = answer.get("after") if isinstance(answer, dict) else None
            if after is not None and after not in world.option_steps and whole(after) not in world.repeated:
                at = (*place, address, i, "after") if listed else (*place, address, "after")
                message = f"the runbook '{world.runbook.name}' has no step of an option '{after}'"
                yield world.entry.finding(at, "RB053", message, _hint(after, world.option_steps))


def _hint(name: str, known: Iterable[str]) -> str | None:
    """The nearest id or address; else the ids, since an address for each would be said twice."""
    if close := nearest(name, known):
        return f"did you mean '{close}'?"
    return did_you_mean(name, (word for word in known if "/" not in word), what="it has")


def _answers(world: World, place: Pointer, case: ScenarioCase) -> Iterator[Finding]:
    """An answer that no person could give: the text "no", where true or false is asked for, would count as a yes."""
    for name, given in case.answers.items():
        wrong = no_answer(given)
        if wrong is not None:
            yield world.entry.finding((*place, name), "RB053", f"the answer of '{name}' {wrong}")
    for option in world.runbook.resolution:
        for step in option.steps:
            accepts = _accepts(step) if step.uses in ("manual.ask", "manual.choose") else None
            for name in (step.id, f"resolution/{option.id}/{step.id}"):
                given = spoken(case.answers[name]).answer if name in case.answers else None
                problem = value_problem(accepts, given) if accepts and name in case.answers else None
                if problem:
                    yield world.entry.finding((*place, name), "RB053", f"the question of step '{step.id}' {problem}")


def _accepts(step: Step) -> Parameter | None:
    """What a question takes for an answer, in a parameter's words; None where its choices are known in a run only."""
    choices = step.inputs.get("choices")
    if choices is None:
        return Parameter(type=str(step.inputs.get("type", "string")))
    if not isinstance(choices, list) or not choices or any("{{" in str(choice) for choice in choices):
        return None
    numbers = all(isinstance(choice, int | float) for choice in choices)
    return Parameter(type="number" if numbers else "string", enum=tuple(choices))


def _parameters(world: World, place: Pointer, case: ScenarioCase) -> Iterator[Finding]:
    yield from _known(world, place, case.parameters, world.runbook.parameters, "parameter")
    for name, value in case.parameters.items():
        parameter = world.runbook.parameters.get(name)
        problem = value_problem(parameter, value) if parameter else None
        if problem:
            yield world.entry.finding((*place, name), "RB043", f"the parameter '{name}' {problem}")


def _people(world: World, place: Pointer, case: ScenarioCase) -> Iterator[Finding]:
    if world.people is None:
        return
    named: list[tuple[Pointer, str | None]] = [((*place, "initiator"), case.initiator)]
    for option, approval in case.approvals.items():
        at = (*place, "approvals", option)
        named += [((*at, "granted_by", i), name) for i, name in enumerate(approval.granted_by)]
        named.append(((*at, "denied_by"), approval.denied_by))
        named.append(((*at, "skipped_by"), approval.skipped_by))
        named.append(((*at, "aborted_by"), approval.aborted_by))
    for pointer, name in named:
        if name is not None and name not in world.people:
            hint = did_you_mean(name, world.people, what="it has")
            yield world.entry.finding(pointer, "RB054", f"the policy has no person '{name}'", hint)


def _told(world: World, place: Pointer, expect: ScenarioExpect) -> Iterator[Finding]:
    channels = sorted({message.to for message in world.runbook.communication})
    for i, message in enumerate(expect.told or ()):
        channel = message.partition("/")[0]
        if channel not in channels:
            text = f"the runbook '{world.runbook.name}' tells nothing to a channel '{channel}'"
            yield world.entry.finding(
                (*place, "told", i), "RB053", text, did_you_mean(channel, channels, what="it tells")
            )
    escalation = world.runbook.escalation
    if expect.escalated in (None, "none"):
        return
    if escalation is None or escalation.to != expect.escalated:
        to = f"it escalates to '{escalation.to}'" if escalation else "it has no 'escalation'"
        text = f"the runbook '{world.runbook.name}' never escalates to '{expect.escalated}'"
        yield world.entry.finding((*place, "escalated"), "RB053", text, to)


def _option_steps(runbook: Runbook) -> Iterator[str]:
    """Every way to name a step of an option: by its id, or by its address."""
    for option in runbook.resolution:
        for step in option.steps:
            yield step.id
            yield f"resolution/{option.id}/{step.id}"
            for probe in step.for_each.between if step.for_each else ():
                yield probe.id
                yield f"resolution/{option.id}/{step.id}/{probe.id}"
        for probe in option.for_each.between if option.for_each else ():
            yield probe.id
            yield f"resolution/{option.id}/{probe.id}"


def _repeated(runbook: Runbook) -> Iterator[str]:
    """Every way to name a step that is repeated, without the key of an item."""
    for step in runbook.triage:
        if step.for_each:
            yield from (step.id, f"triage/{step.id}")
    for option in runbook.resolution:
        for step in option.steps:
            if step.for_each or option.for_each:
                yield from (step.id, f"resolution/{option.id}/{step.id}")
            for probe in step.for_each.between if step.for_each else ():
                yield from (probe.id, f"resolution/{option.id}/{step.id}/{probe.id}")
        for probe in option.for_each.between if option.for_each else ():
            yield from (probe.id, f"resolution/{option.id}/{probe.id}")


def _addresses(runbook: Runbook, plan: EvidencePlan | None) -> Iterator[str]:
    """Every way to name a step: by its id, or by its address."""
    yield from _option_steps(runbook)
    phases: list[tuple[str, list[str]]] = [
        ("symptoms", [symptom.id for symptom in runbook.symptoms]),
        ("triage", [step.id for step in runbook.triage]),
        ("verification", [check.id for check in runbook.checks]),
        ("finally", [step.id for step in runbook.finally_]),
        ("evidence", [item.id for item in plan.items] if plan else []),
    ]
    for phase, ids in phases:
        for id_ in ids:
            yield id_
            yield f"{phase}/{id_}"
            if phase == "verification":
                yield from (f"resolution/{option.id}/verification/{id_}" for option in runbook.resolution)
