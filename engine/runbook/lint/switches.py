"""Which findings count, and how much: as a project's configuration says, and the exceptions in its documents.

What makes a document unusable (RB0xx, an error) cannot be switched off.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from runbook.document.findings import Finding, Severity
from runbook.document.model import Config
from runbook.lint.exceptions import MARK, Exceptions
from runbook.lint.library import Entry, Library
from runbook.lint.lint import Settled
from runbook.lint.rule import Rulebook
from runbook.lint.unsound import CODE, unknown_rules, unsound

OFF: Final = "off"


class Switches:
    """What configurations say about rules."""

    def __init__(self, library: Library, rulebook: Rulebook) -> None:
        self._library = library
        self._codes = {rule.name: rule.code for rule in rulebook.rules}
        self._said: dict[Path, dict[str, str]] = {}

    def code(self, name: str) -> str:
        """The code of a rule that is called by its code or its name."""
        return self._codes.get(name, name)

    def severity(self, code: str, path: Path, default: Severity) -> Severity | None:
        """How severe a finding is in the project of a file; None where it does not count."""
        said = self._of(path).get(code)
        if said is None or (default is Severity.ERROR and code.startswith("RB0")):
            return default
        return None if said == OFF else Severity(said)

    def of(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that count, each as severe as its project wants it."""
        kept = []
        for finding in findings:
            severity = self.severity(finding.code, Path(finding.path), finding.severity)
            if severity is finding.severity:
                kept.append(finding)
            elif severity is not None:
                kept.append(msgspec.structs.replace(finding, severity=severity))
        return kept

    def _of(self, path: Path) -> dict[str, str]:
        if path.parent not in self._said:
            project = self._library.config(path)
            rules = project[1].lint.rules if project else {}
            self._said[path.parent] = {self.code(name): said for name, said in rules.items()}
        return self._said[path.parent]


def settled(
    entry: Entry, findings: Iterable[Finding], rulebook: Rulebook, switches: Switches, *, told: bool
) -> Settled:
    """What counts of the findings about a document. `told`: every rule was asked, in every environment."""
    kept = switches.of(findings)
    allowed = 0
    about: list[Finding] = []
    if MARK in entry.data:
        left, about = _after_exceptions(entry, kept, rulebook, switches, told=told)
        allowed = len(kept) - len(left)
        kept = left
    if isinstance(entry.document, Config):
        about += unknown_rules(entry, entry.document, rulebook.rules)
    return Settled(kept + switches.of(about), allowed)


def _after_exceptions(
    entry: Entry, findings: list[Finding], rulebook: Rulebook, switches: Switches, *, told: bool
) -> tuple[list[Finding], list[Finding]]:
    """The findings that no exception allows, and what is wrong with the exceptions."""
    exceptions = Exceptions(entry.source)
    used: set[tuple[int, str]] = set()

    def holding(finding: Finding) -> list[tuple[int, str]]:
        """The exceptions that allow it, each by its place, with the name that they call it by."""
        if finding.path != str(entry.path) or not may_be_allowed(finding):
            return []
        named = ((one, name) for one in exceptions.of(finding.line) if one.reason for name in one.names)
        return [(one.start, name) for one, name in named if switches.code(name) == finding.code]

    left = []
    for finding in findings:
        used.update(allowing := holding(finding))
        left += [] if allowing else [finding]
    asked = {
        rule.code
        for rule in rulebook.rules
        if told and rulebook.tells(rule) and switches.severity(rule.code, entry.path, rule.severity) is not None
    }
    unusable = frozenset(finding.code for finding in findings if not may_be_allowed(finding))
    about: list[Finding] = []
    for one in exceptions.every:
        vain = [(name, switches.code(name)) for name in one.names if (one.start, name) not in used]
        about += unsound(one, vain, entry.source, rulebook.rules, asked - {CODE}, unusable)
    return left, [finding for finding in about if not holding(finding)]


def may_be_allowed(finding: Finding) -> bool:
    """False for what makes a document unusable."""
    return finding.severity is Severity.WARNING or not finding.code.startswith("RB0")
