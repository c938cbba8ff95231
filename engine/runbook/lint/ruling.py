"""Ask the rules about documents: which there are, and what they find in each.

Rules see a library that is whole, so this comes after everything was loaded and linked. Each document is asked about
by itself, wherever there is a processor for it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from runbook.lint.rule import About, Rule, Rulebook
from runbook.lint.rules import MODULES

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.spec import Specs
    from runbook.lint.library import Entry, Library
    from runbook.lint.switches import Switches


@cache
def every_rule() -> tuple[Rule, ...]:
    """All rules, in the order of their codes."""
    return tuple(import_module(f"runbook.lint.rules.{name}").RULE for name in MODULES)


def ruled(entry: Entry, library: Library, specs: Specs, rulebook: Rulebook, switches: Switches) -> list[Finding]:
    """What the rules find in one document, those that its project has not switched off."""
    about = About(entry, library, specs, rulebook.today, rulebook.alerts)
    found: list[Finding] = []
    for rule in rulebook.rules:
        if isinstance(entry.document, rule.of) and rulebook.asks(rule):
            severity = switches.severity(rule.code, entry.path, rule.severity)
            found += about.ask(rule, severity) if severity else ()
    return found
