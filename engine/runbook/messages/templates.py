"""The words of a message: a template by its name, or a text that the runbook carries itself.

Four templates are built in. A project's own of the same name stands in for one: `templates/NAME.md` beside
`runbook.yaml`, which `lookup` brings as bytes (no file is opened here). Every template is rendered over what
expressions see (`params steps alert incident run runbook env target`) and `next_update`: when the next message is due,
in words, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from runbook.document.characters import decode
from runbook.document.expressions import ExpressionError, Unknown
from runbook.document.findings import Finding
from runbook.document.message_templates import message_template
from runbook.document.suggest import did_you_mean
from runbook.errors import DocumentError, UsageError, WorldError

Lookup = Callable[[str], bytes | None]  # a template's name → the bytes of the project's file; None without one

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)

_HEADING = """\
{{ incident.severity | default(runbook.severity) | default('Incident') }}: \
{{ incident.title | default(runbook.title) }}
"""

_FACTS = """\
- Impact: {{ runbook.impact | default('not known yet') }}
- Started: {{ incident.started | default(run.started) }}
- Affected: {{ incident.affected | default(runbook.service) | default('not known yet') }}
- Lead: {{ incident.lead | default(run.initiator) }}
"""

_NEXT = "- Next update: {{ next_update | default('when something changes') }}\n"


def _built_in(status: str, *further: str) -> str:
    return f"{_HEADING}\n- Status: {status}\n{_FACTS}{''.join(further)}"


BUILT_IN: Mapping[str, str] = {
    "initial": _built_in("investigating; the symptoms are confirmed", _NEXT),
    "update": _built_in(
        "being worked on",
        "- Trying: {{ run.option | default('to find the cause') }}\n",
        _NEXT,
    ),
    "resolved": _built_in(
        "resolved, {{ 'as a person attests' if run.attested | default(false) else 'and verified' }}",
        "- What helped: {{ run.option | default('nothing that the runbook did') }}\n",
        "- Next update: none is due\n",
    ),
    "escalated": _built_in(
        "not resolved by the runbook; a person is needed",
        "- Last tried: {{ run.option | default('nothing') }}\n",
        "- To see all of it: runbook log show {{ run.id }}\n",
        _NEXT,
    ),
}


class Rendered(NamedTuple):
    """A message's text, and why each `unknown` in it is one."""

    text: str
    unknowns: tuple[str, ...]


def render(template: str | None, text: str | None, scope: Mapping[str, object], lookup: Lookup) -> Rendered:
    """The words of a message that names a template, or else carries its text.

    UsageError for a template that there is not, DocumentError for one that may not be used, WorldError for a
    message that grows beyond its limits (64 KiB, 1,000 rounds of its loops).
    """
    path, source = ("message", text or "") if template is None else _source(template, lookup)
    try:
        words, unknowns = message_template(source).render(scope)
    except ExpressionError as error:
        raise DocumentError([_finding(path, error)]) from error
    except Unknown as error:
        raise WorldError(f"{path} gives no text: {error.reason}") from error
    return Rendered(words.strip("\n"), tuple(unknowns))


def _source(name: str, lookup: Lookup) -> tuple[str, str]:
    """Where a template stands, and its text; the project's own first."""
    path = f"templates/{name}.md"
    data = lookup(name) if _NAME.fullmatch(name) else None
    if data is not None:
        return path, decode(data, path)
    if name not in BUILT_IN:
        hint = did_you_mean(name, BUILT_IN, what="built in are")
        raise UsageError(f"no message template '{name}': there is no {path}, and none is built in", hint=hint)
    return f"template '{name}'", BUILT_IN[name]


def _finding(path: str, error: ExpressionError) -> Finding:
    return Finding(
        path=path,
        line=error.line,
        column=error.column,
        code="RB031",
        message=error.message,
        hint=error.hint,
    )
