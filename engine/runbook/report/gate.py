"""How a gate looks: what would be done, exactly; who must say yes, and by when.

One drawing of a `Sheet`, for the terminal that runs, for `approve` in another one, and for a log.
"""

from __future__ import annotations

from runbook.core.gates import SHORTEST_DIGEST
from runbook.core.terms import Terms
from runbook.core.undoing import MOVED
from runbook.report.advice import advice_lines, caution_lines
from runbook.report.alike import told_by
from runbook.report.change import change_lines
from runbook.report.layout import heading, labelled, paragraph
from runbook.report.meaning import meaning_lines
from runbook.report.safe import shown, wrapped
from runbook.report.sheet import Item, Sheet
from runbook.report.style import Style
from runbook.report.times import by_when
from runbook.report.votes import not_enough
from runbook.report.where import where_lines

_MOVED = {
    MOVED: "it is not what was approved with the change: what was left there, or a file that it names, is another now"
}


def gate_text(sheet: Sheet, style: Style, now: float, *, headed: bool = True) -> str:
    """The whole gate, as lines; without its heading where one stands above it already."""
    lines = [heading(f"Gate {shown(sheet.name)}", style)] if headed else []
    if sheet.attempt > 1:
        lines += labelled("again", f"asked for the {_ordinal(sheet.attempt)} time", style, role="warn")
    if sheet.changed:
        lines += labelled(
            "changed", _MOVED.get(sheet.changed, f"since it was last asked for: {sheet.changed}"), style, role="warn"
        )
    lines += _about(sheet, style)
    meant = meaning_lines(sheet.findings, style.narrowed(2))
    lines += [*(f"  {line}" for line in meant), *([""] if meant else [])]
    lines += [*caution_lines([sheet.caution], style), *advice_lines(sheet.advice, style)]
    lines += _terms(sheet, style, now)
    lines += _items(sheet.items, style)
    notes = _notes(sheet, style)
    return "\n".join([*lines, *([""] if notes else []), *notes])


def terms_text(terms: Terms) -> str:
    """The terms in one line."""
    parts = [terms.asks or f"{terms.required} must say yes"]
    if terms.reason_required:
        parts.append("with a reason")
    if terms.via:
        parts.append(f"by {' or '.join(terms.via)}")
    return ", ".join(parts)


def _about(sheet: Sheet, style: Style) -> list[str]:
    """Where, and on what; and what of it is something else."""
    lines = where_lines(sheet.environment, sheet.target, style)
    for told in sheet.elsewhere:
        lines += labelled("elsewhere", told, style, role="warn")
    return lines


def _terms(sheet: Sheet, style: Style, now: float) -> list[str]:
    may = sorted(sheet.terms.may(sheet.initiators))
    who = f" (may: {', '.join(may)})" if may and sheet.terms.from_ is not None else ""
    lines = labelled("needs", terms_text(sheet.terms) + who, style)
    grants = [vote for vote in sheet.votes if vote.verdict == "grant"]
    granted = [v.by for v in grants if not_enough(v, sheet.terms, sheet.digest, sheet.initiators) is None]
    if granted:
        lines += labelled("yes from", ", ".join(dict.fromkeys(granted)), style)
    lines += labelled("until", by_when(sheet.deadline, now, style.zone), style)
    lines += labelled("digest", sheet.digest[:SHORTEST_DIGEST], style)
    if sheet.terms.cannot_be_met:
        lines += labelled("blocked", sheet.terms.cannot_be_met, style, role="bad")
    if sheet.frozen:
        text = f"changes are frozen: {sheet.frozen}; only breaking the glass, with a reason, opens it"
        lines += labelled("frozen", text, style, role="bad")
    return lines


def _items(items: tuple[Item, ...], style: Style) -> list[str]:
    """Each change whole; those of a loop that differ from a drawn one by their item alone, by their names."""
    lines: list[str] = []
    before: int | None = None  # the change that told of the last one
    for number, (item, told) in enumerate(
        zip(items, told_by([(i.path, i.change, i.advice) for i in items]), strict=True)
    ):
        if told is not None and told != before:
            lines += ["", *paragraph(f"And in the same way as {told + 1}, but for the name:", style, indent=2)]
        lead = f"{number + 1}. " if len(items) > 1 else ""
        lines += _name(item, lead, style) if told is not None else ["", *_item(item, lead, style)]
        before = told
    return lines


def _name(item: Item, number: str, style: Style) -> list[str]:
    lead = "  " + number
    text = wrapped(shown(item.summary), style.width, indent=lead, hanging=" " * len(lead))
    return [style.paint("heading", line) for line in text]


def _item(item: Item, number: str, style: Style) -> list[str]:
    lines = _name(item, number, style)
    step = item.path if not item.title else f"{item.path} ({item.title})"
    lines += labelled("step", step, style, indent=4)
    lines += advice_lines(item.advice, style, indent=4)
    if item.change is None:
        return [*lines, *paragraph("its plan is not in the record; approve it where the run is shown", style, indent=4)]
    return lines + change_lines(item.change, style)


def _notes(sheet: Sheet, style: Style) -> list[str]:
    lines: list[str] = []
    if sheet.later:
        lines += labelled("later", f"{', '.join(sheet.later)}: planned after this, and asked for then", style)
    if sheet.proves_nothing:
        text = f"{', '.join(sheet.proves_nothing)}: passes already, so it will prove nothing"
        lines += labelled("checks", text, style, role="warn")
    if sheet.missing:
        lines += labelled("evidence", f"missing: {', '.join(sheet.missing)}", style, role="warn")
    return lines


def _ordinal(number: int) -> str:
    return {2: "2nd", 3: "3rd"}.get(number, f"{number}th")
