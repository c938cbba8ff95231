"""Entries of `commands.read` that mean less, or far more, than they look like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.argvs import ANY, has_a_star_of_its_own
from runbook.document.findings import Severity
from runbook.document.model import CommandEntry, Policy
from runbook.document.rules.walk import Checked, Pointer

if TYPE_CHECKING:
    from runbook.document.findings import Finding


def meant_entries(doc: Checked) -> Iterator[Finding]:
    """A warning: a star within a word stands for itself, and one for the program believes whatever is run."""
    assert isinstance(doc.document, Policy)  # noqa: S101
    for i, entry in enumerate(doc.document.commands.read):
        there = isinstance(entry, CommandEntry)
        place: Pointer = ("commands", "read", i, *(("argv",) if there else ()))
        for j, word in enumerate(entry.argv if isinstance(entry, CommandEntry) else entry):
            if j == 0 and word == ANY:
                message, hint = "'*' for the program believes every command of this length", "name the program"
            elif has_a_star_of_its_own(word):
                message = f"the '*' in '{word}' stands for itself"
                hint = "write '*' for any one argument, or '--name=*' for an option with any value"
            else:
                continue
            yield doc.source.finding((*place, j), "RB077", message, hint, severity=Severity.WARNING)
