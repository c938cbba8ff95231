"""Why a document differs from its schema, in one finding for each thing to change.

The only file that imports jsonschema, and it is imported only for documents that are known to be wrong. Its
errors are facts (keyword, place, value); the words are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import re2
from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from runbook.document.formats import FORMATS
from runbook.document.frames.common import Schema
from runbook.document.frames.config import CONNECTION_TYPES
from runbook.document.misfits import expected, meant, told_of_value
from runbook.document.places import spoken_place
from runbook.document.suggest import did_you_mean, nearest, slip_of

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.source import Source

Pointer = tuple[str | int, ...]

_NAME: Final = re.compile(r"[\w.-]+")

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
        hint = f"expected {expected(error.schema)}"
        if error.validator == "not":
            message = f"'{name}' cannot stand beside the other keys{spoken_place(source.data, pointer)}"
            hint = "remove one of them"
        yield (pointer, f"?{name}"), source.finding((*pointer, name), "RB025", message, hint, key=True)
    else:
        yield (pointer, ""), _value(error, pointer, source)


def _unknown_keys(error: Any, pointer: Pointer, source: Source) -> Iterator[Keyed]:
    known = error.schema.get("properties", {})
    for name in error.instance:
        if name in known:
            continue
        message, hint = _unknown_key(name, known, pointer, source.data)
        if error.instance[name] is None and not _NAME.fullmatch(name):
            hint = "a comma ends a text without quotes inside of { }; put quotes around the whole value before it"
        meant = slip_of(name, known)
        fix = (source.edit_key((*pointer, name), meant),) if meant and meant not in error.instance else ()
        yield (pointer, f"+{name}"), source.finding((*pointer, name), "RB021", message, hint, key=True, fix=fix)


def _unknown_key(name: str, known: Mapping[str, Any], pointer: Pointer, data: Any) -> tuple[str, str | None]:
    if len(pointer) == 2 and pointer[0] == "connections" and known.keys() >= set(CONNECTION_TYPES):
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
    code, problem, hint = told_of_value(error, pointer, source)
    better = meant(error, source.written(pointer))
    fix = (source.edit(pointer, better),) if better else ()
    return source.finding(pointer, code, f"{_subject(pointer, source.data)} {problem}", hint, fix=fix)


def _subject(pointer: Pointer, data: Any) -> str:
    if not pointer:
        return "the document"
    last = pointer[-1]
    name = f"'{last}'" if isinstance(last, str) else f"entry {last + 1} of '{pointer[-2]}'"
    return name + spoken_place(data, pointer[:-1])
