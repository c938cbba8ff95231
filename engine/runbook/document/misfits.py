"""A value that does not fit its schema, in words: what is expected, what was found, what to write instead.

Takes a validator's error for its facts (keyword, limit, value) and gives code, problem and hint; the caller knows
whose value it is. Imported only by `explain.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from runbook.document.characters import named
from runbook.document.formats import SPOKEN as SPOKEN_FORMATS
from runbook.document.frames.patterns import DURATION
from runbook.document.frames.patterns import SPOKEN as SPOKEN_PATTERNS
from runbook.document.places import spoken_value
from runbook.document.scalars import resolve
from runbook.document.suggest import did_you_mean, slip_of

if TYPE_CHECKING:
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
_BOOLEANS: Final = dict.fromkeys(("yes", "on", "y"), "in YAML 1.2 that is a text; write true") | dict.fromkeys(
    ("no", "off", "n"), "in YAML 1.2 that is a text; write false"
)
_PLAIN: Final = re.compile(r"[\w.+-]+", re.ASCII)
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)  # `0777` may be meant as another number
Told = tuple[str, str, str | None]  # code, the rest of a sentence about the value, hint


def told_of_value(error: Any, pointer: Pointer, source: Source) -> Told:
    """What an error says of the value at `pointer`."""
    return _BY_KEYWORD.get(error.validator, _otherwise)(error, pointer, source)


def _wrong_type(error: Any, pointer: Pointer, source: Source) -> Told:
    got = spoken_value(error.instance, source.written(pointer))
    return "RB023", f"expects {expected(error.schema)}, got {got}", _type_hint(error, source.written(pointer))


def _type_hint(error: Any, written: str | None) -> str | None:
    wanted, value = error.validator_value, error.instance
    if value is None:
        return "write a value, or remove the key"
    if wanted == "string" and isinstance(value, int | float):
        if error.schema.get("pattern") == DURATION and not isinstance(value, bool):
            return f"add a unit: {written}s"
        return f'quote it: "{written}"'
    if wanted == "boolean" and isinstance(value, str):
        return _BOOLEANS.get(value.lower(), "write true or false, without quotes")
    if "object" not in wanted and isinstance(value, dict) and (said := _broken(value)):
        return f'quote it, if text is meant: "{said}"'
    if wanted in ("integer", "number") and isinstance(value, str):
        return "write it without quotes" if _is_number(value) else None
    if wanted == "object" and set(error.schema.get("properties", ())) == {"env", "file", "command"}:
        return "credentials are never written into a document: write {env: NAME}, {file: PATH} or {command: […]}"
    if wanted == "object" and set(error.schema.get("properties", ())) == {"file"}:
        return f"write {{file: {written}}}" if isinstance(value, str) else "write {file: PATH}"
    if wanted == "array" and not isinstance(value, dict):
        return f"write it as a list: [{written}]"
    return None


def meant(error: Any, written: str | None) -> str | None:
    """What somebody who wrote a value that does not fit plainly meant, as YAML; None where that may be another thing.

    A length of time without a unit is one of those: it may be seconds or minutes.
    """
    if written is None or not _PLAIN.fullmatch(written):
        return None
    if error.validator == "type":
        return _meant_by_type(error, written)
    if error.validator == "const" and error.validator_value is True and isinstance(error.instance, str):
        return "true" if _boolean(written) == "true" else None
    if error.validator == "enum" and isinstance(error.instance, str):
        words = [word for word in error.validator_value if isinstance(word, str)]
        return slip_of(written, [word for word in words if re.sub(r"\D", "", word) == re.sub(r"\D", "", written)])
    return None


def _meant_by_type(error: Any, written: str) -> str | None:
    wanted, value = error.validator_value, error.instance
    if wanted == "string" and isinstance(value, int | float) and error.schema.get("pattern") != DURATION:
        return f'"{written}"'
    if wanted == "boolean" and isinstance(value, str):
        return _boolean(written)
    if wanted in ("integer", "number") and isinstance(value, str) and _DECIMAL.fullmatch(value):
        return written
    return None


def _boolean(written: str) -> str | None:
    """`true` or `false`, for what YAML 1.1 reads as one of them."""
    return _BOOLEANS.get(written.lower(), "").rpartition(" ")[2] or None


def _broken(value: Mapping[str, Any]) -> str | None:
    """The text that a list's entry `Host: x` was meant to be."""
    [(key, rest), *more] = value.items() or [("", None)]
    return f"{key}: {rest}" if key and not more and isinstance(rest, str | int | float) else None


def _is_number(text: str) -> bool:
    try:
        return isinstance(resolve(text), int | float)
    except ValueError:
        return False


def _not_one_of(error: Any, pointer: Pointer, source: Source) -> Told:
    value, words = error.instance, [str(word) for word in error.validator_value]
    got = spoken_value(value, source.written(pointer))
    if pointer and pointer[-1] == "uses":
        name, _, version = value.partition("@") if isinstance(value, str) else ("", "", "")
        if version and name in words:
            return "RB027", _no_version(name, version, words), f"write {name}, which stays as it is"
        hint = did_you_mean(value, words) if isinstance(value, str) else None
        return "RB027", f"names no kind of step: {got}", hint or "`runbook explain` lists those installed"
    hint = did_you_mean(value, words, what="write one of") if isinstance(value, str) else None
    return "RB024", f"expects one of {', '.join(words)}, got {got}", hint if hint and "mean" in hint else None


def _no_version(name: str, version: str, words: list[str]) -> str:
    """A kind's name means its first version for ever; later ones are kinds of their own, `name@2`."""
    later = ", ".join(word for word in sorted(words) if word.startswith(f"{name}@"))
    if version == "1":
        return f"names version 1 of {name}, which is written without it"
    return f"names version {version} of {name}, which is not installed{f'; there is {later}' if later else ''}"


def _not_const(error: Any, pointer: Pointer, source: Source) -> Told:
    got = spoken_value(error.instance, source.written(pointer))
    if pointer == ("apiVersion",):
        return "RB020", f"is {got}, which this version does not read", f"supported is {error.validator_value}"
    wanted = {True: "true", False: "false"}.get(error.validator_value, error.validator_value)
    return "RB024", f"expects {wanted}, got {got}", None


def _wrong_form(error: Any, pointer: Pointer, source: Source) -> Told:
    got = spoken_value(error.instance, source.written(pointer))
    hint = None
    if error.schema.get("pattern") == DURATION:
        hint = "write a number with a unit (ms, s, m, h, d), such as 90s, 2m or 1h30m"
    elif not error.instance.isascii():  # a letter that looks like another
        hint = f"it holds {named(next(c for c in error.instance if not c.isascii()))}"
    return "RB025", f"expects {expected(error.schema)}, got {got}", hint


def expected(schema: Mapping[str, Any]) -> str:
    """What a schema asks of a value, in words."""
    if pattern := schema.get("pattern"):
        if pattern in SPOKEN_PATTERNS:
            return SPOKEN_PATTERNS[pattern]
        return f"text that matches {pattern}"
    if form := schema.get("format"):
        return SPOKEN_FORMATS.get(form, f"text in the format {form}")
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
    hint = None
    if error.validator == "minItems" and not value:
        hint = "add an entry, or remove the key"
    elif error.validator in ("minProperties", "maxProperties") and (known := error.schema.get("properties")):
        hint = f"it takes {', '.join(known)}" if limit > 1 else f"write one of {', '.join(known)}"
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
