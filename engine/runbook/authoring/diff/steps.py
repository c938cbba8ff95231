"""One step beside what it was: its kind and effect, inputs, condition, loop and the rest, by what the step is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from runbook.authoring.diff.fields import Table, matched, told
from runbook.authoring.diff.inputs import told_effect, told_inputs
from runbook.authoring.diff.logic import Verdict, compared
from runbook.authoring.diff.meaning import Meaning, Spot, same
from runbook.authoring.diff.sides import Placed
from runbook.authoring.diff.uses import Use, does, effect_of, is_ungated
from runbook.document.model import ForEach, Signal, Step
from runbook.document.words import Effect, Series, StepOnFailure

_OF_A_SIGNAL: Final = ("uses", "inputs", "connection", "series", "timeout", "retry")
_DONE_ELSEWHERE: Final = ("id", "uses", "inputs", "signal", "local")
_SEVERAL: Final = [Series.ONE, Series.ALL, Series.ANY]


def told_step(
    spot: Spot,
    before: Step,
    after: Step,
    use: Use,
    signals: tuple[Mapping[str, Signal], Mapping[str, Signal]] = ({}, {}),
) -> Iterator[Meaning]:
    """All that differs in a step. What it takes from a signal is told where the signal stands."""
    inherited = _inherited(before, after, signals)
    if before.id != after.id:
        yield spot.at("id").tells("words-changed", f"'{before.id}' is called '{after.id}' now", before.id, after.id)
    if "uses" not in inherited:
        yield from told_effect(spot, before, after, use)
    if "inputs" not in inherited and before.uses == after.uses:
        yield from told_inputs(spot, before, after, use)
    yield from _condition(spot, before, after, use)
    outputs = _own_outputs(before, signals[0]), _own_outputs(after, signals[1])
    old = msgspec.structs.replace(before, outputs=outputs[0])
    new = msgspec.structs.replace(after, outputs=outputs[1])
    skip = {*_DONE_ELSEWHERE, *inherited, "expect", *(() if _one_server(spot, before, after) else ("connection",))}
    yield from told(spot, old, new, _table(after.id, use), skip)


def _inherited(before: Step, after: Step, signals: tuple[Mapping[str, Signal], Mapping[str, Signal]]) -> frozenset[str]:
    """Which of its keys it has from a signal of one name on both sides."""
    if before.signal is None or before.signal != after.signal:
        return frozenset()
    old, new = signals[0].get(before.signal), signals[1].get(after.signal)
    if old is None or new is None:
        return frozenset()
    return frozenset(
        name
        for name in _OF_A_SIGNAL
        if same(getattr(before, name), getattr(old, name)) and same(getattr(after, name), getattr(new, name))
    )


def _one_server(spot: Spot, before: Step, after: Step) -> bool:
    """Whether both speak to servers of one type; another type has other connections, as its kind says."""
    old, new = spot.world.before.specs.get(before.uses), spot.world.after.specs.get(after.uses)
    return old is None or new is None or old.connection == new.connection


def _own_outputs(step: Step, signals: Mapping[str, Signal]) -> dict[str, Any]:
    signal = signals.get(step.signal) if step.signal is not None else None
    theirs = signal.outputs if signal is not None else {}
    return {name: output for name, output in step.outputs.items() if not same(output, theirs.get(name))}


def _condition(spot: Spot, before: Step, after: Step, use: Use) -> Iterator[Meaning]:
    """`expect`, or the kind's where none is written."""
    old, new = _expected(before, spot.world.before.specs), _expected(after, spot.world.after.specs)
    if before.uses != after.uses and before.expect == after.expect:
        return
    yield from told_condition(
        spot.at("expect"), _verb(after, use), old, new, use.value.looser, use.value.stricter, use.value.other
    )


def told_condition(
    spot: Spot, what: str, before: str | None, after: str | None, looser: str, stricter: str, other: str
) -> Iterator[Meaning]:
    """A condition that lets more through, less, or something else; nothing where it says the same in other words."""
    verdict = compared(before, after)
    if verdict is Verdict.LOOSER:
        how = "more easily: its condition is gone" if after is None else "more easily"
        yield spot.differs(looser, f"{what} {how}", before, after)
    elif verdict is Verdict.STRICTER:
        yield spot.differs(stricter, f"{what} in fewer cases", before, after)
    elif verdict is Verdict.OTHER:
        yield spot.differs(other, f"{what} by another condition", before, after)


def _expected(step: Step, specs: Mapping[str, Any]) -> str | None:
    spec = specs.get(step.uses)
    return step.expect if step.expect is not None else spec.expect if spec is not None else None


def _verb(step: Step, use: Use) -> str:
    return f"the symptom '{step.id}' is there" if use is Use.SYMPTOM else f"'{step.id}' passes"


def _table(name: str, use: Use) -> Table:
    rest = "changed" if use is Use.CHANGE else use.value.rest
    return {
        "title": "words-changed",
        "description": "words-changed",
        "links": "words-changed",
        "caution": "caution-changed",
        "means": "instructions-changed",
        "timeout": "timing-changed",
        "retry": "timing-changed",
        "when": _when(name, use),
        "connection": _connection(name, use),
        "series": _series(name, use),
        "advisory": _advisory(name),
        "on_failure": _on_failure(name, use),
        "irreversible": _irreversible(name),
        "until": _until(name, use),
        "outputs": rest,
        "for_each": _for_each(name, use),
    }


Told = Callable[[Spot, Any, Any], Iterable[Meaning]]


def _when(name: str, use: Use) -> Told:
    def tell(spot: Spot, old: str | None, new: str | None) -> Iterator[Meaning]:
        codes = ("reading-changed", "reading-changed", "reading-changed")
        if use is Use.CHANGE:
            codes = ("condition-loosened", "stricter", "condition-changed")
        elif use in (Use.GUARD, Use.MANUAL):
            codes = ("stricter", "guard-loosened", "guard-loosened")  # what is left out more often guards less
        elif use is Use.NOTICE:
            codes = ("message-changed", "message-changed", "message-changed")
        yield from told_condition(spot, f"'{name}' is done", old, new, *codes)

    return tell


def _connection(name: str, use: Use) -> Told:
    def tell(spot: Spot, old: str | None, new: str | None) -> Iterator[Meaning]:
        code = "target-changed" if use is Use.CHANGE else use.value.rest
        yield spot.tells(code, f"'{name}' uses another connection", old or "the default", new or "the default")

    return tell


def _series(name: str, use: Use) -> Told:
    def tell(spot: Spot, old: Series, new: Series) -> Iterator[Meaning]:
        looser = _SEVERAL.index(new) > _SEVERAL.index(old)
        code = use.value.looser if looser else use.value.stricter
        yield spot.tells(code, f"of several series, '{name}' asks for {new}", old, new)

    return tell


def _advisory(name: str) -> Told:
    def tell(spot: Spot, old: bool, new: bool) -> Iterator[Meaning]:
        code = "verification-loosened" if new else "stricter"
        yield spot.tells(code, f"'{name}' {'no longer decides' if new else 'decides now'}", old, new)

    return tell


def _on_failure(name: str, use: Use) -> Told:
    def tell(spot: Spot, old: StepOnFailure, new: StepOnFailure) -> Iterator[Meaning]:
        goes_on = new is StepOnFailure.CONTINUE
        code = "stricter" if not goes_on else "changed" if use is Use.READING else "goes-on-after-failure"
        yield spot.tells(code, f"when '{name}' fails, the option {'goes on' if goes_on else 'ends'}", old, new)

    return tell


def _irreversible(name: str) -> Told:
    def tell(spot: Spot, old: str | None, new: str | None) -> Iterator[Meaning]:
        code = "undo-removed" if old is None else "words-changed"
        words = f"'{name}' is now said to be irreversible" if old is None else f"why '{name}' is irreversible changed"
        yield spot.differs(code, words, old, new)

    return tell


def _until(name: str, use: Use) -> Told:
    def tell(spot: Spot, old: Any, new: Any) -> Iterator[Meaning]:
        code = "stricter" if old is None else use.value.looser if new is None else "timing-changed"
        words = f"'{name}' is {'looked at once' if new is None else 'looked at again for another time'}"
        yield spot.differs(code, words, old and _spoken(old), new and _spoken(new))

    return tell


def _spoken(until: Any) -> str:
    return f"within {until.within}, every {until.every}"


def _for_each(name: str, use: Use) -> Told:
    def tell(spot: Spot, old: ForEach | None, new: ForEach | None) -> Iterator[Meaning]:
        yield from told_loop(spot, f"'{name}'", old, new, changes=use is Use.CHANGE, otherwise=use.value.rest)

    return tell


def told_loop(
    spot: Spot, what: str, before: ForEach | None, after: ForEach | None, *, changes: bool, otherwise: str
) -> Iterator[Meaning]:
    """A loop that has more items, other items, or looks less between them."""
    if before is None or after is None:
        code = otherwise if not changes else "reach-widened" if before is None else "target-changed"
        words = f"{what} is {'repeated for each item of a list' if before is None else 'no longer repeated'}"
        yield spot.tells(code, words, before and before.items, after and after.items)
        return
    if before.max != after.max:
        more = after.max > before.max
        code = "stricter" if not more else "reach-widened" if changes else otherwise
        yield spot.at("max").tells(code, f"{what} is repeated up to {after.max} times", before.max, after.max)
    goes_on = after.on_failure is StepOnFailure.CONTINUE
    table: Table = {
        "items": "target-changed" if changes else otherwise,
        "order_by": "steps-moved",
        "on_failure": "goes-on-after-failure" if goes_on and changes else "stricter" if changes else otherwise,
        "as_": "words-changed",
    }
    yield from told(spot, before, after, table, skip=("max", "between"))
    yield from told_steps(spot, "between", before.between, after.between, lambda _: Use.GUARD, "between")


def told_steps(
    spot: Spot,
    key: str,
    before: tuple[Step, ...],
    after: tuple[Step, ...],
    use: Callable[[Step], Use],
    called: str,
    signals: tuple[Mapping[str, Signal], Mapping[str, Signal]] = ({}, {}),
) -> Iterator[Meaning]:
    """A list of steps: those in both, those that are gone, those that are new."""
    lists = matched(before, after, lambda step: step.id)
    for old, new in lists.pairs:
        here = _of(spot, key, old, new, called)
        # what was a change stays one for the telling: its protections are those that may go
        weighed = use(old) if use(old) is Use.CHANGE else use(new)
        yield from told_step(here, old, new, weighed, signals)
    for old in lists.gone:
        yield from _gone(spot.among(key, old.id, f"{called} '{old.id}'"), old, use(old))
    for new in lists.new:
        yield from _new(spot.among(key, new.id, f"{called} '{new.id}'"), new, use(new))
    in_turn = any(use(step) in (Use.CHANGE, Use.GUARD, Use.MANUAL, Use.ITEM) for step in after)
    orders = _order(spot.before, (*spot.old, key)), _order(spot.after, (*spot.new, key))
    was, is_ = ([name for name in order if name in orders[0] and name in orders[1]] for order in orders)
    if in_turn and was != is_:
        code = "evidence-changed" if any(use(step) is Use.ITEM for step in after) else "steps-moved"
        yield spot.at(key).tells(code, "steps come in another order", ", ".join(was), ", ".join(is_))


def _order(placed: Placed | None, pointer: tuple[str | int, ...]) -> list[str]:
    """Entries of a list in the order in which they are written, those that are taken in of other documents too."""
    written = placed.raw(pointer) if placed is not None else None
    entries = [entry for entry in written or () if isinstance(entry, dict)]
    return [str(entry.get("id") or f"include {entry.get('as')}") for entry in entries]


def _of(spot: Spot, key: str, old: Step, new: Step, called: str) -> Spot:
    one, other = spot.among(key, old.id, f"{called} '{new.id}'"), spot.among(key, new.id, f"{called} '{new.id}'")
    return other._replace(old=one.old)


def _gone(spot: Spot, step: Step, use: Use) -> Iterator[Meaning]:
    code, words = {
        Use.CHECK: ("verification-removed", f"the check '{step.id}' is gone"),
        Use.GUARD: ("guard-loosened", f"the look '{step.id}' is gone"),
        Use.MANUAL: ("guard-loosened", f"nobody is asked for '{step.id}' any more"),
        Use.CHANGE: ("change-removed", f"the change '{step.id}' is not made any more"),
        Use.SYMPTOM: ("symptom-changed", f"the symptom '{step.id}' is gone"),
        Use.ITEM: ("evidence-changed", f"'{step.id}' is not kept any more"),
        Use.NOTICE: ("message-changed", f"'{step.id}' tells nobody any more"),
    }.get(use, ("reading-changed", f"'{step.id}' is not looked at any more"))
    if use is Use.CHECK and step.advisory:
        code, words = "reading-changed", f"the advisory check '{step.id}' is gone"
    yield spot.tells(code, words, step.expect or step.uses)


def _new(spot: Spot, step: Step, use: Use) -> Iterator[Meaning]:
    specs = spot.world.after.specs
    effect = effect_of(step, specs)
    code, words = "stricter", f"'{step.id}' is new"
    if use is Use.CHANGE:
        code = "effect-raised" if effect is Effect.DESTRUCTIVE else "change-added"
        words = f"the change '{step.id}' is new ({effect})"
    elif is_ungated(step, specs):
        code, words = "reading-changed", f"the command '{step.id}' is new, and says that it only reads"
    elif use in (Use.READING, Use.DECIDES, Use.SYMPTOM, Use.NOTICE):
        code = {Use.SYMPTOM: "symptom-changed", Use.NOTICE: "message-changed"}.get(use, "added")
    yield spot.tells(code, words, None, does(step))
