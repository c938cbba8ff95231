"""Parameters beside what they were: which values they take, what they are when nobody says, where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from runbook.authoring.diff.fields import changed, told
from runbook.authoring.diff.meaning import Meaning, Spot
from runbook.document.model import Parameter


def told_parameters(
    spot: Spot, before: Mapping[str, Parameter], after: Mapping[str, Parameter], reach_changes: frozenset[str]
) -> Iterator[Meaning]:
    """Every parameter; `reach_changes` are those that stand in what a change sends, whose bounds weigh more."""
    for name in dict.fromkeys([*after, *before]):
        here = spot.at(name, called=f"parameter '{name}'")
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            words = f"the parameter '{name}' is {'new' if old is None else 'gone'}"
            code = "added" if old is None and new is not None and not new.required else "parameter-changed"
            yield here.tells(code, words)
            continue
        yield from _one(here, name, old, new, name in reach_changes)


def _one(spot: Spot, name: str, old: Parameter, new: Parameter, reaches: bool) -> Iterator[Meaning]:
    loose = "input-unchecked" if reaches else "parameter-changed"
    yield from _bounds(spot, name, old, new, loose)
    if old.secret != new.secret:
        code = "stricter" if new.secret else "secret-exposed"
        words = f"'{name}' is {'secret' if new.secret else 'no longer secret'}"
        yield spot.at("secret").tells(code, words, old.secret, new.secret)
    if old.from_alert != new.from_alert:
        free = new.from_alert is not None and new.pattern is None and new.enum is None and new.type == "string"
        words = changed(f"where '{name}' comes from in an alert", old.from_alert, new.from_alert)
        code = loose if free and old.from_alert is None else "parameter-changed"
        yield spot.at("from_alert").differs(code, words, old.from_alert, new.from_alert)
    if old.default != new.default or type(old.default) is not type(new.default):
        words = f"what '{name}' is when nobody says changed"
        yield spot.at("default").differs("parameter-changed", words, _default(old), _default(new))
    table = {"description": "words-changed", "examples": "words-changed", "type": loose, "items": loose}
    done = ("enum", "pattern", "minimum", "maximum", "min_length", "max_length", "secret", "from_alert", "default")
    yield from told(spot, old, new, table, skip=done)


def _bounds(spot: Spot, name: str, old: Parameter, new: Parameter, loose: str) -> Iterator[Meaning]:
    for key, upward in (("maximum", True), ("max_length", True), ("minimum", False), ("min_length", False)):
        was, is_ = getattr(old, key), getattr(new, key)
        if was == is_:
            continue
        wider = was is not None and (is_ is None or (is_ > was if upward else is_ < was))
        words = changed(f"the {key.replace('_', ' ')} of '{name}'", was, is_)
        yield spot.at(key).differs(loose if wider else "stricter", words, was, is_)
    if old.pattern != new.pattern:
        code = "stricter" if old.pattern is None else loose
        words = changed(f"the pattern of '{name}'", old.pattern, new.pattern)
        yield spot.at("pattern").differs(code, words, old.pattern, new.pattern)
    if old.enum != new.enum:
        more = new.enum is None or (old.enum is not None and any(value not in old.enum for value in new.enum))
        words = f"'{name}' takes {'more' if more else 'fewer'} values"
        yield spot.at("enum").differs(loose if more else "stricter", words, old.enum, new.enum)


def _default(parameter: Parameter) -> Any:
    return "must be given" if parameter.default is msgspec.UNSET else parameter.default
