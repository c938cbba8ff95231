"""The one door from a file's bytes to a document: parse, hold to the schema, build, check.

All findings of a file come together: what the checks find stands beside what the schema found wherever the
document can still be built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from runbook.document import schema
from runbook.document.build import Document, build
from runbook.document.checks import check
from runbook.document.findings import Finding, Severity
from runbook.document.includes import expanded
from runbook.document.model import Runbook, Steps
from runbook.document.places import spoken_value
from runbook.document.source import Source, read
from runbook.document.suggest import did_you_mean
from runbook.errors import DocumentError

if TYPE_CHECKING:
    from runbook.document.explain import Explained
    from runbook.document.others import Others
    from runbook.document.spec import Specs


class Loaded(NamedTuple):
    """A document that can be used. `findings` are warnings only."""

    kind: str
    document: Document
    source: Source
    findings: tuple[Finding, ...]


def load(
    data: bytes, specs: Specs, *, path: str = "<input>", others: Others | None = None, by_hand: bool = False
) -> Loaded:
    """Load one document of any kind; DocumentError with every error and warning if it cannot be used.

    `path` is only what findings call the file; nothing is read but `data`. With the `others` that it refers to, steps
    are put in the place of its includes, and what it says of other documents is held to them; without, its includes
    are left out and nothing is said about them. `by_hand`: the engine wrote it of what a person does by hand, who sees
    for themselves whether it helped, and may take days.
    """
    source, findings = read(data, path)
    kind = _kind(source, findings)
    misfit = schema.problems(kind, source, specs)
    if misfit is None:
        document: Document | None = build(kind, source.data, specs)
    else:
        findings += misfit.findings
        document = _salvaged(kind, misfit, source, specs)
    if others is not None:
        document = _whole(document, others)
    if document is not None:
        findings += check(document, source, specs, others, by_hand=by_hand)
    ordered = sorted(set(findings))
    if document is None or any(finding.severity is Severity.ERROR for finding in ordered):
        raise DocumentError(ordered)
    return Loaded(kind, document, source, tuple(ordered))


def _whole(document: Document | None, others: Others) -> Document | None:
    """The document with the steps of others in the place of its includes."""
    if isinstance(document, Runbook):
        return expanded(document, others.steps)
    return expanded(document, others.steps) if isinstance(document, Steps) else document


def _kind(source: Source, findings: list[Finding]) -> str:
    kind = source.data.get("kind")
    if isinstance(kind, str) and kind in schema.KINDS:
        return kind
    known = ", ".join(schema.KINDS)
    if "kind" not in source.data:
        finding = source.finding((), "RB020", "the key 'kind' is missing", f"add 'kind:' with one of {known}")
    else:
        got = spoken_value(kind, source.written(("kind",)))
        hint = did_you_mean(str(kind), schema.KINDS, what="kinds are")
        finding = source.finding(("kind",), "RB020", f"{got} is not a kind of document", hint)
    raise DocumentError([*findings, finding])


def _salvaged(kind: str, misfit: Explained, source: Source, specs: Specs) -> Document | None:
    """The document as far as it goes, so that rules can speak too; None where its own shape is wrong."""
    if not misfit.sound:
        return None
    try:
        return build(kind, source.data, specs)
    except (msgspec.ValidationError, LookupError, ValueError):  # a key that is missing, a word that is none
        return None
