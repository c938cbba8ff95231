"""Included steps put in the place of their `include`: after this a document is one flat list of steps again.

A step `reachable` of an include `as: db` becomes `db_reachable`. It keeps its own texts; `Local` says what the names
in them mean: `params` are the parameters of the `Steps` document, given as templates of the document that includes
it, and `steps.reachable` is `steps.db_reachable`. Where documents are found is the shelf's to know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from runbook.document.meanings import read_by
from runbook.document.model import Include, Local, Option, Runbook, Step, Steps, Value
from runbook.document.others import Shelf

DEEPEST: Final = 8  # documents one inside the other, the outermost not counted
LONGEST_ID: Final = 63
_MARKS: Final = ("{{", "{%")

Whole = TypeVar("Whole", Runbook, Steps)


class Trouble(NamedTuple):
    """Why an include cannot be carried out; `missing` names a document that is not there."""

    message: str
    missing: str | None = None


def trouble(include: Include, shelf: Shelf[Steps], around: tuple[str, ...] = ()) -> Trouble | None:
    """What stands in the way of putting steps in the place of this include; `around` are the names that lead to it."""
    chain = (*around, include.name)
    if include.name in around:
        circle = " → ".join(chain[around.index(include.name) :])
        return Trouble(f"the steps '{include.name}' include themselves: {circle}")
    if len(chain) > DEEPEST:
        return Trouble(f"steps are included more than {DEEPEST} deep: {' → '.join(chain)}")
    part = shelf.get(include.name)
    if part is None and shelf.broken(include.name):
        return Trouble(f"the steps '{include.name}' cannot be used as they are written")
    if part is None:
        by = f", which '{around[-1]}' includes" if around else ""
        return Trouble(f"there are no steps '{include.name}'{by}", include.name)
    return next((found for inner in part.includes if (found := trouble(inner, shelf, chain))), None)


def expanded(document: Whole, shelf: Shelf[Steps]) -> Whole:
    """The document with every include carried out for which nothing stands in the way."""
    if not document.includes:
        return document
    taken = {include.place: taken_in(include, shelf) for include in document.includes if not trouble(include, shelf)}
    written = tuple(
        msgspec.structs.replace(include, ids=tuple(step.id for step in taken.get(include.place, ())))
        for include in document.includes
    )
    if isinstance(document, Steps):
        return msgspec.structs.replace(
            document, includes=written, steps=_merged(document.steps, document.includes, taken, ("steps",))
        )
    options = tuple(_of_option(option, i, document.includes, taken) for i, option in enumerate(document.resolution))
    triage = _merged(document.triage, document.includes, taken, ("triage",))
    return msgspec.structs.replace(document, includes=written, triage=triage, resolution=options)


Place = tuple[str | int, ...]
Taken = dict[Place, tuple[Step, ...]]


def _of_option(option: Option, index: int, includes: tuple[Include, ...], taken: Taken) -> Option:
    steps = _merged(option.steps, includes, taken, ("resolution", index, "steps"))
    return msgspec.structs.replace(option, steps=steps)


def _merged(own: tuple[Step, ...], includes: tuple[Include, ...], taken: Taken, around: Place) -> tuple[Step, ...]:
    """Own steps and those taken in, in the order of the file."""
    merged: list[Step] = []
    for place, written, included in placed(own, includes, around):
        merged += taken.get(place, ()) if included else written
    return tuple(merged)


def placed(
    steps: tuple[Step, ...], includes: tuple[Include, ...], around: Place
) -> Iterator[tuple[Place, tuple[Step, ...], bool]]:
    """Each entry of a list as it is written: its pointer, the steps that it stands for, whether it is an include.

    An include that was not carried out yet (`Include.ids`) stands for none.
    """
    became = {include.place: len(include.ids) for include in includes if include.place[:-1] == around}
    left = iter(steps)
    for index in range(len(steps) - sum(became.values()) + len(became)):
        place = (*around, index)
        yield place, tuple(islice(left, became.get(place, 1))), place in became


def taken_in(include: Include, shelf: Shelf[Steps]) -> tuple[Step, ...]:
    """The steps that an include becomes; nothing may stand in its way."""
    found = shelf.get(include.name)
    assert found is not None  # noqa: S101 - `trouble` has said so
    part = expanded(found, shelf)
    layer = Local(
        params=_given(include, part),
        accepts=part.parameters,
        steps={step.id: f"{include.prefix}_{step.id}" for step in part.steps},
    )
    return tuple(
        msgspec.structs.replace(step, id=layer.steps[step.id], local=_around(step.local, layer))
        for step in _in_turn(part.steps)
    )


def _in_turn(steps: tuple[Step, ...]) -> list[Step]:
    """The steps, each after those whose outputs it names: an option performs them one by one."""
    ids = frozenset(step.id for step in steps)
    waits = {step.id: {path[1] for path in read_by(step) if path[0] == "steps" and len(path) > 1} for step in steps}
    done: set[str] = set()
    turn: list[Step] = []
    left = list(steps)
    while left:
        ready = next((step for step in left if not (waits[step.id] & ids) - done - {step.id}), left[0])
        left.remove(ready)
        done.add(ready.id)
        turn.append(ready)
    return turn


def _around(local: Local | None, layer: Local) -> Local:
    """A layer of names put around those that a step has already."""
    if local is None:
        return layer
    return msgspec.structs.replace(local, outer=_around(local.outer, layer))


def _given(include: Include, part: Steps) -> dict[str, Value]:
    """What each parameter is given; a default is no template, whatever it looks like."""
    defaults = {
        name: _as_template(parameter.default)
        for name, parameter in part.parameters.items()
        if parameter.default is not msgspec.UNSET
    }
    return defaults | include.inputs


def _as_template(value: Any) -> Any:
    """A value as a template that gives just this value."""
    if isinstance(value, str):
        return f"{{{{ {json.dumps(value)} }}}}" if any(mark in value for mark in _MARKS) else value
    if isinstance(value, list):
        return [_as_template(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _as_template(entry) for key, entry in value.items()}
    return value
