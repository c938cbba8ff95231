"""The filters and tests of expressions, as one table each.

Names and arguments are Jinja's. Where Jinja would guess, these are `Unknown`: `'x' | int` is not 0. Where
Jinja folds case (`sort`, `unique`, `min`, `max`), these compare as `==` and `<` do. `default`, `known` and
`defined` look at doubt itself, so the compiler evaluates them; here they only have their row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

import msgspec

from runbook.document.language import values
from runbook.document.language.errors import Missing, Unknown
from runbook.document.language.values import Value, kind

_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,4})?")


class Filter(msgspec.Struct, frozen=True):
    """A filter: its parameters in order, how many of them must be given, and the function.

    `takes` and `gives` are JSON Schema types for the type checker; () and "" mean anything.
    """

    apply: Callable[..., Value]
    parameters: tuple[str, ...] = ()
    required: int = 0
    takes: tuple[str, ...] = ()
    gives: str = ""


def _listed(value: Value, name: str) -> list[Value]:
    if isinstance(value, list | tuple):
        return list(value)
    raise Unknown(f"'{name}' needs a list, not {kind(value)}")


def _string(value: Value, name: str) -> str:
    if isinstance(value, str):
        return value
    raise Unknown(f"'{name}' needs a string, not {kind(value)}")


def _length(value: Value) -> int:
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    raise Unknown(f"{kind(value)} has no length")


def _int(value: Value, default: Value = None) -> Value:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return values.finite(int, int(value.strip()))
    return _converted(value, default, "an integer", math.trunc)


def _float(value: Value, default: Value = None) -> Value:
    return _converted(value, default, "a number", float)


def _converted(value: Value, default: Value, wanted: str, convert: Callable[[float], float]) -> Value:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if values.is_number(value):
        return values.finite(convert, value)  # type: ignore[arg-type]  # a number, as just asked
    if default is not None:
        return default
    raise Unknown(f"cannot read {wanted} from {_shown(value)}")


def _shown(value: Value) -> str:
    return repr(value) if isinstance(value, str) and len(value) <= 40 else kind(value)


_ROUNDING: Mapping[str, Callable[[float], float]] = {"common": round, "ceil": math.ceil, "floor": math.floor}


def _round(value: Value, precision: Value = 0, method: Value = "common") -> Value:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Unknown(f"cannot round {kind(value)}")
    if not isinstance(precision, int) or isinstance(precision, bool) or not 0 <= precision <= 15:
        raise Unknown("'round' needs a number of digits from 0 to 15")
    if not isinstance(method, str) or method not in _ROUNDING:
        raise Unknown("'round' knows the methods 'common', 'ceil' and 'floor'")
    if method == "common":
        return values.finite(lambda: float(round(value, precision)))
    scale = 10**precision
    return values.finite(lambda: float(_ROUNDING[method](value * scale) / scale))


def _join(value: Value, d: Value = "") -> str:
    between = _string(d, "join")
    parts: list[str] = []
    length = 0
    for entry in _listed(value, "join"):
        part = values.text(entry)
        length += len(part) + len(between)
        if length - len(between) > values.LONGEST_TEXT:
            raise Unknown("a string became longer than 64 KiB")
        parts.append(part)
    return between.join(parts)


def _comparable(value: Value, name: str) -> list[Value]:
    """The list, when all its entries are numbers or all are strings, and none is NaN."""
    entries = _listed(value, name)
    if not all(isinstance(entry, str) for entry in entries):
        for entry in entries:
            if not values.is_number(entry) or values.is_nan(entry):
                raise Unknown(f"'{name}' needs a list of numbers or of strings")
    return entries


def _sort(value: Value, reverse: Value = False) -> list[Value]:
    if not isinstance(reverse, bool):
        raise Unknown("'reverse' of 'sort' is true or false")
    return sorted(_comparable(value, "sort"), reverse=reverse)  # type: ignore[type-var]  # comparable, as just asked


def _unique(value: Value) -> list[Value]:
    first_of: dict[tuple[str, object], Value] = {}
    for entry in _listed(value, "unique"):
        first_of.setdefault(_identity(entry), entry)
    return list(first_of.values())


def _identity(value: Value) -> tuple[str, object]:
    """A hashable stand-in, equal where `==` is true; so that `unique` stays linear."""
    if isinstance(value, list | tuple):
        return "a list", tuple(map(_identity, value))
    if isinstance(value, Mapping):
        return "a map", frozenset((key, _identity(value[key])) for key in value)
    return kind(value), value


def _end(name: str, index: int) -> Callable[[Value], Value]:
    def pick(value: Value) -> Value:
        return values.member(_listed(value, name), index, "the list")

    return pick


def _extreme(name: str, choose: Callable[[list[Value]], Value]) -> Callable[[Value], Value]:
    def pick(value: Value) -> Value:
        entries = _comparable(value, name)
        if not entries:
            raise Missing(f"an empty list has no {name}")
        return choose(entries)

    return pick


def _sum(value: Value) -> Value:
    total: float = 0
    for entry in _listed(value, "sum"):
        if not isinstance(entry, int | float) or isinstance(entry, bool):
            raise Unknown(f"'sum' needs numbers, not {kind(entry)}")
        total = values.finite(lambda left, right: left + right, total, entry)
    return total


_SIZED = ("string", "array", "object")

FILTERS: Mapping[str, Filter] = {
    "default": Filter(lambda value: value, ("default_value", "boolean"), required=1),
    "first": Filter(_end("first", 0), takes=("array",)),
    "float": Filter(_float, ("default",), takes=("number", "string"), gives="number"),
    "int": Filter(_int, ("default",), takes=("number", "string"), gives="integer"),
    "join": Filter(_join, ("d",), takes=("array",), gives="string"),
    "last": Filter(_end("last", -1), takes=("array",)),
    "length": Filter(_length, takes=_SIZED, gives="integer"),
    "lower": Filter(lambda value: _string(value, "lower").lower(), takes=("string",), gives="string"),
    "max": Filter(_extreme("max", max), takes=("array",)),  # type: ignore[arg-type]  # max's own overloads
    "min": Filter(_extreme("min", min), takes=("array",)),  # type: ignore[arg-type]
    "round": Filter(_round, ("precision", "method"), takes=("number",), gives="number"),
    "sort": Filter(_sort, ("reverse",), takes=("array",), gives="array"),
    "string": Filter(values.text, gives="string"),
    "sum": Filter(_sum, takes=("array",), gives="number"),
    "trim": Filter(lambda value: _string(value, "trim").strip(), takes=("string",), gives="string"),
    "unique": Filter(_unique, takes=("array",), gives="array"),
    "upper": Filter(lambda value: _string(value, "upper").upper(), takes=("string",), gives="string"),
}

TESTS: Mapping[str, Callable[[Value], bool]] = {
    "defined": lambda _: True,
    "known": lambda _: True,
    "none": lambda value: value is None,
    "number": values.is_number,
    "string": lambda value: isinstance(value, str),
}
