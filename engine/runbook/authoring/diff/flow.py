"""A runbook beside what it was: its parts in order, its options, and the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from runbook.authoring.diff.evidence import told_reference
from runbook.authoring.diff.fields import Table, matched, told
from runbook.authoring.diff.gates import told_gate
from runbook.authoring.diff.inputs import words_of
from runbook.authoring.diff.meaning import Meaning, Spot, same
from runbook.authoring.diff.messages import told_escalation, told_messages
from runbook.authoring.diff.parameters import told_parameters
from runbook.authoring.diff.people import persons
from runbook.authoring.diff.sides import Placed
from runbook.authoring.diff.steps import told_condition, told_loop, told_step, told_steps
from runbook.authoring.diff.uses import Use, effect_of_option, use_beside, use_within_option
from runbook.authoring.diff.verification import told_meetings, told_verification
from runbook.document.expressions import ExpressionError, parse
from runbook.document.model import HandOver, Include, Option, Runbook, Signal, Step, Steps, Symptom
from runbook.document.words import Effect, NotHelped, OnFailure

_Signals = tuple[Mapping[str, Signal], Mapping[str, Signal]]
_WORDS: Final = ("title", "description", "about", "impact", "links", "tags", "owners", "reviewed", "service")
_EFFECTS: Final = list(Effect)


def told_runbook(spot: Spot, before: Runbook, after: Runbook) -> Iterator[Meaning]:
    """All of a runbook, part by part."""
    signals = before.signals, after.signals
    specs = spot.world.after.specs
    decisive = _decisive(before) | _decisive(after)
    yield from _of_signals(spot, before, after)
    yield from _symptoms(spot, before.symptoms, after.symptoms, signals)

    def reading(step: Step) -> Use:
        return use_beside(step, specs, Use.DECIDES if step.id in decisive else Use.READING)

    yield from told_steps(spot, "triage", before.triage, after.triage, reading, "triage step", signals)
    yield from told_steps(
        spot,
        "finally",
        before.finally_,
        after.finally_,
        lambda step: use_beside(step, specs, Use.READING),
        "last step",
        signals,
    )
    yield from _options(spot, before, after)
    yield from told_verification(
        spot.at("verification", called="verification"), before.verification, after.verification, signals
    )
    yield from told_meetings(spot, before, after)
    yield from told_parameters(
        spot.at("parameters"), before.parameters, after.parameters, reaching(before) | reaching(after)
    )
    yield from told_includes(spot, before.includes, after.includes)
    done = (*_LISTS, "verification", "parameters", "includes", "name")
    yield from told(spot, before, after, _table(), skip=done)


_LISTS: Final = ("signals", "symptoms", "triage", "finally_", "resolution")


def _table() -> Table:
    return {
        **dict.fromkeys(_WORDS, "words-changed"),
        "caution": "caution-changed",
        "severity": _severity,
        "user_facing": "severity-changed",
        "evidence": told_reference,
        "communication": told_messages,
        "escalation": told_escalation,
        "concurrency": "locking-changed",
        "target": "target-changed",
    }


def _severity(spot: Spot, before: str | None, after: str | None) -> Iterator[Meaning]:
    yield spot.tells("severity-changed", "it counts as another severity", before or "none", after or "none")


def reaching(book: Runbook) -> frozenset[str]:
    """Parameters that stand in the inputs of an option's step, in its loop, or in the target."""
    texts = list(words_of(book.target or {}))
    for option in book.resolution:
        for step in option.every:
            texts += [*words_of(step.inputs), *(words_of({"items": step.for_each.items}) if step.for_each else ())]
    return frozenset(name for name in book.parameters if any(f"params.{name}" in text for text in texts))


def _decisive(book: Runbook) -> frozenset[str]:
    """Ids of the steps that an option's condition names."""
    found: set[str] = set()
    for text in filter(None, (option.when for option in book.resolution)):
        try:
            found |= {path[1] for path in parse(text).references if path[0] == "steps" and len(path) > 1}
        except ExpressionError:
            continue
    return frozenset(found)


# --- signals and symptoms ---------------------------------------------------------------------------------------


def _of_signals(spot: Spot, before: Runbook, after: Runbook) -> Iterator[Meaning]:
    """Signals in both: told once, by the weightiest of those who measure them."""
    for name in after.signals:
        if name not in before.signals:
            continue
        old, new = (_as_step(name, book.signals[name]) for book in (before, after))
        use = _use_of_signal(before, name) or _use_of_signal(after, name)
        yield from told_step(spot.at("signals", name, called=f"signal '{name}'"), old, new, use or Use.READING)


def _as_step(name: str, signal: Signal) -> Step:
    return Step(id=name, expect="true", **{field: getattr(signal, field) for field in signal.__struct_fields__})


def _use_of_signal(book: Runbook, name: str) -> Use | None:
    users = (
        (Use.CHECK, (check.signal for check in book.checks)),
        (Use.SYMPTOM, (symptom.probe.signal for symptom in book.symptoms if symptom.probe)),
        (Use.DECIDES, (step.signal for step in book.triage if step.id in _decisive(book))),
        (Use.GUARD, (step.signal for option in book.resolution for step in option.every)),
    )
    return next((use for use, signals in users if name in signals), None)


def _symptoms(
    spot: Spot, before: tuple[Symptom, ...], after: tuple[Symptom, ...], signals: _Signals
) -> Iterator[Meaning]:
    if before and not after:
        names = [symptom.id for symptom in before]
        yield spot.at("symptoms").tells(
            "starts-without-symptom", "no symptom is left: a run starts at once", names, "none"
        )
        return
    lists = matched(before, after, lambda symptom: symptom.id)
    for one in lists.gone:
        here = spot.among("symptoms", one.id, f"symptom '{one.id}'")
        yield here.tells("symptom-changed", f"the symptom '{one.id}' is gone: the runbook starts in fewer cases")
    for one in lists.new:
        here = spot.among("symptoms", one.id, f"symptom '{one.id}'")
        code = "symptom-changed" if before else "stricter"
        yield here.tells(code, f"the symptom '{one.id}' is new: the runbook starts in more cases")
    for old, new in lists.pairs:
        here = spot.among("symptoms", new.id, f"symptom '{new.id}'")
        if old.probe is not None and new.probe is not None:
            yield from told_step(here, old.probe, new.probe, Use.SYMPTOM, signals)
        table = {"title": "words-changed", "alert": "symptom-changed", "labels": "symptom-changed"}
        skip = ("probe",) if (old.probe is None) == (new.probe is None) else ()
        yield from told(here, old, new, {**table, "probe": "symptom-changed"}, skip=skip)


# --- options ----------------------------------------------------------------------------------------------------


def _options(spot: Spot, before: Runbook, after: Runbook) -> Iterator[Meaning]:
    old_specs, new_specs = spot.world.before.specs, spot.world.after.specs
    lists = matched(before.resolution, after.resolution, lambda option: option.id)
    for old, new in lists.pairs:
        one = spot.among("resolution", old.id, f"option '{new.id}'")
        here = spot.among("resolution", new.id, f"option '{new.id}'")._replace(old=one.old)
        yield from _option(here, before, after, old, new)
    for one in lists.gone:
        here = spot.among("resolution", one.id, f"option '{one.id}'")
        yield here.tells("option-removed", f"the option '{one.id}' is gone", one.title or one.id)
    for one in lists.new:
        effect = effect_of_option(one, new_specs)
        here = spot.among("resolution", one.id, f"option '{one.id}'")
        worst = max(
            (effect_of_option(each, old_specs) for each in before.resolution), key=_EFFECTS.index, default=Effect.READ
        )
        raised = effect.changes and worst is not effect and worst.at_least(effect) is effect
        code = "effect-raised" if raised else "option-added"
        yield here.tells(
            code, f"the option '{one.id}' is new ({effect})", None, [step.id for step in one.steps] or one.id
        )
        yield from _earlier(here, one, after, {each.id for each in before.resolution})
    if lists.moved:
        yield from _moved(spot, before, after)


def _moved(spot: Spot, before: Runbook, after: Runbook) -> Iterator[Meaning]:
    """Options in another order: worse where a more dangerous one now comes before a milder one that it followed."""
    orders = [[option.id for option in book.resolution] for book in (before, after)]
    effects = {option.id: effect_of_option(option, spot.world.after.specs) for option in after.resolution}
    both = [name for name in orders[1] if name in orders[0]]
    raised = next(
        (
            (one, other)
            for i, one in enumerate(both)
            for other in both[i + 1 :]
            if orders[0].index(one) > orders[0].index(other)
            and _EFFECTS.index(effects[one]) > _EFFECTS.index(effects[other])
        ),
        None,
    )
    words = "options are tried in another order"
    if raised:
        words = f"'{raised[0]}' ({effects[raised[0]]}) is tried before '{raised[1]}' ({effects[raised[1]]})"
    code = "order-raised" if raised else "option-moved"
    yield spot.at("resolution").tells(code, words, ", ".join(orders[0]), ", ".join(orders[1]))


def _earlier(spot: Spot, option: Option, after: Runbook, known: set[str]) -> Iterator[Meaning]:
    """A new option that stands before known ones and has no condition: they are tried only when it did not help."""
    behind = [each.id for each in after.resolution[[one.id for one in after.resolution].index(option.id) + 1 :]]
    later = [name for name in behind if name in known]
    if later and option.when is None:
        words = f"'{option.id}' is tried before {', '.join(later)}, whatever the case"
        yield spot.tells("option-moved", words, ", ".join(later), f"{option.id}, {', '.join(later)}")


def _option(spot: Spot, before: Runbook, after: Runbook, old: Option, new: Option) -> Iterator[Meaning]:
    specs = spot.world.after.specs
    signals = before.signals, after.signals
    was, is_ = effect_of_option(old, spot.world.before.specs), effect_of_option(new, specs)
    if not was.changes and is_.changes:
        words = f"the option '{new.id}' changes something now, and only looked before"
        yield spot.tells("effect-raised", words, was, is_)
    if old.id != new.id:
        words = f"'{old.id}' is called '{new.id}' now"
        yield spot.at("id").tells("words-changed", words, old.id, new.id)
    changes = was.changes or is_.changes
    codes = ("condition-loosened", "stricter", "condition-changed") if changes else ("condition-changed",) * 3
    yield from told_condition(spot.at("when"), f"the option '{new.id}' is tried", old.when, new.when, *codes)
    yield from told_gate(spot.at("approval", called="gate"), f"the gate of '{new.id}'", old.approval, new.approval)
    yield from _authors(spot.at("approval", called="gate"), old, new)
    yield from told_steps(
        spot, "steps", old.steps, new.steps, lambda step: use_within_option(step, specs), "step", signals
    )
    yield from _verified(spot, before, after, old, new)
    loop = told_loop(
        spot.at("for_each"), f"the option '{new.id}'", old.for_each, new.for_each, changes=changes, otherwise="changed"
    )
    yield from loop if not same(old.for_each, new.for_each) else ()
    done = ("id", "when", "approval", "steps", "verification", "for_each")
    yield from told(spot, old, new, _of_option(new.id), skip=done)


def _authors(spot: Spot, old: Option, new: Option) -> Iterator[Meaning]:
    """The author may answer this gate now, and could not before."""
    before, after = spot.world.before.policy, spot.world.after.policy
    if old.approval is None or old.approval.from_ is None or after is None:
        return
    authors = persons(after, spot.world.authors)
    had = {one for name in old.approval.from_ for one in (before or after).groups.get(name, (name,))}
    names = new.approval.from_ if new.approval is not None and new.approval.from_ is not None else tuple(after.people)
    have = {one for name in names for one in after.groups.get(name, (name,))}
    excluded = new.approval is not None and new.approval.exclude_initiator
    for author in sorted(authors & (have - had)):
        but = ", unless they started the run" if excluded else ""
        words = f"'{author}', who wrote this change, may answer the gate of '{new.id}'{but}"
        yield spot.at("from").tells("author-gains", words, old.approval.from_, names)


def _verified(spot: Spot, before: Runbook, after: Runbook, old: Option, new: Option) -> Iterator[Meaning]:
    """Its own verification; where it has one on one side only, beside the runbook's."""
    if old.verification is None and new.verification is None:
        return
    one, other = before.verification_of(old.id), after.verification_of(new.id)
    here = spot.at("verification", called="verification")
    if old.verification is None:
        here = here._replace(old=("verification",))
    if new.verification is None:
        here = here._replace(new=("verification",))
    yield from told_verification(here, one, other, (before.signals, after.signals))


def _of_option(name: str) -> Table:
    def auto(spot: Spot, old: bool, new: bool) -> Iterator[Meaning]:
        words = f"the policy may{'' if new else ' not'} say yes to '{name}' itself"
        yield spot.tells("auto-widened" if new else "stricter", words, old, new)

    def settle(spot: Spot, old: Any, new: Any) -> Iterator[Meaning]:
        yield spot.tells("verification-waits", f"after '{name}' it is waited for another time", old, new)

    def on_failure(spot: Spot, old: OnFailure, new: OnFailure) -> Iterator[Meaning]:
        kept = new is OnFailure.STOP
        words = f"when a step of '{name}' fails, what was changed is {'left as it is' if kept else 'taken back'}"
        yield spot.tells("undo-removed" if kept else "stricter", words, old, new)

    def not_helped(spot: Spot, old: NotHelped, new: NotHelped) -> Iterator[Meaning]:
        kept = new is NotHelped.KEEP
        words = f"when '{name}' did not help, what it changed is {'kept' if kept else 'taken back'}"
        yield spot.tells("undo-removed" if kept else "stricter", words, old, new)

    def hand_over(spot: Spot, old: HandOver | None, new: HandOver | None) -> Iterator[Meaning]:
        words = [one and f"{one.runbook} {msgspec.to_builtins(one.parameters) or ''}".strip() for one in (old, new)]
        yield spot.tells(
            "hand-over-changed", f"'{name}' goes on with another runbook", *(word or "none" for word in words)
        )

    return {
        "title": "words-changed",
        "description": "words-changed",
        "links": "words-changed",
        "caution": "caution-changed",
        "continue_with": hand_over,
        "settle": settle,
        "on_failure": on_failure,
        "when_not_helped": not_helped,
        "temporary": "temporary-changed",
        "auto": auto,
    }


# --- steps of other documents -----------------------------------------------------------------------------------


def told_part(spot: Spot, before: Steps, after: Steps) -> Iterator[Meaning]:
    """Steps that others include: looks, wherever they are taken in."""
    specs = spot.world.after.specs
    yield from told_steps(
        spot, "steps", before.steps, after.steps, lambda step: use_beside(step, specs, Use.DECIDES), "step"
    )
    yield from told_parameters(spot.at("parameters"), before.parameters, after.parameters, frozenset())
    yield from told_includes(spot, before.includes, after.includes)
    words = dict.fromkeys(("title", "description"), "words-changed")
    yield from told(spot, before, after, words, skip=("steps", "parameters", "includes", "name"))


def told_includes(spot: Spot, before: tuple[Include, ...], after: tuple[Include, ...]) -> Iterator[Meaning]:
    """What is taken in of other documents, by the list that it stands in and the name that it has there."""
    old = {(_list(one, spot.before), one.prefix): one for one in before}
    new = {(_list(one, spot.after), one.prefix): one for one in after}
    for key in dict.fromkeys([*new, *old]):
        one, other = old.get(key), new.get(key)
        in_option = key[0] != "triage"
        here = spot.parted(
            one.place if one else other.place if other else (), other.place if other else (), f"include '{key[1]}'"
        )
        if other is None or one is None:
            code = "guard-loosened" if in_option and other is None else "reading-changed"
            words = f"the steps taken in as '{key[1]}' are {'gone' if other is None else 'new'}"
            yield here.tells(code, words, one and one.name, other and other.name)
            continue
        code = "guard-loosened" if in_option else "reading-changed"
        yield from told(here, one, other, dict.fromkeys(("name", "inputs"), code), skip=("place", "ids"))


def _list(include: Include, placed: Placed | None) -> str:
    """The list that an include stands in: triage, or its option's id."""
    place = include.place
    if place[:1] != ("resolution",) or placed is None:
        return "triage"
    return f"option {placed.raw((*place[:2], 'id'))}"
