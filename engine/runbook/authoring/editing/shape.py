"""What the schema says of a place: the keys that may stand there, the values that are listed, what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runbook.authoring.editing.cursor import ITEM
from runbook.document.spec import Specs

Schema = Mapping[str, Any]


def schemas_at(root: Schema, path: tuple[str, ...], specs: Specs, uses: str | None = None) -> list[Schema]:
    """All schemas that a place is held to. `uses` is the kind of the step that a path through `with` leads into."""
    found = [root]
    for number, segment in enumerate(path):
        if segment == "with" and uses in specs and number == path.index("with"):
            found = [specs[str(uses)].inputs]
        else:
            found = [inner for one in found for inner in _into(one, segment, root)]
    return found


def keys_of(schemas: list[Schema], root: Schema) -> dict[str, Schema]:
    """The keys that may stand in such a mapping, each with its schema."""
    found: dict[str, Schema] = {}
    for one in schemas:
        for part in _parts(one, root):
            for key, schema in part.get("properties", {}).items():
                known = found.get(key)
                if isinstance(schema, Mapping) and (known is None or len(schema) > len(known)):
                    found[key] = schema
    return found


def values_of(schemas: list[Schema], root: Schema) -> list[Any]:
    """The values that are listed for such a place."""
    found: list[Any] = []
    for one in schemas:
        for part in _parts(one, root):
            listed = [*part.get("enum", ()), *([part["const"]] if "const" in part else ())]
            listed += [True, False] if part.get("type") == "boolean" else []
            found += [value for value in listed if value not in found]
    return found


def examples_of(schemas: list[Schema], root: Schema) -> list[Any]:
    """Values that fit such a place, where it takes others too."""
    found: list[Any] = []
    for one in schemas:
        for part in _parts(one, root):
            found += [value for value in part.get("examples", ()) if isinstance(value, str) and value not in found]
    return found


def described(schema: Schema, root: Schema) -> str:
    """What a key means, in Markdown."""
    lines = []
    for part in _parts(schema, root):
        if part.get("description"):
            lines.append(str(part["description"]))
            break
    values = values_of([schema], root)
    if values and len(values) <= 12:
        lines.append("One of " + ", ".join(f"`{value}`" for value in values) + ".")
    if "default" in schema:
        lines.append(f"Default: `{schema['default']}`.")
    return "\n\n".join(lines)


def _into(schema: Schema, segment: str, root: Schema) -> Iterator[Schema]:
    for part in _parts(schema, root):
        if segment == ITEM:
            items = part.get("items")
            if isinstance(items, Mapping):
                yield items
        elif segment in part.get("properties", {}):
            yield part["properties"][segment]
        elif isinstance(part.get("additionalProperties"), Mapping):
            yield part["additionalProperties"]


def _parts(schema: Schema, root: Schema, depth: int = 0) -> Iterator[Schema]:
    """A schema with all that it refers to and is made of; the branches of kinds are left out, they hold no keys."""
    if depth > 8:
        return
    yield schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        yield from _parts(root.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {}), root, depth + 1)
    for word in ("allOf", "anyOf", "oneOf"):
        for inner in schema.get(word, ()):
            if isinstance(inner, Mapping) and inner.get("$ref") != "#/$defs/kinds":
                yield from _parts(inner, root, depth + 1)
    for word in ("then", "else"):
        if isinstance(schema.get(word), Mapping):
            yield from _parts(schema[word], root, depth + 1)
