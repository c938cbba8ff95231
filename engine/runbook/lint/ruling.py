"""Ask the rules about documents: which there are, and what they find in each.

Rules see a library that is whole, so this comes after everything was loaded and linked. Each document is asked about
by itself, wherever there is a processor for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from runbook.lint.lint import Settled
from runbook.lint.rule import About, Rule, Rulebook
from runbook.lint.rules import MODULES
from runbook.lint.switches import Switches, settled

if TYPE_CHECKING:
    from runbook.document.findings import Finding, Severity
    from runbook.document.spec import Specs
    from runbook.lint.library import Entry, Library


@cache
def every_rule() -> tuple[Rule, ...]:
    """All rules, in the order of their codes."""
    return tuple(import_module(f"runbook.lint.rules.{name}").RULE for name in MODULES)


class Ruling:
    """The rules asked about the documents of a library, each as its project wants it.

    `everywhere`: documents are held to every environment, so that what is not found is nowhere.
    """

    def __init__(self, library: Library, specs: Specs, rulebook: Rulebook, *, everywhere: bool) -> None:
        self._library = library
        self._specs = specs
        self._rulebook = rulebook
        self._everywhere = everywhere
        self._switches = Switches(library, rulebook)
        self._asked: dict[tuple[Path, type], list[tuple[Rule, Severity]]] = {}

    def settled(self, entry: Entry, found: Iterable[Finding]) -> Settled:
        """What counts of what was found about a document, and of what the rules find in it if it can be used."""
        usable = not self._library.is_unusable(entry)
        every = {*found, *(self._asked_about(entry) if usable else ())}
        return settled(entry, every, self._rulebook, self._switches, told=usable and self._everywhere)

    def counted(self, findings: Iterable[Finding]) -> list[Finding]:
        """What counts of what was found in files that are no documents."""
        return self._switches.of(findings)

    def _asked_about(self, entry: Entry) -> list[Finding]:
        about = About(entry, self._library, self._specs, self._rulebook.today, self._rulebook.alerts)
        found: list[Finding] = []
        for rule, severity in self._rules(entry):
            found += about.ask(rule, severity)
        return found

    def _rules(self, entry: Entry) -> list[tuple[Rule, Severity]]:
        """The rules over documents of this kind that are not switched off in this folder."""
        key = (entry.path.parent, type(entry.document))
        if key not in self._asked:
            able = [one for one in self._rulebook.rules if key[1] in one.of and self._rulebook.asks(one)]
            severities = [self._switches.severity(one.code, entry.path, one.severity) for one in able]
            self._asked[key] = [(one, severity) for one, severity in zip(able, severities, strict=True) if severity]
        return self._asked[key]
