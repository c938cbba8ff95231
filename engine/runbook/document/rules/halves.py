"""Inputs that mean something only together with another one: half of it says nothing, and nobody would notice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.findings import Severity
from runbook.document.rules.walk import Checked

if TYPE_CHECKING:
    from runbook.document.findings import Finding

_NEEDS: Final = {"prometheus.query": {"present": "empty_means"}}  # the other half is demanded by the kind's schema


def whole_inputs(doc: Checked) -> Iterator[Finding]:
    """A warning, since what is missing changes nothing: without it the step does what it always did."""
    for site in doc.sites:
        for key, other in _NEEDS.get(site.step.uses, {}).items():
            inputs = doc.raw(site.pointer).get("with", {})
            if key in inputs and other not in inputs:
                message = f"'{key}' is not looked at without '{other}'"
                place = (*site.pointer, "with", key)
                hint = f"add '{other}', or remove '{key}'"
                yield doc.source.finding(place, "RB069", message, hint, key=True, severity=Severity.WARNING)
