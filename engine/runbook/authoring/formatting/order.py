"""The order of keys: that of the schema of the document, which is the one of docs/runbook-format.md.

Keys that the author chooses (parameters, labels), and what a kind takes, stay as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runbook.authoring.formatting.tree import Collection, Entry, Scalar, Tree
from runbook.document import schema as schemas
from runbook.document.frames.common import Schema
from runbook.document.spec import Specs


def put_in_order(tree: Tree, kind: str, specs: Specs) -> None:
    """Sort the keys of a document; a key that its schema does not know stays behind the one that it followed."""
    if kind in schemas.KINDS:
        whole = _composed(kind, specs)
        _Order(whole.get("$defs", {})).put(tree.root, whole)


_known: dict[str, tuple[Specs, Schema]] = {}


def _composed(kind: str, specs: Specs) -> Schema:
    table, composed = _known.get(kind, (None, {}))
    if table is not specs:
        composed = schemas.compose(kind, specs, frozenset())
        _known[kind] = (specs, composed)
    return composed


class _Order:
    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions

    def put(self, collection: Collection, schema: Schema, *, excepted: bool = False) -> None:
        """Sort this collection and all that is in it. `excepted`: a comment of lint speaks of its first line."""
        parts = list(self._parts(schema, collection))
        if not collection.is_mapping:
            below = [part["items"] for part in parts if isinstance(part.get("items"), dict)]
            for entry in collection.entries:
                self._put_below(entry, below)
            return
        known: dict[str, list[Schema]] = {}
        for part in parts:
            for key, value in part.get("properties", {}).items():
                known.setdefault(key, []).append(value)
        others = [part["additionalProperties"] for part in parts if isinstance(part.get("additionalProperties"), dict)]
        for entry in collection.entries:
            self._put_below(entry, known.get(_name(entry), others))
        if known and not others:
            _sort(collection, list(known), excepted)

    def _put_below(self, entry: Entry, schemas_: list[Schema]) -> None:
        if isinstance(entry.value, Collection) and schemas_:
            schema = schemas_[0] if len(schemas_) == 1 else {"allOf": schemas_}
            self.put(entry.value, schema, excepted=entry.key is None and entry.is_excepted)

    def _parts(self, schema: Any, collection: Collection) -> Iterator[Schema]:
        """A schema, and those that hold beside it for this collection."""
        if not isinstance(schema, dict):
            return
        yield schema
        if "$ref" in schema:
            yield from self._parts(self._definitions.get(schema["$ref"].removeprefix("#/$defs/")), collection)
        for part in schema.get("allOf", ()):
            yield from self._parts(part, collection)
        if "if" in schema:
            yield from self._parts(schema.get("then" if _fits(collection, schema["if"]) else "else"), collection)


def _fits(collection: Collection, condition: Schema) -> bool:
    """Whether a collection is what an `if` of the frames asks for: its type, and keys that it has."""
    type_ = condition.get("type", "object" if collection.is_mapping else "array")
    names = {_name(entry) for entry in collection.entries}
    return collection.is_mapping == (type_ == "object") and names >= set(condition.get("required", ()))


def _sort(collection: Collection, known: list[str], excepted: bool) -> None:
    ranks = {key: rank for rank, key in enumerate(known)}
    rank = -1
    ranked: list[tuple[int, Entry]] = []
    for entry in collection.entries:
        rank = ranks.get(_name(entry), rank)
        ranked.append((rank, entry))
    ordered = [entry for _, entry in sorted(ranked, key=lambda one: one[0])]
    if ordered and ordered[0] is not collection.entries[0] and (excepted or ordered[0].is_excepted):
        return
    collection.entries = ordered


def _name(entry: Entry) -> str:
    return entry.key.text if isinstance(entry.key, Scalar) else ""
