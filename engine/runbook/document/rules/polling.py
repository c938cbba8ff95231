"""`until`: only where something can pass, only on reads, and with time for more than one look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.durations import spoken
from runbook.document.rules.timing import LONGEST
from runbook.document.rules.walk import Checked

if TYPE_CHECKING:
    from runbook.document.findings import Finding


def possible_polls(doc: Checked) -> Iterator[Finding]:
    """A probe with an expectation, its own or its kind's, that has time to be observed again."""
    for site in doc.sites:
        until, spec = site.step.until, doc.spec(site)
        if until is None or spec is None:
            continue
        place = (*site.pointer, "until")
        if not doc.is_probe(site):
            message = f"'until' observes again, and {spec.name} is not a probe here"
            yield doc.source.finding(place, "RB038", message, "put a probe with 'until' after this step", key=True)
        elif not site.step.expect and not spec.expect:
            message = f"'until' waits for 'expect' to pass; '{site.step.id}' has none, and {spec.name} none of its own"
            yield doc.source.finding(place, "RB042", message, "add 'expect:'", key=True)
        if until.every < 1:
            yield doc.source.finding(
                (*place, "every"), "RB039", "looks cannot be less than 1s apart", "write 1s or more"
            )
        elif until.within < until.every:
            message = f"within {spoken(until.within)} there is one look only, with {spoken(until.every)} between looks"
            yield doc.source.finding((*place, "within"), "RB039", message, "write a longer 'within'")
        if until.within > LONGEST:
            message = f"'until' within {spoken(until.within)} is longer than {spoken(LONGEST)}"
            yield doc.source.finding((*place, "within"), "RB039", message, "write a shorter time")
