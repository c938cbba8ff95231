"""Which alerts a silence is for: matchers as amtool writes them, read, spelt and held to say something.

    alertname="DiskFull"   instance!=web-1   job=~"api|web"   team!~"dba|storage"

Every matcher has to fit. A value after `=` stands as it is, or in double quotes with backslashes before quotes and
backslashes. A value from an alert belongs in a mapping of labels, where nothing in it can turn into an operator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from runbook.errors import ParameterError

_WRITTEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\n])*)"', re.DOTALL)
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A pattern that takes all of these takes whatever comes.
_ANYTHING = ("a", "0", "API", "some-value.example.com:9100", "/a/b c", "ü~")
_EXAMPLE = "write it as name=value, name!=value, name=~pattern or name!~pattern"


class Matcher(msgspec.Struct, frozen=True, order=True):
    """One condition on one label."""

    name: str
    operator: str
    value: str

    def __str__(self) -> str:
        value = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.operator}"{value}"'

    @property
    def wire(self) -> dict[str, Any]:
        """As Alertmanager's API has it."""
        return {
            "name": self.name,
            "value": self.value,
            "isRegex": self.operator.endswith("~"),
            "isEqual": not self.operator.startswith("!"),
        }

    @property
    def selects(self) -> bool:
        """Whether there is an alert that has the label and does not fit, and an alert without it does not fit."""
        return not self._fits("") and not all(map(self._fits, _ANYTHING))

    def _fits(self, text: str) -> bool:
        if self.operator in ("=", "!="):
            found = text == self.value
        else:
            found = _pattern(self.value, self.name).fullmatch(text) is not None
        return found is not self.operator.startswith("!")


def read(value: Any) -> tuple[Matcher, ...]:
    """The matchers of a rendered input, sorted, each once. ParameterError for what is none."""
    if isinstance(value, Mapping):
        found = [_labelled(name, wanted) for name, wanted in value.items()]
    elif isinstance(value, list | tuple):
        found = [_written(text) for text in value]
    else:
        raise ParameterError(f"step input 'matchers' must be a list or a mapping of labels, got {value!r}")
    for matcher in found:
        if matcher.operator.endswith("~"):
            _pattern(matcher.value, matcher.name)
    return tuple(sorted(set(found)))


def spelt(value: Any) -> str:
    """Matchers as they stand in a step, templates and all, for people."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={wanted}" for name, wanted in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _labelled(name: Any, value: Any) -> Matcher:
    if not _LABEL.fullmatch(str(name)):
        raise ParameterError(f"step input 'matchers': {name!r} cannot be the name of a label")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ParameterError(f"step input 'matchers': the value of {name} must be text, got {value!r}")
    return Matcher(str(name), "=", str(value))


def _written(text: Any) -> Matcher:
    found = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ParameterError(f"step input 'matchers': {text!r} is no matcher", hint=_EXAMPLE)
    name, operator, value = found.groups()
    if value.startswith('"'):
        quoted = _QUOTED.fullmatch(value)
        if quoted is None:
            hint = r"inside of quotes write \" for a quote and \\ for a backslash"
            raise ParameterError(f"step input 'matchers': the quotes of {text!r} do not fit", hint=hint)
        value = re.sub(r"\\(.)", lambda escape: "\n" if escape[1] == "n" else escape[1], quoted[1])
    return Matcher(name, operator, value)


def _pattern(pattern: str, name: str) -> Any:
    """Compiled by the engine that Alertmanager's own is the model of; a pattern matches whole values."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        why = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ParameterError(f"step input 'matchers': the pattern of {name} cannot be read: {why}") from error
