"""Declared outputs that can be read as they are written: a kind that yields something, a way, a path, a type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from runbook.document import paths, regexes
from runbook.document.declared import WAYS, type_of
from runbook.document.language.static import spoken, types
from runbook.document.model import Output, Parameter
from runbook.document.parameters import TYPES, value_problem
from runbook.document.places import spoken_place
from runbook.document.rules.walk import Checked, Phase, Pointer, Site
from runbook.document.spec import KindSpec
from runbook.document.suggest import did_you_mean
from runbook.document.words import Role

if TYPE_CHECKING:
    from runbook.document.findings import Finding

CODE: Final = "RB047"

# What a bare name already means in `expect`, or could never mean; `status` and `verdict` are the step's own.
_TAKEN: Final = frozenset(
    {"params", "steps", "target", "alert", "incident", "run", "runbook", "env", "status", "verdict"}
)
_GRAMMAR: Final = frozenset({"and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "for", "endfor"})


def sound_outputs(doc: Checked) -> Iterator[Finding]:
    """Every declared output has a name of its own and one way to be read, which fits the kind."""
    for site in doc.sites:
        raw, spec = doc.raw(site.pointer).get("outputs"), doc.spec(site)
        if not raw or spec is None or site.phase is Phase.ITEM:
            continue
        if spec.role not in (Role.PROBE, Role.ACTION):
            message = f"'outputs'{spoken_place(doc.source.data, site.pointer)}: {spec.name} yields nothing to read"
            yield doc.source.finding((*site.pointer, "outputs"), CODE, message, "remove 'outputs'", key=True)
            continue
        for name in raw:
            one = _Declared(doc, site, spec, name)
            yield from one.named()
            yield from one.readable()


class _Declared:
    """One declared output where it stands."""

    def __init__(self, doc: Checked, site: Site, spec: KindSpec, name: str) -> None:
        self.doc = doc
        self.spec = spec
        self.name = name
        self.output: Output = site.step.outputs[name]
        self.place: Pointer = (*site.pointer, "outputs", name)
        self.said = f"the output '{name}'{spoken_place(doc.source.data, site.pointer)}"
        self.known: Mapping[str, Any] = spec.outputs.get("properties", {})

    def wrong(self, part: tuple[str, ...], message: str, hint: str | None = None) -> Finding:
        return self.doc.source.finding((*self.place, *part), CODE, f"{self.said}: {message}", hint, key=not part)

    def named(self) -> Iterator[Finding]:
        """Its name is free."""
        name = self.name
        reason: str | None = None
        if name in self.known:
            reason = f"{self.spec.name} has an output '{name}' already"
        elif name in _TAKEN:
            reason = f"'{name}' means something else in expressions"
        elif name in _GRAMMAR:
            reason = f"'{name}' is a word of the expressions' grammar"
        if reason:
            yield self.doc.source.finding(self.place, "RB030", f"{self.said}: {reason}", "rename it", key=True)

    def readable(self) -> Iterator[Finding]:
        """One way; a source that the kind has; a path, a pattern, a line that can be; a default that fits."""
        ways = [word for word in WAYS if getattr(self.output, word) is not None]
        if len(ways) != 1:
            says = f"says {' and '.join(ways)}" if ways else "does not say how it is read"
            yield self.wrong((), says, f"write one of {', '.join(WAYS)}")
            return
        yield from self._source(ways[0])
        if ways[0] in ("json", "path"):
            yield from self._path(ways[0])
        elif ways[0] == "regex":
            yield from self._regex()
        elif self.output.line == 0:
            yield self.wrong(("line",), "there is no line 0", "lines count from 1, or from -1 at the end")
        yield from self._default()

    def _source(self, read_by: str) -> Iterator[Finding]:
        source, parsed = self.output.from_, read_by != "path"
        if source is None:
            if parsed and self.spec.text is None:
                texts = [name for name, schema in self.known.items() if types(schema) == {"string"}]
                instead = f"say 'from': {', '.join(texts)}" if texts else "use 'path'"
                yield self.wrong((), f"{self.spec.name} has no text of its own to be read by '{read_by}'", instead)
            return
        if source not in self.known:
            if not self._open():
                hint = did_you_mean(source, self.known, what="it has")
                yield self.wrong(("from",), f"{self.spec.name} has no output '{source}'", hint)
        elif parsed and types(self.known[source]) and "string" not in types(self.known[source]):
            message = f"'{read_by}' reads text, and '{source}' is {spoken(types(self.known[source]))}"
            yield self.wrong(("from",), message, "use 'path'")

    def _open(self) -> bool:
        return bool(self.spec.outputs.get("additionalProperties"))

    def _path(self, key: str) -> Iterator[Finding]:
        text = getattr(self.output, key)
        try:
            path = paths.parse(text)
        except paths.PathError as error:
            finding = self.wrong((key,), f"{text!r} is no path: {error}", error.hint)
            line, column = self.doc.source.text_at((*self.place, key), 1, error.at + 1)
            yield msgspec.structs.replace(finding, line=line, column=column)
            return
        if key == "path" and self.output.from_ is None:
            first = path.parts[0]
            if not isinstance(first, str) or (first not in self.known and not self._open()):
                hint = did_you_mean(str(first), self.known, what="it has") if isinstance(first, str) else None
                hint = hint or f"its outputs are {', '.join(self.known)}"
                yield self.wrong((key,), f"{self.spec.name} has no output '{path.until(1)}'", hint)
        if path.maps and self.output.type not in (None, "array"):
            yield self.wrong(("type",), f"a path with [*] gives a list, not {self.output.type}", "write 'type: array'")

    def _regex(self) -> Iterator[Finding]:
        try:
            regexes.compiled(self.output.regex or "")
        except ValueError as error:
            yield self.wrong(("regex",), f"the pattern cannot be used: {error}", regexes.hint(str(error)))

    def _default(self) -> Iterator[Finding]:
        kind, default = type_of(self.output), self.output.default
        if kind not in TYPES or default is msgspec.UNSET or default is None:
            return
        if problem := value_problem(Parameter(type=kind), default):
            yield self.wrong(("default",), f"its default {problem}", "correct it, or the type")
