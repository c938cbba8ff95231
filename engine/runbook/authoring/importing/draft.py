"""A draft: a document as plain data, what was not understood of its source, and the text of both.

What nobody but a person can know stands in it as TODO: a value that is valid, and that nobody can miss.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from runbook.authoring.draft_text import commented
from runbook.authoring.emit import emitted, literal

TODO: Final = "TODO"
_ID = 48
# A shell's `$NAME` and `${NAME}`, a person's `<name>`, Go's `{{ $labels.name }}`.
_HOLE = re.compile(
    r"\{\{\s*\$labels\.(?P<label>[A-Za-z_]\w*)\s*\}\}|\$\{(?P<braced>[A-Za-z_]\w*)\}|\$(?P<plain>[A-Za-z_]\w*)"
    r"|<(?P<angle>[A-Za-z][A-Za-z0-9 _.-]{0,40})>"
)
_ORDER: Final = (
    "apiVersion", "kind", "name", "title", "service", "owners", "severity", "reviewed", "tags", "description", "about",
    "caution", "impact", "links", "parameters", "symptoms", "triage", "resolution", "verification", "communication",
    "escalation", "finally",
)  # fmt: skip


class Left(NamedTuple):
    """Something that was not understood: where (a line, or a path), what, and what became of it."""

    where: str
    what: str
    kept: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}; {self.kept}"


class Draft(NamedTuple):
    """The document, and what was not understood of its source.

    `further` are documents of the same file that stand beside it, each a draft of its own.
    """

    document: dict[str, Any]
    left: tuple[Left, ...] = ()
    further: tuple[Draft, ...] = ()

    def text(self, origin: str) -> str:
        """The YAML of the draft; above it, what a person must look at. UsageError for words that no document holds."""
        head = [f"Drafted of {origin}. Read it line by line before anybody runs it; TODO marks what is missing."]
        if self.left:
            head += ["Not understood:", *(f"  {left}" for left in self.left)]
        return commented(*head) + "\n" + emitted(self.document)


class Ids:
    """Ids of titles, each once; `options` and steps of a document share one space."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = {}

    def of(self, words: str, otherwise: str = "step") -> str:
        """An id that says the same as the words."""
        stem = re.sub(r"[^a-z0-9]+", "_", plain(words)).strip("_")[:_ID].strip("_")
        stem = stem if stem[:1].isalpha() else f"{otherwise}_{stem}".strip("_")
        id_, count = stem, self._counts.get(stem, 1)
        while id_ in self._taken:
            count += 1
            id_ = f"{stem}_{count}"
        self._counts[stem] = count
        self._taken.add(id_)
        return id_


class Parameters:
    """The parameters that the commands of a draft turned out to need."""

    def __init__(self) -> None:
        self.used: dict[str, dict[str, Any]] = {}
        self._variables: dict[str, str] = {}

    def declare(self, name: str, variable: str, definition: dict[str, Any]) -> None:
        """A parameter that the source declares; its shell calls it `variable`."""
        self.used[name] = definition
        self._variables[variable] = name

    def within(self, text: str) -> str:
        """The template of a word: placeholders and variables are parameters, everything else is itself."""
        said, at = "", 0
        for found in _HOLE.finditer(text):
            name = self._named(found)
            said += f"{literal(text[at : found.start()])}{{{{ params.{name} }}}}"
            at = found.end()
        return said + literal(text[at:])

    def name_of(self, variable: str) -> str:
        """The parameter that a variable of the source stands for."""
        return self._variables.get(variable, variable)

    def _named(self, found: re.Match[str]) -> str:
        label = found["label"]
        words = label or found["braced"] or found["plain"] or found["angle"]
        if words in self._variables:
            return self._variables[words]
        name = re.sub(r"[^a-z0-9]+", "_", plain(words)).strip("_")
        name = name if name[:1].isalpha() else f"value_{name}".strip("_")
        if name not in self.used:
            alert = {"from_alert": f"labels.{label}"} if label else {}
            self.used[name] = {"type": "string", "description": TODO, **alert}
        return name


def plain(text: str) -> str:
    """Lower-case words without accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def ordered(document: Mapping[str, Any]) -> dict[str, Any]:
    """The keys in the order that people know; those that say nothing are left out."""
    return {key: document[key] for key in _ORDER if document.get(key) not in (None, "", [], {})}


def completed(document: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    """The document with a TODO for everything that a runbook should have, and nobody wrote."""
    missing: dict[str, Any] = {
        "apiVersion": "runbook/v1",
        "kind": "Runbook",
        "owners": [TODO],
        "impact": f"{TODO}: what users notice.",
        "symptoms": [{"alert": TODO}],
        "escalation": {"to": TODO.lower()},
    }
    given = {key: value for key, value in document.items() if value not in (None, "", [], {})}
    whole = {**missing, **given}
    ids.of(TODO)  # the id of the alert that is missing
    if not whole.get("resolution"):
        text = f"{TODO}: what is done about it?"
        step = {"id": ids.of("todo_resolve"), "uses": "manual.do", "with": {"text": text}}
        whole["resolution"] = [{"id": ids.of("todo"), "title": TODO, "steps": [step]}]
    checks = (whole.get("verification") or {}).get("checks") or []
    if not checks:
        checks = [never(ids, "How is it known that it helped? Until that is written here, nothing says so.")]
    whole["verification"] = {"checks": checks}
    return ordered(whole)


def never(ids: Ids, text: str, title: str = "Is the trouble over?") -> dict[str, Any]:
    """A check that never passes, in the place of one that nobody can write but a person."""
    return {
        "id": ids.of(f"todo_{title}"),
        "title": f"{TODO}: {title}",
        "description": text,
        "uses": "command.run",
        "with": {"argv": ["false"], "effect": "read"},
    }
