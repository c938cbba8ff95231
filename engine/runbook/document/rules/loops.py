"""Loops that can be repeated: an item with a name of its own, a list that can be one, items that can be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from runbook.document.expression_types import infer
from runbook.document.expressions import ExpressionError, parse
from runbook.document.language.static import spoken, types
from runbook.document.loop_keys import key_problem
from runbook.document.rules.scopes import Scopes, item_of
from runbook.document.rules.walk import Checked, Loop, Pointer

if TYPE_CHECKING:
    from runbook.document.findings import Finding

_TAKEN: Final = ("params", "steps", "alert", "incident", "run", "runbook", "env", "target")


def _loops(doc: Checked) -> list[Loop]:
    """Every loop once."""
    return list({loop.pointer: loop for site in doc.sites for loop in site.loops}.values())


def named_items(doc: Checked) -> Iterator[Finding]:
    """The item's name hides no other: neither what every expression sees, nor what a step's `expect` does."""
    for loop in _loops(doc):
        if loop.of.as_ in _TAKEN:
            message = f"the item cannot be called '{loop.of.as_}', which every expression knows already"
            yield doc.source.finding((*loop.pointer, "as"), "RB065", message, "call it what it is: 'member', 'host'")
    for site in doc.sites:
        spec, names = doc.spec(site), {loop.of.as_ for loop in site.loops}
        for name in sorted(names & (spec.output_names if spec and site.step.expect else frozenset())):
            message = f"'{name}' is the item of a loop and an output of {site.step.uses}"
            yield doc.source.finding(
                (*site.pointer, "expect"), "RB065", message, "give the item another name with 'as:'"
            )


def repeated_once(doc: Checked) -> Iterator[Finding]:
    """A loop stands in no other loop: nobody could read the gate."""
    for site in doc.every:
        if site.step.for_each and len(site.loops) > 1 and not site.between:
            place = site.pointer if site.included else (*site.pointer, "for_each")
            message = f"'{site.step.id}' is repeated within an option that is repeated already"
            hint = "make one list of it, or repeat either the option or the step"
            yield doc.source.finding(place, "RB065", message, hint, key=not site.included)


def possible_lists(doc: Checked) -> Iterator[Finding]:
    """`items` is a list, and its items are, or have, a key."""
    scopes = Scopes(doc)
    for loop in _loops(doc):
        place = (*loop.pointer, "items")
        if isinstance(loop.of.items, str):
            yield from _not_a_list(doc, scopes, loop, place)
        else:
            yield from _written(doc, loop, place)


def _not_a_list(doc: Checked, scopes: Scopes, loop: Loop, place: Pointer) -> Iterator[Finding]:
    names = scopes.inside(_around(doc, loop))
    try:
        given = types(infer(parse(str(loop.of.items)), names))
    except ExpressionError:
        return  # told where expressions are read
    if given and "array" not in given:
        yield doc.source.finding(place, "RB065", f"'items' is {spoken(given)}, not a list")
    item = types(item_of(loop.of, names))
    if loop.of.key is None and item and item <= {"object", "array", "boolean"}:
        yield _no_key(doc, loop, spoken(item))


def _around(doc: Checked, loop: Loop) -> tuple[Loop, ...]:
    around = next(site.loops for site in doc.sites if loop in site.loops)
    return around[: around.index(loop)]


def _written(doc: Checked, loop: Loop, place: Pointer) -> Iterator[Finding]:
    """A list that stands in the document."""
    items = list(loop.of.items)
    if len(items) > loop.of.max:
        message = f"the list has {len(items)} items, and 'max' is {loop.of.max}"
        yield doc.source.finding(place, "RB065", message, "say a larger 'max:', or make the list shorter")
    if loop.of.key is not None:
        return
    seen: set[str] = set()
    for i, item in enumerate(items):
        if isinstance(item, dict | list | bool) or item is None:
            yield _no_key(doc, loop, _spoken(item))
            return
        if "{{" in str(item):
            continue
        problem = key_problem(item) or (f"'{item}' stands here a second time" if str(item) in seen else None)
        if problem:
            yield doc.source.finding((*place, i), "RB065", problem, "each item needs a key of its own; see 'key:'")
        seen.add(str(item))


def _spoken(item: Any) -> str:
    words = {dict: "a map", list: "a list", bool: "a boolean"}
    return words.get(type(item), "nothing")


def _no_key(doc: Checked, loop: Loop, what: str) -> Finding:
    message = f"an item is {what}, and nothing says what it is told apart by"
    hint = f"add 'key:', an expression such as {loop.of.as_}.name"
    return doc.source.finding(loop.pointer, "RB065", message, hint, key=True)


def looked_at_between(doc: Checked) -> Iterator[Finding]:
    """What stands between two items reads, and has a verdict: the next item waits for it."""
    for site in doc.sites:
        spec = doc.spec(site)
        if not site.between or spec is None:
            continue
        if not doc.is_probe(site):
            message = f"{site.step.uses} has the effect '{doc.effect(site)}', but between two items only probes stand"
            yield doc.source.finding((*site.pointer, "uses"), "RB036", message, "make it a step of the option")
        elif not site.step.expect and not spec.expect:
            message = f"'{site.step.id}' stands between two items without 'expect', and {spec.name} has none of its own"
            yield doc.source.finding(site.pointer, "RB042", message, "add 'expect:': the next item waits for it")
