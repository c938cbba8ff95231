"""Why a document differs from its schema, in one finding for each thing to change.

The only file that imports jsonschema, and it is imported only for documents that are known to be wrong. Its
errors are facts (keyword, place, value); the words are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import re2
from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from runbook.document.characters import named
from runbook.document.formats import FORMATS, SPOKEN
from runbook.document.frames.common import Schema
from runbook.document.frames.patterns import DURATION
from runbook.document.frames.patterns import SPOKEN as SPOKEN_PATTERNS
from runbook.document.places import spoken_place, spoken_value
from runbook.document.scalars import resolve
from runbook.document.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.source import Source

Pointer = tuple[str | int, ...]

_SPOKEN_TYPES: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
# of several errors about one value, the first of these says most
_TELLING: Final = ("const", "enum", "type", "pattern", "format")


class Explained(NamedTuple):
    """What is wrong, in the order of the file. `sound`: every key that is known holds a value of the right type.

    Inputs of kinds do not count: rules look at them as what they are, any JSON.
    """

    findings: list[Finding]
    sound: bool


def explain(schema: Schema, source: Source) -> Explained:
    """Findings for a document that does not fit `schema`; none if it does."""
    told: dict[tuple[Pointer, str], tuple[int, Finding]] = {}
    sound = True
    for error in _validator(schema).iter_errors(source.data):
        importance = _importance(error)
        in_inputs = "with" in list(error.absolute_path)[2:]  # of a step or a signal
        sound = sound and (error.validator != "type" or in_inputs)
        for key, finding in _findings(error, source):
            if key not in told or importance < told[key][0]:
                told[key] = importance, finding
    misnamed = {(*pointer, about[1:]) for pointer, about in told if about.startswith("?")}
    findings = [
        finding
        for (pointer, _), (_, finding) in told.items()
        if not any(pointer[:length] in misnamed for length in range(1, len(pointer) + 1))
    ]
    return Explained(sorted(findings), sound)


def _importance(error: Any) -> int:
    """Of several errors about one value, the one that says most; nothing at all is best told as a wrong type."""
    if error.instance is None or error.validator not in _TELLING:
        return -1 if error.validator == "type" else len(_TELLING)
    return _TELLING.index(error.validator)


def _validator(schema: Schema) -> Any:
    checker = FormatChecker(formats=())
    for name, check in FORMATS.items():
        checker.checks(name)(lambda value, check=check: not isinstance(value, str) or check(value))
    ours = validators.extend(Draft202012Validator, {"pattern": _pattern})
    return ours(schema, format_checker=checker)


def _pattern(_: Any, pattern: str, instance: object, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not re2.search(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


Keyed = tuple[tuple[Pointer, str], "Finding"]


def _findings(error: Any, source: Source) -> Iterator[Keyed]:
    """Each finding with what it is about: a pointer, and the key for missing and unknown keys."""
    pointer: Pointer = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        yield from _unknown_keys(error, pointer, source)
    elif error.validator == "required":
        yield from _missing_keys(error, pointer, source)
    elif "propertyNames" in error.absolute_schema_path:
        name = str(error.instance)
        message = f"'{name}' cannot be a name here{spoken_place(source.data, pointer)}"
        hint = f"expected {_expected(error.schema)}"
        yield (pointer, f"?{name}"), source.finding((*pointer, name), "RB025", message, hint, key=True)
    else:
        yield (pointer, ""), _value(error, pointer, source)


def _unknown_keys(error: Any, pointer: Pointer, source: Source) -> Iterator[Keyed]:
    known = error.schema.get("properties", {})
    for name in error.instance:
        if name in known:
            continue
        message, hint = _unknown_key(name, known, pointer, source.data)
        yield (pointer, f"+{name}"), source.finding((*pointer, name), "RB021", message, hint, key=True)


def _unknown_key(name: str, known: Mapping[str, Any], pointer: Pointer, data: Any) -> tuple[str, str | None]:
    if len(pointer) == 2 and pointer[0] == "connections" and pointer[1] not in known:
        meant = nearest(str(pointer[1]), known)
        hint = f"did you mean '{meant}' for '{pointer[1]}'?" if meant else did_you_mean(name, known, what="types are")
        return f"unknown type of connection '{name}' in connection '{pointer[1]}'", hint
    if pointer and pointer[-1] == "with" and (kind := _kind_of_step(data, pointer)):
        return f"unknown input '{name}' of {kind}{spoken_place(data, pointer)}", did_you_mean(
            name, known, what="its inputs are"
        )
    return f"unknown key '{name}'{spoken_place(data, pointer)}", did_you_mean(name, known, what="known keys are")


def _kind_of_step(data: Any, pointer: Pointer) -> str | None:
    for part in pointer[:-1]:
        data = data[part]
    uses = data.get("uses")
    return uses if isinstance(uses, str) else None


def _missing_keys(error: Any, pointer: Pointer, source: Source) -> Iterator[Keyed]:
    for name in error.validator_value:
        if name in error.instance:
            continue
        place = spoken_place(source.data, pointer)
        if pointer and pointer[-1] == "with" and (kind := _kind_of_step(source.data, pointer)):
            message = f"{kind} needs the input '{name}'{place}"
        elif name == "with" and (kind := error.instance.get("uses")):
            message = f"{kind} needs inputs{place}"
        else:
            message = f"the key '{name}' is missing{place}"
        hint = _addition(name, error)
        yield (pointer, f"-{name}"), source.finding(pointer, "RB022", message, hint)


def _addition(name: str, error: Any) -> str:
    if name == "with":
        needed = error.schema["properties"]["with"].get("required", ())
        return f"add 'with:' with {' and '.join(needed)}"
    if name == "uses":
        return "add 'uses:' with a kind of step, or 'signal:' with the name of a signal"
    described = error.schema.get("properties", {}).get(name, {})
    for example in described.get("examples", ()):
        if isinstance(example, str | int | float) and not isinstance(example, bool):
            return f"add '{name}', such as '{name}: {example}'"
    if description := described.get("description"):
        return f"add '{name}:' ({description[0].lower()}{description[1:].rstrip('.')})"
    return f"add '{name}:'"


def _value(error: Any, pointer: Pointer, source: Source) -> Finding:
    explained = _BY_KEYWORD.get(error.validator, _otherwise)
    code, problem, hint = explained(error, pointer, source)
    subject = _subject(pointer, source.data)
    return source.finding(pointer, code, f"{subject} {problem}", hint)


def _subject(pointer: Pointer, data: Any) -> str:
    if not pointer:
        return "the document"
    last = pointer[-1]
    name = f"'{last}'" if isinstance(last, str) else f"entry {last + 1} of '{pointer[-2]}'"
    return name + spoken_place(data, pointer[:-1])


Told = tuple[str, str, str | None]


def _wrong_type(error: Any, pointer: Pointer, source: Source) -> Told:
    expected = _expected(error.schema)
    got = spoken_value(error.instance, source.written(pointer))
    return "RB023", f"expects {expected}, got {got}", _type_hint(error, source.written(pointer))


def _type_hint(error: Any, written: str | None) -> str | None:
    wanted, value = error.validator_value, error.instance
    if value is None:
        return "write a value, or remove the key"
    if wanted == "string" and isinstance(value, int | float):
        if error.schema.get("pattern") == DURATION and not isinstance(value, bool):
            return f"add a unit: {written}s"
        return f'quote it: "{written}"'
    if wanted == "boolean" and isinstance(value, str):
        return "write true or false, without quotes"
    if wanted in ("integer", "number") and isinstance(value, str):
        return "write it without quotes" if _is_number(value) else None
    if wanted == "object" and set(error.schema.get("properties", ())) == {"env", "file", "command"}:
        return "credentials are never written into a document: write {env: NAME}, {file: PATH} or {command: […]}"
    if wanted == "array" and not isinstance(value, dict):
        return f"write it as a list: [{written}]"
    return None


def _is_number(text: str) -> bool:
    try:
        return isinstance(resolve(text), int | float)
    except ValueError:
        return False


def _not_one_of(error: Any, pointer: Pointer, source: Source) -> Told:
    value, words = error.instance, [str(word) for word in error.validator_value]
    got = spoken_value(value, source.written(pointer))
    if pointer and pointer[-1] == "uses":
        hint = did_you_mean(value, words) if isinstance(value, str) else None
        return "RB027", f"names no kind of step: {got}", hint or "`runbook explain kinds` lists them"
    hint = did_you_mean(value, words, what="write one of") if isinstance(value, str) else None
    return "RB024", f"expects one of {', '.join(words)}, got {got}", hint if hint and "mean" in hint else None


def _not_const(error: Any, pointer: Pointer, source: Source) -> Told:
    got = spoken_value(error.instance, source.written(pointer))
    if pointer == ("apiVersion",):
        return "RB020", f"is {got}, which this version does not read", f"supported is {error.validator_value}"
    return "RB024", f"expects {error.validator_value}, got {got}", None


def _wrong_form(error: Any, pointer: Pointer, source: Source) -> Told:
    got = spoken_value(error.instance, source.written(pointer))
    hint = None
    if error.schema.get("pattern") == DURATION:
        hint = "write a number with a unit (ms, s, m, h, d), such as 90s, 2m or 1h30m"
    elif not error.instance.isascii():  # a letter that looks like another
        hint = f"it holds {named(next(c for c in error.instance if not c.isascii()))}"
    return "RB025", f"expects {_expected(error.schema)}, got {got}", hint


def _expected(schema: Mapping[str, Any]) -> str:
    if pattern := schema.get("pattern"):
        if pattern in SPOKEN_PATTERNS:
            return SPOKEN_PATTERNS[pattern]
        return f"text that matches {pattern}"
    if form := schema.get("format"):
        return SPOKEN.get(form, f"text in the format {form}")
    types = schema.get("type", "a value")
    spoken = [_SPOKEN_TYPES.get(word, word) for word in ([types] if isinstance(types, str) else types)]
    return " or ".join(spoken)


def _out_of_range(error: Any, _: Pointer, __: Source) -> Told:
    limit, value = error.validator_value, error.instance
    plural = "" if limit == 1 else "s"
    problem = {
        "minimum": f"is {value}, but {limit} is the smallest allowed",
        "maximum": f"is {value}, but {limit} is the largest allowed",
        "exclusiveMinimum": f"is {value}, but must be more than {limit}",
        "exclusiveMaximum": f"is {value}, but must be less than {limit}",
        "multipleOf": f"is {value}, but must be a multiple of {limit}",
        "minLength": "is empty" if value == "" else f"is shorter than {limit} characters",
        "maxLength": f"is longer than {limit} characters",
        "minItems": "is an empty list" if not value else f"has fewer than {limit} entries",
        "maxItems": f"has more than {limit} entries",
        "uniqueItems": "names the same entry twice",
        "minProperties": "is empty" if not value else f"needs {limit} keys or more",
        "maxProperties": f"takes {limit} key{plural}, got {len(value) if isinstance(value, dict) else ''}",
    }[error.validator]
    hint = "name somebody, or remove the key" if error.validator == "minItems" and not value else None
    return "RB026", problem, hint


def _otherwise(error: Any, pointer: Pointer, source: Source) -> Told:
    got = spoken_value(error.instance, source.written(pointer))
    if error.validator is None:
        return "RB021", "may not stand here", "remove it"
    described = error.schema.get("description")
    return "RB025", f"is {got}, which is not allowed here", described[:1].lower() + described[1:] if described else None


_RANGES: Final = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
)  # fmt: skip
_BY_KEYWORD: Final[Mapping[str, Callable[[Any, Pointer, Source], Told]]] = {
    "type": _wrong_type,
    "enum": _not_one_of,
    "const": _not_const,
    "pattern": _wrong_form,
    "format": _wrong_form,
    **dict.fromkeys(_RANGES, _out_of_range),
}
