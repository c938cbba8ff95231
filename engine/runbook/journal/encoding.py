"""Storable data becomes the tree that stands in a record: whatever cannot stand there goes beside it as a payload.

That is: bytes, text with lone surrogates, numbers that RFC 8785 cannot say or would round, dicts that look like a
reference, and, while the record is too large, its weightiest part. Which part is a rule, so that the same data
always gives the same record: the largest value, followed down as long as one value in it makes up half of it.
"""

from __future__ import annotations

import json
from typing import Any

from runbook.journal.canonical import canonical
from runbook.journal.payloads import BYTES, JSON, PAIRS, TEXT, TREE, WTF8, is_reference, is_sayable
from runbook.journal.port import PayloadRef, Put
from runbook.journal.storable import has_surrogates

_ROUNDS = 16  # parts taken out one by one; data that is still too large goes out as one
_LIGHT = 256  # bytes; taking out less than a reference weighs gains nothing


def sayable(value: Any, put: Put) -> Any:
    """A storable value as canonical JSON can say it; the rest is put beside."""
    kind = type(value)
    if kind is str:
        if not has_surrogates(value):
            return value
        return put(value.encode("utf-8", "surrogatepass"), WTF8).wire
    if kind is dict:
        tree = {name: sayable(item, put) for name, item in value.items()}
        return put(canonical([list(pair) for pair in sorted(tree.items())]), PAIRS).wire if is_reference(tree) else tree
    if kind is list:
        return [sayable(item, put) for item in value]
    if kind is int or kind is float:
        return value if is_sayable(value) else put(json.dumps(value).encode(), JSON).wire
    if kind is bytes:
        return put(value, BYTES).wire
    return value.wire if kind is PayloadRef else value


def fitted(tree: Any, room: int, put: Put) -> Any:
    """The tree in at most `room` bytes of canonical JSON. Takes parts out of the tree that it is given."""
    for _ in range(_ROUNDS):
        if len(canonical(tree)) <= room:
            return tree
        spot = _weightiest(tree)
        if spot is None:
            break
        inside, name = spot
        inside[name] = _put_out(inside[name], put)
    return tree if len(canonical(tree)) <= room else _put_out(tree, put)


def _put_out(value: Any, put: Put) -> dict[str, Any]:
    ref = put(value.encode(), TEXT) if isinstance(value, str) else put(canonical(value), TREE)
    return ref.wire


def _weightiest(tree: Any) -> tuple[Any, Any] | None:
    spot, weight, node = None, 0, tree
    while not is_reference(node):
        names = sorted(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        weights = [(0 if is_reference(node[name]) else len(canonical(node[name])), name) for name in names]
        heaviest = max(weights, key=lambda item: item[0], default=None)
        if heaviest is None or heaviest[0] < max(_LIGHT, weight / 2):
            break
        weight, name = heaviest
        spot, node = (node, name), node[name]
    return spot
