"""Two structs, key by key: every key that differs is told, by whoever knows what it means, else as it is.

That is how nothing goes unsaid: a key that nobody has thought of is told as `changed`. A table maps a field's name to a
code, or to a function of the place and both values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from runbook.authoring.diff.meaning import Meaning, Spot, same

Teller = Callable[[Spot, Any, Any], Iterable[Meaning]]
Table = Mapping[str, Teller | str]
T = TypeVar("T")


def told(
    spot: Spot, before: msgspec.Struct, after: msgspec.Struct, table: Table, skip: Iterable[str] = ()
) -> Iterator[Meaning]:
    """All that differs between two structs of one type, but for the fields to skip."""
    left_out = frozenset(skip)
    for field in msgspec.structs.fields(type(before)):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.name not in left_out and not same(old, new):
            yield from _one(spot.at(field.encode_name), field.encode_name, old, new, table.get(field.name, "changed"))


def told_map(
    spot: Spot, before: Mapping[str, Any], after: Mapping[str, Any], table: Table, otherwise: str
) -> Iterator[Meaning]:
    """All that differs between two maps, in the order of the head; what the table does not know is `otherwise`."""
    for key in dict.fromkeys([*after, *before]):
        old, new = before.get(key), after.get(key)
        if not same(old, new):
            yield from _one(spot.at(key), key, old, new, table.get(key, otherwise))


def _one(spot: Spot, key: str, old: Any, new: Any, teller: Teller | str) -> Iterable[Meaning]:
    if not isinstance(teller, str):
        return teller(spot, old, new)
    return [spot.differs(teller, changed(f"'{key}'", old, new), _given(old), _given(new))]


def changed(what: str, old: Any, new: Any) -> str:
    """`'timeout' changed`, `… was added`, `… was removed`."""
    if _given(old) is None:
        return f"{what} was added"
    return f"{what} was removed" if _given(new) is None else f"{what} changed"


def _given(value: Any) -> Any:
    return None if value in (None, (), [], {}, "") or value is msgspec.UNSET else value


class Matched(NamedTuple):
    """Two lists, entry by entry. `moved` says that those in both stand in another order."""

    pairs: list[tuple[Any, Any]]
    gone: list[Any]
    new: list[Any]
    moved: bool


def matched(before: Iterable[T], after: Iterable[T], key: Callable[[T], object]) -> Matched:
    """Entries by their key; of those left over, equal ones but for the key are one entry with another name."""
    old, now = {key(one): one for one in before}, {key(one): one for one in after}
    pairs = [(old[name], one) for name, one in now.items() if name in old]
    order = [name for name in old if name in now]
    gone = [one for name, one in old.items() if name not in now]
    new = [one for name, one in now.items() if name not in old]
    for one in list(gone):
        twin = next((other for other in new if _alike(one, other)), None)
        if twin is not None:
            pairs.append((one, twin))
            gone.remove(one)
            new.remove(twin)
    return Matched(pairs, gone, new, order != [name for name in now if name in old])


def _alike(one: Any, other: Any) -> bool:
    """Whether two entries say the same but for the ids in them."""
    return isinstance(one, msgspec.Struct) and hasattr(one, "id") and same(_nameless(one), _nameless(other))


def _nameless(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        fields = ((name, getattr(value, name)) for name in value.__struct_fields__ if name != "id")
        return {name: _nameless(each) for name, each in fields}
    return [_nameless(each) for each in value] if isinstance(value, tuple) else value
