"""Messages and escalation: each says one thing, once, at one time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from runbook.document.model import Runbook
from runbook.document.rules.walk import Checked

if TYPE_CHECKING:
    from runbook.document.findings import Finding

_PAIRS: Final = (
    ("at", "every", "say when it is sent: 'at: start', or 'every: 15m'"),
    ("template", "text", "say what is sent: 'template: initial', or 'text:'"),
)


def exact_messages(doc: Checked) -> Iterator[Finding]:
    """`at` or `every`, and `template` or `text`: exactly one of each."""
    for i, entry in enumerate(doc.source.data.get("communication", [])):
        for one, other, hint in _PAIRS:
            if one in entry and other in entry:
                message = f"'{one}' and '{other}' stand in the same message"
                place = ("communication", i, other)
                yield doc.source.finding(place, "RB046", message, "make two messages of it, or remove one", key=True)
            elif one not in entry and other not in entry:
                message = f"the message has neither '{one}' nor '{other}'"
                yield doc.source.finding(("communication", i), "RB022", message, hint)


def somebody_to_page(doc: Checked) -> Iterator[Finding]:
    """`none` is reserved: an escalation goes to somebody."""
    assert isinstance(doc.document, Runbook)  # noqa: S101
    escalation = doc.document.escalation
    if escalation is not None and escalation.to == "none":
        message = "'none' is reserved and names nobody who could be paged"
        yield doc.source.finding(("escalation", "to"), "RB046", message, "name who is paged, or remove 'escalation'")
