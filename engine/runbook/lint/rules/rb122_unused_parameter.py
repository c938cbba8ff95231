"""RB122: a parameter that changes nothing.

Where a document says `params` in a way that is not plain, every parameter counts as used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Finding, Severity
from runbook.document.model import EvidencePlan, Runbook, Steps
from runbook.lint.rule import Rule
from runbook.lint.samples import TRIAGE, runbook

if TYPE_CHECKING:
    from runbook.lint.rule import About

_WORD: Final = b"params"
_KEY: Final = re.compile(rb"\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*['\"]([A-Za-z_]\w*)['\"]\s*\])")
_INSIDE: Final = re.compile(rb"\w")

_BAD = "parameters:\n  host: {type: string, default: smtp.example.net}\n"


def check(about: About) -> Iterator[Finding]:
    """Every parameter is named by some text of the document."""
    document = about.document
    assert isinstance(document, Runbook | Steps | EvidencePlan)  # noqa: S101 - `Rule.of` says so
    unused = _unnamed(set(document.parameters), about.entry.data)
    if unused and isinstance(document, Runbook):
        unused -= _taken_over(about, document)
        for message in document.communication:
            if unused and message.template:
                unused = _unnamed(unused, about.library.template(message.template, about.entry.path))
    for name in (name for name in document.parameters if name in unused):
        message_ = f"the parameter '{name}' is used nowhere: whatever it is set to, nothing is done otherwise"
        yield about.finding(("parameters", name), message_, f"write {{{{ params.{name} }}}} where it counts", key=True)


def _unnamed(names: set[str], data: bytes) -> set[str]:
    """Those of the names that a text does not use."""
    named: set[str] = set()
    at = data.find(_WORD)
    while at >= 0:
        end = at + len(_WORD)
        if not (_INSIDE.match(data, end) or (at and _INSIDE.match(data, at - 1))):
            key = _KEY.match(data, end)
            if key is None:
                return set()
            named.add((key[1] or key[2]).decode())
        at = data.find(_WORD, end)
    return names - named


def _taken_over(about: About, document: Runbook) -> set[str]:
    """Parameters that its evidence plan takes by their names."""
    if document.evidence is None:
        return set()
    plan = about.library.named(EvidencePlan, document.evidence.plan, about.entry.path)
    return set(plan.parameters) if plan is not None else set(document.parameters)


RULE = Rule(
    code="RB122",
    name="unused-parameter",
    severity=Severity.WARNING,
    title="A parameter that nothing uses",
    why=(
        "Somebody sets `-p host=smtp-2.example.net` at night, and the runbook looks at the host that is written into "
        "it. The record says that it was set, so in the morning everybody believes that it was looked at."
    ),
    instead="Use it where the fixed value stands, or remove it.",
    bad=runbook(_BAD, TRIAGE),
    good=runbook(_BAD, TRIAGE.replace("smtp.example.net", '"{{ params.host }}"')),
    check=check,
    of=(Runbook, Steps, EvidencePlan),
)
