"""Whether a JSON Schema only grew: what the older one accepts, the newer one must accept too.

Not a theorem prover: it knows the words that our schemas are written in, and takes what it does not know for narrower.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_TALK = {"description", "examples", "title", "$comment", "$defs", "$schema", "$id", "deprecated", "default"}
_LEAST = {"minimum", "minLength", "minItems", "minProperties"}
_MOST = {"maximum", "maxLength", "maxItems", "maxProperties"}
_INSIDE = {"items", "additionalProperties", "propertyNames", "then", "else"}
_WIDER = {("^[A-Za-z]+$", "^[A-Za-z][A-Za-z0-9]*$")}  # patterns, of which the second takes all that the first took
_OF_MAPS = {"properties", "required", "additionalProperties", "propertyNames"}


class Growth:
    """Compares two composed schemas, each with its own `$defs`."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str]] = set()

    def narrowed(self) -> list[str]:
        """Places where the newer schema refuses what the older one took, in words."""
        return list(self._compared(self._old, self._new, "$"))

    def _compared(self, old: Any, new: Any, at: str) -> Iterator[str]:
        if not isinstance(old, dict) or not isinstance(new, dict):
            if old is not False and new is not True and old != new:
                yield f"{at}: was {old}, is {new}"
            return
        if "$ref" in old and "$ref" in new:
            pair = (old["$ref"], new["$ref"])
            if pair in self._seen:
                return
            self._seen.add(pair)
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        while (chosen := _chosen_before(old, new)) is not None:
            new = _resolved(chosen, self._new)
        while (decided := _as_for_older_documents(old, new)) is not new:
            new = decided
        words = (new.keys() | old.keys()) - _TALK
        if _takes_all(old, new):
            words -= {"enum", "pattern", "minLength"}
        for word in words:
            yield from self._word(word, old, new, at)

    def _word(self, word: str, old: Schema, new: Schema, at: str) -> Iterator[str]:
        if word in _OF_MAPS and old.get("type") in ("array", "string"):
            return  # says nothing of a list or a text, and there was nothing else
        if word == "properties":
            yield from self._properties(old, new, at)
        elif word == "allOf":
            yield from self._branches(old.get(word, []), new.get(word, []), at)
        elif word == "if":
            if word in new and old.get(word) != new[word]:
                yield f"{at}: another condition"
        elif word in _INSIDE:
            if word in new and word in old:
                yield from self._compared(old[word], new[word], f"{at}/{word}")
            elif word in new and word not in ("then", "else"):
                yield f"{at}: {word} is new"
        elif _narrower(word, old.get(word), new.get(word)):
            yield f"{at}: {word} was {old.get(word)}, is {new.get(word)}"

    def _properties(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        mine, yours = old.get("properties", {}), new.get("properties", {})
        for name, schema in mine.items():
            if name in yours:
                yield from self._compared(schema, yours[name], f"{at}/{name}")
            elif new.get("additionalProperties") is False:
                yield f"{at}: '{name}' is gone"
        if old.get("additionalProperties") is not False:
            for name in yours.keys() - mine.keys():
                yield from self._named(old.get("additionalProperties"), yours[name], f"{at}: '{name}'", at)

    def _named(self, old: Any, new: Schema, what: str, at: str) -> Iterator[str]:
        """A name that had no shape of its own may get one beside that of all names, told apart by the keys inside."""
        inside = set(new.get("if", {}).get("propertyNames", {}).get("enum", ()))
        if isinstance(old, dict) and inside >= old.get("properties", {}).keys() > set():
            yield from self._compared(old, new["then"], at)
        else:
            yield f"{what} is now given a shape"

    def _branches(self, old: list[Schema], new: list[Schema], at: str) -> Iterator[str]:
        """Branches by condition: each of the newer ones must have been there, or speak of a word that is new."""
        for branch in new:
            same = next((one for one in old if _condition(one) == _condition(branch)), None)
            if same is not None:
                yield from self._compared(same, branch, f"{at}/{_condition(branch)}")
            elif "if" not in branch:
                yield f"{at}: a further demand {branch}"


def _takes_all(old: Schema, new: Schema) -> bool:
    """Whether a text of any form takes the place of one of a few words, each of which is of that form."""
    listed = old.get("enum", ())
    return bool(listed) and "enum" not in new and all(re.search(new.get("pattern", "$^"), word) for word in listed)


def _condition(branch: Schema) -> str:
    return str(branch.get("if") or branch.get("$ref") or branch)


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    target: Any = root
    for part in schema["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**target, **{word: value for word, value in schema.items() if word != "$ref"}}


def _chosen_before(old: Schema, new: Schema) -> Schema | None:
    """Of a bare choice between shapes by a key that did not exist: the shape that older documents have."""
    keys = set(new.get("if", {}).get("required", ()))
    if not keys or "properties" in new or old.get("additionalProperties") is not False:
        return None
    if keys & old["properties"].keys():
        return None
    chosen: Schema = new.get("else", {})
    return chosen


def _as_for_older_documents(old: Schema, new: Schema) -> Schema:
    """A choice by a key that did not exist is always decided in the same way by documents that were written before."""
    keys = new.get("if", {}).get("required", ())
    if not keys or "if" in old or old.get("additionalProperties") is not False or set(keys) & old["properties"].keys():
        return new
    plain = {word: value for word, value in new.items() if word not in ("if", "then", "else")}
    otherwise = new.get("else", {})
    return {**plain, **otherwise, "required": [*plain.get("required", ()), *otherwise.get("required", ())]}


def _narrower(word: str, old: Any, new: Any) -> bool:
    if new is None:
        return False
    if word in ("enum", "type"):
        return old is None or not set(_listed(old)) <= set(_listed(new))
    if word == "required":
        return not set(new) <= set(old or ())
    if word in _LEAST:
        return bool(old is None or new > old)
    if word in _MOST:
        return bool(old is None or new < old)
    return bool(old != new) and (old, new) not in _WIDER


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
