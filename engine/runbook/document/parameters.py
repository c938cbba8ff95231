"""Values of parameters: held to what the document says of them, all problems at once.

Text becomes another type only where text is all there is (`-p NAME=VALUE`, a label of an alert), by
`from_text`. Patterns are whole-string matches.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NoReturn

import msgspec

from runbook.document.model import Parameter, Value
from runbook.document.places import spoken_value
from runbook.document.regexes import compiled as compiled_pattern
from runbook.document.suggest import did_you_mean
from runbook.errors import ParameterError

TYPES: Final = ("string", "integer", "number", "boolean", "array", "object")
_REFERENCES: Final = ("env", "file", "command")
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,16}", re.ASCII)
_DECIMAL: Final = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?", re.ASCII)


def validate_parameters(parameters: Mapping[str, Parameter], given: Mapping[str, Value]) -> dict[str, Value]:
    """Every parameter's value, defaults applied, in the document's order; ParameterError with all problems."""
    problems = []
    for name in given.keys() - parameters.keys():
        hint = did_you_mean(name, parameters, what="parameters are")
        problems.append(f"there is no parameter '{name}'" + (f"; {hint}" if hint else ""))
    values: dict[str, Value] = {}
    for name, parameter in parameters.items():
        value = given.get(name, parameter.default)
        if value is msgspec.UNSET:
            problems.append(f"the parameter '{name}' must be given{_described(parameter)}")
        elif problem := value_problem(parameter, value):
            problems.append(f"the parameter '{name}' {problem}")
        else:
            values[name] = int(value) if parameter.type == "integer" and not parameter.secret else value
    if problems:
        raise ParameterError("\n".join(sorted(problems)))
    return values


def values_from_alert(parameters: Mapping[str, Parameter], alert: Mapping[str, Value]) -> dict[str, Value]:
    """What an alert (as Alertmanager sends it) says about parameters with `from_alert`; absent labels give nothing.

    ParameterError when a label's text is not a value of the parameter's type.
    """
    values, problems = {}, []
    for name, parameter in parameters.items():
        if not parameter.from_alert:
            continue
        where, _, key = parameter.from_alert.partition(".")
        text = alert.get(where, {}).get(key)
        if not isinstance(text, str):
            continue
        try:
            values[name] = from_text(parameter, text)
        except ValueError as error:
            problems.append(f"the parameter '{name}' (from the alert's {parameter.from_alert}) {error}")
    if problems:
        raise ParameterError("\n".join(problems))
    return values


def from_text(parameter: Parameter, text: str) -> Value:
    """The value that text stands for; ValueError with the rest of a sentence about the parameter."""
    if parameter.secret:
        return _reference(text)
    if parameter.type == "string":
        return text
    try:
        return _FROM_TEXT[parameter.type](text)
    except ValueError:
        raise ValueError(f"expects {_SPOKEN[parameter.type]}, got {spoken_value(text, text)}") from None


def value_problem(parameter: Parameter, value: Value) -> str | None:
    """Why a parameter does not accept a value, as the rest of a sentence; None if it does."""
    if parameter.secret:
        return (
            None
            if _is_reference(value)
            else "takes a reference ({env: NAME}, {file: PATH} or {command: […]}), never a value"
        )
    if not _TYPES[parameter.type](value):
        return f"expects {_SPOKEN[parameter.type]}, got {spoken_value(value, None)}"
    if parameter.enum is not None and value not in parameter.enum:
        hint = (
            did_you_mean(value, [word for word in parameter.enum if isinstance(word, str)])
            if isinstance(value, str)
            else None
        )
        words = ", ".join(map(str, parameter.enum))
        near = f"; {hint}" if hint and hint.startswith("did") else ""
        return f"expects one of {words}, got {spoken_value(value, None)}{near}"
    return _limit_problem(parameter, value)


def _limit_problem(parameter: Parameter, value: Value) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if parameter.minimum is not None and value < parameter.minimum:
            return f"is {value}, and the smallest allowed is {_plain(parameter.minimum)}"
        if parameter.maximum is not None and value > parameter.maximum:
            return f"is {value}, and the largest allowed is {_plain(parameter.maximum)}"
    if isinstance(value, str):
        if parameter.min_length is not None and len(value) < parameter.min_length:
            return f"has {len(value)} characters, and the fewest allowed are {parameter.min_length}"
        if parameter.max_length is not None and len(value) > parameter.max_length:
            return f"has {len(value)} characters, and the most allowed are {parameter.max_length}"
        if parameter.pattern is not None and not _matcher(parameter.pattern)(value):
            return f"must match {parameter.pattern} as a whole, got {spoken_value(value, None)}"
    if isinstance(value, list) and parameter.items is not None:
        accepts = _items_validator(json.dumps(parameter.items))
        for position, entry in enumerate(value, 1):
            if not accepts(entry):
                return f"does not accept its entry {position}, {spoken_value(entry, None)}"
    return None


def pattern_problem(parameter: Parameter) -> str | None:
    """Why a parameter's pattern cannot be used; None if it can, or if there is none."""
    if parameter.pattern is None:
        return None
    try:
        _matcher(parameter.pattern)
    except ValueError as error:
        return str(error)
    return None


def items_problem(parameter: Parameter) -> str | None:
    """Why a parameter's `items` is not a schema that can be used; None if it is, or if there is none."""
    if parameter.items is None:
        return None
    try:
        _items_validator(json.dumps(parameter.items))
    except ValueError as error:
        return str(error)
    return None


def _matcher(pattern: str) -> Callable[[str], bool]:
    whole = compiled_pattern(pattern)
    return lambda text: whole.fullmatch(text) is not None


@lru_cache(maxsize=256)
def _items_validator(items: str) -> Callable[[Value], bool]:
    from jsonschema_rs import ValidationError

    from runbook.document.schema import compiled

    if '"$ref"' in items:
        raise ValueError("it refers to another schema, and nothing is ever fetched")
    try:
        return compiled(json.loads(items)).is_valid
    except ValidationError as error:
        raise ValueError(f"it is not a JSON Schema ({error.message})") from None


def _reference(text: str) -> Value:
    if text.startswith("{"):
        value = _json(text)
    else:
        kind, separator, rest = text.partition(":")
        value = {kind: rest} if separator and kind != "command" else None
    if not _is_reference(value):
        raise ValueError('takes a reference: env:NAME, file:PATH or \'{"command": ["…"]}\'')
    return value


def _is_reference(value: Value) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    [(kind, target)] = value.items()
    if kind == "command":
        return isinstance(target, list) and bool(target) and all(isinstance(word, str) and word for word in target)
    return kind in _REFERENCES and isinstance(target, str) and bool(target)


def _integer(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError
    return int(text)


def _number(text: str) -> float:
    if not _DECIMAL.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError
    return int(text) if _WHOLE.fullmatch(text) else float(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError
    return text == "true"


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_not_json)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _not_json(word: str) -> NoReturn:
    raise ValueError(word)


def _is_number(value: Value) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole or (isinstance(value, float) and math.isfinite(value))


def _plain(number: float) -> str:
    return f"{number:g}" if abs(number) < 1e6 else str(int(number) if number == int(number) else number)


def _described(parameter: Parameter) -> str:
    return f" ({parameter.description.rstrip('.')})" if parameter.description else ""


_FROM_TEXT: Final[Mapping[str, Callable[[str], Value]]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _json,
    "object": _json,
}
_TYPES: Final[Mapping[str, Callable[[Value], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _is_number(value) and value == int(value),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_SPOKEN: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list (JSON)",
    "object": "a mapping (JSON)",
}
