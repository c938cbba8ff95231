"""The algebra of static types: JSON Schemas reduced to what is certain about them.

Null is left out everywhere, since every output may be null at night; a schema made of `anyOf` and the like
means anything, which is written as no types at all.
"""

from __future__ import annotations

from collections.abc import Mapping

from runbook.document.spec import JSONSchema

ANYTHING: JSONSchema = {}
_COMBINED = ("allOf", "anyOf", "oneOf", "not", "if", "$ref", "$dynamicRef")
_FAMILY = {"integer": "number", "number": "number"}
_WORDS = {
    "array": "a list",
    "boolean": "a boolean",
    "integer": "a number",
    "null": "null",
    "number": "a number",
    "object": "a map",
    "string": "a string",
}


def types(schema: JSONSchema | None) -> frozenset[str]:
    """The types that a schema allows beside null; empty means anything."""
    if not schema or any(word in schema for word in _COMBINED):
        return frozenset()
    declared = schema.get("type", ())
    listed = declared if isinstance(declared, list | tuple) else (declared,)
    return frozenset(word for word in listed if isinstance(word, str)) - {
        "null"
    }  # `items` of an author may hold others


def entry_of(schema: JSONSchema) -> JSONSchema:
    """The schema of a list's entries."""
    if types(schema) != {"array"}:
        return ANYTHING
    items = schema.get("items")
    return items if isinstance(items, Mapping) and "prefixItems" not in schema else ANYTHING


def of_constant(value: object) -> JSONSchema:
    """The schema of a constant."""
    if value is None:
        return {"type": "null"}
    for kind, word in ((bool, "boolean"), (int, "integer"), (float, "number")):
        if isinstance(value, kind):
            return {"type": word}
    return {"type": "string"}


def either(schemas: list[JSONSchema]) -> JSONSchema:
    """A schema that all of them fit: the same one, else their types, else anything."""
    if all(schema == schemas[0] for schema in schemas):
        return schemas[0]
    if all(map(types, schemas)):
        words = sorted(frozenset().union(*map(types, schemas)))
        return {"type": words[0] if len(words) == 1 else words}
    return ANYTHING


def misfit(sign: str, left: frozenset[str], right: frozenset[str]) -> str | None:
    """Why two types can never be compared so; None when they can, or when it is not certain."""
    if sign in ("in", "not in"):
        if right and not {"array", "object", "string"} & right:
            return f"'{sign}' looks into a list, a map or a string, not into {spoken(right)}"
        if left and right <= {"string", "object"} and right and "string" not in left:
            return f"{spoken(left)} can never be in {spoken(right)}"
        return None
    families = [frozenset(_FAMILY.get(word, word) for word in side) for side in (left, right)]
    if sign not in ("==", "!="):
        for side in families:
            if side and not {"number", "string"} & side:
                return f"'{sign}' compares numbers or strings, not {spoken(side)}"
    if left and right and not families[0] & families[1]:
        verb = "is never equal to" if sign in ("==", "!=") else "cannot be compared with"
        return f"{spoken(left)} {verb} {spoken(right)}"
    return None


def spoken(kinds: frozenset[str]) -> str:
    """Types as messages say them: `a number or a string`."""
    return " or ".join(sorted({_WORDS.get(word, word) for word in kinds})) or "something"
