"""What an author says beside options and steps, and whom to reach: short enough to be read where people decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from runbook.core.words import RunOutcome
from runbook.report.fact import INFO, WARN, Fact, fact
from runbook.report.layout import labelled
from runbook.report.safe import cut
from runbook.report.style import Style

if TYPE_CHECKING:
    from runbook.core.advice import Advice
    from runbook.core.history import History
    from runbook.core.records import Written

SHORT = 240  # columns of a description where people decide; `show` has all of it


def caution_lines(cautions: Iterable[str | None], style: Style, *, indent: int = 2) -> list[str]:
    """Each caution, whole: none of it may be overlooked."""
    return [
        line
        for caution in cautions
        if caution
        for line in labelled("caution", caution, style, role="warn", indent=indent)
    ]


def advice_lines(advice: Advice, style: Style, *, indent: int = 2) -> list[str]:
    """Caution, the beginning of the description, and links."""
    lines = caution_lines([advice.caution], style, indent=indent)
    if advice.description:
        lines += labelled("about", brief(advice.description), style, indent=indent)
    for link in advice.links:
        lines += labelled("link", f"{link.title}: {link.url}", style, indent=indent)
    return lines


def advice_facts(record: Written, phase: str | None, advice: Advice) -> list[Fact]:
    """The same as facts, beside the gate or the question that the record opens."""
    told = [(WARN, f"caution: {advice.caution}")] if advice.caution else []
    told += [(INFO, brief(advice.description))] if advice.description else []
    told += [(INFO, f"{link.title}: {link.url}") for link in advice.links]
    return [fact(record, phase, mark, text)._replace(beside=record.key) for mark, text in told]


def brief(text: str) -> str:
    """The first paragraph of a text, on one line."""
    return cut(" ".join(text.strip().partition("\n\n")[0].split()), SHORT)


_HANDED_OVER = (RunOutcome.NOT_RESOLVED, RunOutcome.BLOCKED)


def contacts(history: History) -> list[Mapping[str, Any]]:
    """Who can help, of a run that has called for somebody or has nothing more to try; else nobody is named."""
    if not history.pages and history.outcome not in _HANDED_OVER:
        return []
    return list(history.started.get("contacts", ()))


def reach(contact: Mapping[str, Any]) -> str:
    """`Storage team: #storage, +49 30 1234`."""
    return f"{contact.get('name')}: {contact.get('reach')}"


def reachable(record: Written, history: History) -> list[Fact]:
    """Who can help, as facts: with the first page, or at the end of a run that has paged nobody."""
    # a page that was being sent still has a second record, which says no more than what came of it
    first = record.type == "page.sent" and [page["at"] for page in history.pages] == [record.time]
    last = record.type == "run.finished" and not history.pages
    if not first and not last:
        return []
    return [fact(record, None, INFO, f"to reach {reach(contact)}") for contact in contacts(history)]
