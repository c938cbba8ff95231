"""What playbooks and jobs of other tools have in common: steps in a row that a machine was meant to do.

Their commands ran unseen before; here every one of them that may change something is planned, shown and approved. A
command that is plain words keeps being one (`command.run`), a script a script (`shell.run`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from runbook.authoring.emit import literal
from runbook.authoring.importing.commands import lines, words
from runbook.authoring.importing.draft import TODO, Ids, Parameters, plain
from runbook.document.expressions import LONGEST_TEMPLATE

# A tool's own way to name a value: its pattern, whose first group is the name.
Values = re.Pattern[str]


class Machine:
    """Makes the steps of one document."""

    def __init__(self, ids: Ids, parameters: Parameters, values: Values, named: Callable[[str], str]) -> None:
        self._ids = ids
        self._parameters = parameters
        self._values = values
        self._named = named

    def by_hand(self, title: str, text: str, description: str = "") -> dict[str, Any]:
        """A step that a person does."""
        keys = self._keys(title or text, description)
        return {**keys, "uses": "manual.do", "with": {"text": self._template(text)}}

    def command(self, title: str, text: str, description: str = "") -> Iterator[dict[str, Any]]:
        """The steps of a command: kinds where it is known, else itself."""
        shell = self._values.sub(lambda found: f"${{{self._named(found[1])}}}", text.strip())
        found = lines(shell, self._parameters)
        if len(found) == 1 and found[0].steps:
            for at, step in enumerate(found[0].steps):
                keys = self._keys(title or step.uses.partition(".")[2], description if at == 0 else "")
                yield {**keys, "uses": step.uses, "with": step.inputs}
            return
        argv = words(shell) if "\n" not in shell else None
        if argv:
            inputs: dict[str, Any] = {"argv": [self._parameters.within(word) for word in argv]}
            yield {**self._keys(title or argv[0], description), "uses": "command.run", "with": inputs}
            return
        yield self.script(title, text, description)

    def script(self, title: str, text: str, description: str = "", shell: list[str] | None = None) -> dict[str, Any]:
        """A script, with the tool's values as variables of its own: nothing is put into its text."""
        names: dict[str, str] = {}

        def variable(found: re.Match[str]) -> str:
            name = self._named(found[1])
            self._parameters.within(f"${{{name}}}")
            names[name.upper()] = f"{{{{ params.{self._parameters.name_of(name)} }}}}"
            return f"${{{name.upper()}}}"

        said = literal(self._values.sub(variable, text.strip("\n")))
        inputs: dict[str, Any] = {"script": said}
        inputs |= {"shell": shell} if shell else {}
        inputs |= {"values": names} if names else {}
        return {**self._keys(title or text, description), "uses": "shell.run", "with": inputs}

    def _keys(self, title: str, description: str) -> dict[str, Any]:
        first = title.strip().split("\n", 1)[0][:80].strip() or "step"
        keys = {"id": self._ids.of(first), "title": first}
        return keys | ({"description": description.strip()} if description.strip() else {})

    def _template(self, text: str) -> str:
        said, at = "", 0
        for found in self._values.finditer(text):
            name = self._named(found[1])
            self._parameters.within(f"${{{name}}}")
            said += f"{literal(text[at : found.start()])}{{{{ params.{self._parameters.name_of(name)} }}}}"
            at = found.end()
        said += literal(text[at:])
        return said if len(said) <= LONGEST_TEMPLATE else f"{TODO}: {text[:200]}"


def parameter_name(words_: str) -> str:
    """A name that a parameter can have: `Target Host` → `target_host`."""
    name = re.sub(r"[^a-z0-9]+", "_", plain(words_)).strip("_")
    return name if name[:1].isalpha() else f"value_{name}".strip("_")
