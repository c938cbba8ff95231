"""Which words of a command are values of this run: where they stand, a draft writes the parameter instead.

A value counts where it stands by itself (`host=api-1`, not `api-10`), and only if it says something: `1` or `true`
stand for themselves. Longer values go first, so that `api-1.prod` is not taken for `api-1`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runbook.authoring.emit import literal
from runbook.document.model import Parameter

SHORTEST = 3  # characters of a value that says something
_DULL = frozenset({"true", "false", "none", "null", "yes", "alertname", "critical", "warning", "info"})
_TYPES = {bool: "boolean", int: "integer", float: "number"}


class Proposals:
    """The parameters that a draft may use, and those of them that it does use (`used`).

    `values` are the run's parameters, `known` how its runbook declares them, `labels` those of the alert.
    """

    def __init__(self, values: Mapping[str, Any], known: Mapping[str, Parameter], labels: Mapping[str, Any]) -> None:
        self._definitions: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}
        for name, value in values.items():
            if name in known and known[name].secret:
                continue
            self._offer(name, value, _declared(value, known.get(name)))
        for label, value in labels.items():
            name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
            if label != "alertname" and re.match(r"[a-z]", name) and re.fullmatch(r"[A-Za-z_]\w*", label, re.ASCII):
                self._offer(name, value, {"type": "string", "from_alert": f"labels.{label}"})
        words = sorted(self._names, key=len, reverse=True)
        self._found = re.compile(
            rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, words))})(?![A-Za-z0-9])" if words else r"(?!)"
        )
        self.used: dict[str, dict[str, Any]] = {}

    def _offer(self, name: str, value: Any, definition: dict[str, Any]) -> None:
        text = str(value)
        if isinstance(value, bool | list | dict) or len(text) < SHORTEST or text.lower() in _DULL:
            return
        if name not in self._definitions and text not in self._names:
            self._definitions[name], self._names[text] = definition, name

    def within(self, text: str) -> str:
        """The template of a text, with parameters where their values stand."""
        said, at = "", 0
        for found in self._found.finditer(text):
            name = self._names[found[0]]
            self.used.setdefault(name, self._definitions[name])
            said += f"{literal(text[at : found.start()])}{{{{ params.{name} }}}}"
            at = found.end()
        return said + literal(text[at:])

    def named_in(self, text: str) -> list[str]:
        """The parameters whose values stand in a text that can hold no template."""
        return list(dict.fromkeys(self._names[found[0]] for found in self._found.finditer(text)))


def _declared(value: Any, known: Parameter | None) -> dict[str, Any]:
    """A parameter as its runbook says it, as far as a draft needs it; its value where that says nothing."""
    definition: dict[str, Any] = {"type": known.type if known else _TYPES.get(type(value), "string")}
    if known is None:
        return definition
    if known.description:
        definition["description"] = known.description
    if not known.required:
        definition["default"] = known.default
    if known.from_alert:
        definition["from_alert"] = known.from_alert
    return definition
