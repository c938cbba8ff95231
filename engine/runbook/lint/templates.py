"""A project's own message templates, `templates/NAME.md` beside its configuration: they can be read, and what they name
exists. They are found with the configuration; nobody sends a message on the day that one is written. What is not there
is a warning: the message goes out all the same, and says *unknown*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runbook.document.characters import decode
from runbook.document.expressions import ExpressionError
from runbook.document.findings import Finding, Severity
from runbook.document.message_templates import MessageTemplate, message_template
from runbook.document.suggest import did_you_mean
from runbook.errors import DocumentError
from runbook.lint.environments import lacking
from runbook.lint.files import read
from runbook.lint.library import Entry, Library

NAMES: Final = ("params", "steps", "alert", "incident", "run", "runbook", "env", "target", "next_update")


def sound_templates(entry: Entry, library: Library) -> Iterator[Finding]:
    """What is wrong with the templates beside a configuration, each finding in the template's own file."""
    folder = entry.path.parent / "templates"
    for path in sorted(folder.glob("*.md")):
        try:
            text = decode(read(path, folder), str(path))
            template = message_template(text)
        except DocumentError as error:
            yield from error.findings
        except ExpressionError as error:
            place = (error.line, error.column)
            yield _finding(path, place, "RB031", f"the template cannot be read: {error.message}", error.hint)
        else:
            yield from _of_names(path, template)
            yield from _of_values(path, template, entry, library)


def _of_names(path: Path, template: MessageTemplate) -> Iterator[Finding]:
    for name in sorted({reference[0] for reference in template.references} - set(NAMES)):
        hint = did_you_mean(name, NAMES, what="there are")
        at = _position(template.text, rf"\b{name}\b")
        yield _finding(path, at, "RB032", f"there is no name '{name}' here", hint, Severity.WARNING)


def _of_values(path: Path, template: MessageTemplate, entry: Entry, library: Library) -> Iterator[Finding]:
    places = library.surroundings(entry.path)
    if not places or places[0][0] is None:
        return
    for lack in lacking(template.references, places):
        at = _position(template.text, rf"\benv\s*(\.|\[\s*['\"])\s*{re.escape(lack.key)}\b")
        yield _finding(path, at, "RB059", lack.message, lack.hint, Severity.WARNING)


def _position(text: str, pattern: str) -> tuple[int, int]:
    found = re.search(pattern, text)
    at = found.start() if found else 0
    return text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1


def _finding(
    path: Path, place: tuple[int, int], code: str, message: str, hint: str | None, severity: Severity = Severity.ERROR
) -> Finding:
    line, column = place
    return Finding(path=str(path), line=line, column=column, code=code, message=message, hint=hint, severity=severity)
