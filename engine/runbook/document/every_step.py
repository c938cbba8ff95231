"""Every step that a run of a runbook may come to, its evidence plan's included, in the order of the document."""

from __future__ import annotations

from collections.abc import Iterator

from runbook.document.model import EvidencePlan, Runbook, Step


def every_step(book: Runbook, evidence: EvidencePlan | None) -> Iterator[Step]:
    """Symptoms, triage, evidence, options, checks, the end."""
    yield from (symptom.probe for symptom in book.symptoms if symptom.probe)
    yield from book.triage
    yield from evidence.items if evidence else ()
    for option in book.resolution:
        yield from option.every
    yield from book.checks
    yield from book.finally_
