"""What a document takes from others: the steps that it includes, the runbooks that it goes on with.

Both are found by name, must be sound themselves, and are given parameters that fit. What the templates among those
yield is `references`' to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from runbook.document.includes import LONGEST_ID, trouble
from runbook.document.model import Include, Parameter, Runbook, Steps
from runbook.document.parameters import value_problem
from runbook.document.rules.walk import Checked, Pointer
from runbook.document.suggest import did_you_mean

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.others import Shelf


def sound_includes(doc: Checked) -> Iterator[Finding]:
    """Every include leads to steps that are there, in no circle, and gives them what they need."""
    assert isinstance(doc.document, Runbook | Steps)  # noqa: S101
    if doc.others is None:
        return
    shelf = doc.others.steps
    around = (doc.document.name,) if isinstance(doc.document, Steps) else ()
    for include in doc.document.includes:
        found = trouble(include, shelf, around)
        part = shelf.get(include.name)
        if found is not None:
            hint = did_you_mean(found.missing, shelf.names(), what="steps are") if found.missing else None
            code = "RB052" if found.missing else "RB070"
            yield doc.source.finding((*include.place, "include"), code, found.message, hint)
        elif part is not None:
            called = f"the steps '{include.name}'"
            yield from _given(doc, include.place, "with", include.inputs, part.parameters, called)
            yield from _long_ids(doc, include)


def _long_ids(doc: Checked, include: Include) -> Iterator[Finding]:
    for id_ in include.ids:
        if len(id_) > LONGEST_ID:
            message = f"the id '{id_}' of an included step has {len(id_)} characters, and {LONGEST_ID} are the most"
            hint = f"write a shorter 'as', or shorten the step's id in '{include.name}'"
            yield doc.source.finding((*include.place, "as"), "RB070", message, hint)


def sound_hand_overs(doc: Checked) -> Iterator[Finding]:
    """Every runbook that this one goes on with is there, does not lead back here, and is given what it needs."""
    book = doc.document
    assert isinstance(book, Runbook)  # noqa: S101
    shelf = doc.others.runbooks if doc.others else None
    for i, option in enumerate(book.resolution):
        over = option.continue_with
        if over is None or shelf is None:
            continue
        place: Pointer = ("resolution", i, "continue_with")
        target = shelf.get(over.runbook)
        circle = back_again(book, over.runbook, shelf)
        if circle:
            message = f"runbooks that hand over to each other: {' → '.join(circle)}"
            advice = "a run of them might never end; let one of them end with 'escalation'"
            yield doc.source.finding((*place, "runbook"), "RB071", message, advice)
        elif target is None and shelf.broken(over.runbook):
            message = f"the runbook '{over.runbook}' cannot be used as it is written"
            yield doc.source.finding((*place, "runbook"), "RB070", message, "`runbook lint` says what is wrong with it")
        elif target is None:
            hint = did_you_mean(over.runbook, shelf.names(), what="runbooks are")
            message = f"there is no runbook '{over.runbook}'"
            yield doc.source.finding((*place, "runbook"), "RB052", message, hint)
        else:
            called = f"the runbook '{over.runbook}'"
            yield from _given(doc, place, "parameters", over.parameters, target.parameters, called)


def back_again(book: Runbook, name: str, shelf: Shelf[Runbook], around: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The circle of hand-overs that goes through this runbook's hand-over to `name`; empty where there is none."""
    chain = (*(around or (book.name,)), name)
    if name in chain[:-1]:
        return chain[chain.index(name) :]
    following = shelf.get(name)
    overs = [option.continue_with for option in following.resolution if option.continue_with] if following else []
    return next((circle for over in overs if (circle := back_again(book, over.runbook, shelf, chain))), ())


def _given(
    doc: Checked, place: Pointer, key: str, values: Mapping[str, Any], accepts: Mapping[str, Parameter], called: str
) -> Iterator[Finding]:
    """Values for the parameters of another document: no others, none missing, each one that it takes."""
    for name, value in values.items():
        parameter = accepts.get(name)
        if parameter is None:
            hint = did_you_mean(name, accepts, what="its parameters are")
            message = f"{called} have no parameter '{name}'" if key == "with" else f"{called} has no parameter '{name}'"
            yield doc.source.finding((*place, key, name), "RB053", message, hint, key=True)
        elif not _holds_template(value) and (problem := value_problem(parameter, value)):
            yield doc.source.finding((*place, key, name), "RB043", f"the parameter '{name}' of {called} {problem}")
    for name, parameter in accepts.items():
        if parameter.default is msgspec.UNSET and name not in values:
            need = "need" if key == "with" else "needs"
            message = f"{called} {need} the parameter '{name}', which is not given"
            yield doc.source.finding(place, "RB053", message, f"set it under '{key}:'")


def _holds_template(value: Any) -> bool:
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, Mapping):
        return any(map(_holds_template, value.values()))
    return isinstance(value, list) and any(map(_holds_template, value))
