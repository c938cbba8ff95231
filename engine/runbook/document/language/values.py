"""What the operators mean, on plain data: equality, order, arithmetic, looking up, text.

Stricter than Python on purpose, because a guess at night is a lie: a boolean is not a number, types are never
mixed, NaN compares with nothing, and what has no answer is `Unknown` with the reason. `.name` reads keys of
maps, never attributes of Python objects.
"""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable, Mapping

from runbook.document.language.errors import Missing, Unknown

EXACT = 2**53  # beyond it JSON readers disagree about integers (RFC 8785 refuses them)
LONGEST_TEXT = 64 * 1024

Value = object
_JOINING = ", ", ": "


def is_number(value: Value) -> bool:
    """True for an integer or a float; a boolean is not a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_nan(value: Value) -> bool:
    """True for the float that is not a number."""
    return isinstance(value, float) and math.isnan(value)


def kind(value: Value) -> str:
    """The word for a value's type, as messages say it."""
    if value is None:
        return "null"
    for types, word in _KINDS:
        if isinstance(value, types):
            return word
    return "something that is not data"


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a boolean"),
    ((int, float), "a number"),
    (str, "a string"),
    ((list, tuple), "a list"),
    (Mapping, "a map"),
)


def member(base: Value, key: Value, name: str) -> Value:
    """`base[key]`, where `name` is what a person calls the base; Missing when there is no such key."""
    if isinstance(base, Mapping):
        if not isinstance(key, str):
            raise Unknown(f"the keys of {name} are strings, not {kind(key)}")
        try:
            return base[key]
        except KeyError:
            raise Missing(f"{name} has no {_quoted(key)}") from None
    if base is None:
        raise Missing(f"{name} is null")
    if not isinstance(base, list | tuple):
        raise Unknown(f"{name} is {kind(base)} and has no {_quoted(key)}")
    if isinstance(key, str):
        raise Unknown(f"{name} is a list and has no {_quoted(key)}")
    if not isinstance(key, int) or isinstance(key, bool):
        raise Unknown(f"the entries of {name} are found by whole numbers, not by {kind(key)}")
    try:
        return base[key]
    except IndexError:
        raise Missing(f"{name} has no entry {key}") from None


def _quoted(key: Value) -> str:
    """A key as a message shows it: short, however long the data made it."""
    if isinstance(key, str):
        return repr(key if len(key) <= 60 else key[:59] + "…")
    return f"entry {key}" if is_number(key) else kind(key)


def equal(left: Value, right: Value) -> bool:
    """`==`: false across types, deep for lists and maps; Unknown where NaN takes part."""
    _refuse_nan(left)
    _refuse_nan(right)
    if kind(left) != kind(right):
        return False
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return left == right


def _refuse_nan(value: Value) -> None:
    if is_nan(value):
        raise Unknown("a value is NaN, which compares with nothing")


def _ordered(compare: Callable[[Value, Value], bool]) -> Callable[[Value, Value], bool]:
    def run(left: Value, right: Value) -> bool:
        _refuse_nan(left)
        _refuse_nan(right)
        both_text = isinstance(left, str) and isinstance(right, str)
        if both_text or (is_number(left) and is_number(right)):
            return compare(left, right)
        raise Unknown(f"cannot compare {kind(left)} with {kind(right)}")

    return run


def contains(item: Value, container: Value) -> bool:
    """`item in container`: an entry of a list, a key of a map, a part of a string."""
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    if isinstance(container, Mapping):
        return isinstance(item, str) and item in container
    if isinstance(container, list | tuple):
        return any(equal(item, entry) for entry in container)
    raise Unknown(f"cannot look for {kind(item)} in {kind(container)}")


COMPARE: Mapping[str, Callable[[Value, Value], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _ordered(operator.lt),  # type: ignore[arg-type]  # operator's own types want comparable operands
    "<=": _ordered(operator.le),  # type: ignore[arg-type]
    ">": _ordered(operator.gt),  # type: ignore[arg-type]
    ">=": _ordered(operator.ge),  # type: ignore[arg-type]
    "in": contains,
    "not in": lambda item, container: not contains(item, container),
}

_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def calculate(symbol: str, left: Value, right: Value) -> Value:
    """`left + right` and the like on two numbers, `+` on two strings as well; everything else is Unknown."""
    if isinstance(left, str) and isinstance(right, str) and symbol == "+":
        return short(left + right)
    if is_number(left) and is_number(right):
        return finite(_ARITHMETIC[symbol], left, right)  # type: ignore[arg-type]  # both are numbers, as just asked
    raise Unknown(f"cannot calculate {kind(left)} {symbol} {kind(right)}")


def number(value: Value, purpose: str) -> float:
    """The value when it is a number; else Unknown, `cannot <purpose> <its type>`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise Unknown(f"cannot {purpose} {kind(value)}")


def finite(function: Callable[..., float], *operands: float) -> float:
    """The result of a calculation; Unknown when it is infinite, NaN or too large to be kept."""
    try:
        result = function(*operands)
        if math.isfinite(result):
            if abs(result) <= EXACT or isinstance(result, float):
                return result
            raise Unknown("an integer beyond 2^53 cannot be kept exactly")
    except ZeroDivisionError:
        raise Unknown("a division by zero has no result") from None
    except (OverflowError, ValueError):
        pass
    raise Unknown("the result of a calculation is not a finite number")


def short(text: str) -> str:
    """The text; Unknown when it is longer than 64 KiB."""
    if len(text) > LONGEST_TEXT:
        raise Unknown("a string became longer than 64 KiB")
    return text


def entries(value: Value) -> list[Value]:
    """What a loop goes over: the entries of a list, the keys of a map."""
    if isinstance(value, list | tuple | Mapping):
        return list(value)
    raise Unknown(f"cannot loop over {kind(value)}")


def truth(value: Value) -> bool:
    """Jinja's truth: null, false, zero and what is empty are false."""
    return bool(value)


def plain(value: Value) -> Value:
    """A copy of plain data; read-only maps become dicts. Unknown for what is not data."""
    if isinstance(value, Mapping):
        return {key: plain(value[key]) for key in value}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise Unknown("a value is not data")


def text(value: Value) -> str:
    """A value inside a longer text: strings and numbers as they are, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise Unknown("a value is not a finite number")
    try:
        if is_number(value):
            return str(value)
        return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=_JOINING)
    except ValueError:  # NaN inside a list, or an integer with more digits than Python prints
        raise Unknown("a value has no text") from None
