"""What readings mean: each entry says when it is said, the last resort stands last, options pointed to exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.document.model import Runbook
from runbook.document.rules.walk import Checked
from runbook.document.suggest import did_you_mean

if TYPE_CHECKING:
    from runbook.document.findings import Finding


def readable_meanings(doc: Checked) -> Iterator[Finding]:
    """`if` or `else`, never both; `else` once and last; `points_to` an option of this runbook."""
    options = [option.id for option in doc.document.resolution] if isinstance(doc.document, Runbook) else []
    for site in doc.sites:
        last = len(site.step.means) - 1
        for i, entry in enumerate(site.step.means):
            place = (*site.pointer, "means", i)
            if entry.if_ and entry.else_:
                message = "'if' and 'else' stand in the same entry of 'means'"
                yield doc.source.finding((*place, "else"), "RB046", message, "make two entries of it", key=True)
            elif not entry.if_ and not entry.else_:
                message, hint = (
                    "the entry of 'means' has neither 'if' nor 'else'",
                    "say when it is said: 'if: value > 5'",
                )
                yield doc.source.finding(place, "RB022", message, hint)
            elif entry.else_ and i < last:
                message = "'else' is not the last entry of 'means', so what follows would never be said"
                yield doc.source.finding((*place, "else"), "RB046", message, "move it to the end", key=True)
            if entry.points_to and entry.points_to not in options:
                hint = did_you_mean(entry.points_to, options, what="options are") or "add it under 'resolution:'"
                message = f"there is no option '{entry.points_to}'"
                yield doc.source.finding((*place, "points_to"), "RB035", message, hint)
