"""A dry run, shown: for each option whether it applies now, what exactly it would change, who must say yes.

What can only be planned after another change is listed with what it waits for, never with a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.core.addresses import parts, whole
from runbook.core.history import History
from runbook.core.terms import Terms
from runbook.core.views import Row
from runbook.core.words import StepStatus
from runbook.document.model import Option, Runbook, Verification
from runbook.document.words import Effect
from runbook.errors import Exit
from runbook.policy.people import People
from runbook.policy.terms import effective_terms
from runbook.report.advice import caution_lines
from runbook.report.change import change_lines
from runbook.report.gate import terms_text
from runbook.report.known import Known
from runbook.report.layout import heading, labelled, marked, paragraph
from runbook.report.meaning import meaning_lines, pointed
from runbook.report.observed import seen_lines
from runbook.report.phrases import STATUS
from runbook.report.run_json import run_object
from runbook.report.safe import shown, wrapped
from runbook.report.style import Style
from runbook.report.times import span
from runbook.report.values import pairs
from runbook.report.where import where_lines

_APPLIES = {"true": "yes", "false": "no", "cannot tell": "cannot tell; a person would be asked"}


def plan_text(history: History, book: Runbook, style: Style, *, people: People | None = None) -> str:
    """Everything that was planned. With `people` also the terms of each gate, by the policy as it is today."""
    known = Known(book)
    lines = [heading(f"Plan of {book.name}: nothing was changed, nothing was sent", style)]
    lines += where_lines(history.environment, history.target, style)
    lines.append("")
    lines += seen_lines(history, known, style)
    meant = meaning_lines(history.findings.values(), style)
    lines += ["", *meant] if meant else []
    for number, option in enumerate(book.resolution, 1):
        if option.id in history.options:
            lines += [
                "",
                heading(f"{number}. {shown(known.named(option.id) + pointed(history.pointed_by(option.id)))}", style),
            ]
            lines += _option(history, option, people, style)
    lines += ["", *_afterwards(book, style)]
    return "\n".join(lines)


def plan_object(
    history: History, run: str, book: Runbook, *, people: People | None = None, exit_: Exit | None = None
) -> dict[str, Any]:
    """The run's object; each option also says its gate's terms."""
    whole = run_object(history, run, alive=False, exit_=exit_)
    known = Known(book)
    for one in whole["options"]:
        option = known.option(one["id"])
        terms = _terms(history, option, people) if option and people else None
        if terms is not None:
            one["gate"] = {"asks": terms.asks, "required": terms.required, "timeout": terms.timeout}
            one["cannot_be_met"] = terms.cannot_be_met
    return whole


def _option(history: History, option: Option, people: People | None, style: Style) -> list[str]:
    view = history.options[option.id]
    applies = _APPLIES.get(view.when or "", "yes")
    lines = labelled("applies", f"{applies}{f' ({view.reason})' if view.reason else ''}", style)
    lines += caution_lines(view.cautions, style)
    if view.continues is not None:
        lines += _goes_on(view.continues, style)
    terms = _terms(history, option, people) if people else None
    if terms is not None:
        lines += labelled("gate", f"{terms_text(terms)}, within {span(terms.timeout)}", style)
        if terms.cannot_be_met:
            lines += labelled("blocked", terms.cannot_be_met, style, role="bad")
    if option.settle:
        lines += labelled("settles", f"{span(option.settle)} before the checks begin", style)
    if option.temporary is not None:
        lines += labelled(
            "temporary", f"to be taken back {span(option.temporary)} after it; a follow-up says so", style
        )
    for row in _rows(history, option):
        lines += ["", *_step(row, style, view.step_cautions.get(row.id) or view.step_cautions.get(whole(row.id)))]
    return lines


def _goes_on(continues: Mapping[str, Any], style: Style) -> list[str]:
    """The runbook that an option goes on with; what that one would do, its own plan says."""
    given = continues.get("parameters")
    with_ = f", with {pairs(given)}" if given else ""
    why = f"; its parameters cannot be told yet: {continues['reason']}" if given is None else ""
    return labelled("goes on", f"with {continues['runbook']}{with_}{why}", style)


def _step(row: Row, style: Style, caution: str | None) -> list[str]:
    warned = caution_lines([caution], style, indent=4)
    if row.change is not None:
        text = wrapped(shown(row.change.summary), style.width, indent="  ", hanging="  ")
        step = labelled("step", f"{row.path} ({row.title})" if row.title else row.path, style, indent=4)
        return [*(style.paint("heading", line) for line in text), *step, *warned, *change_lines(row.change, style)]
    mark = STATUS[row.status]
    called = shown(f"{row.id}: {row.title}" if row.title else row.id)
    if row.waits_for:
        return (
            marked(mark.sign, mark.role, f"{called}: planned after {shown(', '.join(row.waits_for))}", style) + warned
        )
    nothing = row.status is StepStatus.SKIPPED
    word = "nothing to do" if nothing else mark.word
    return marked(mark.sign, mark.role, shown(f"{called}: {word}{f'; {row.reason}' if row.reason else ''}"), style)


def _rows(history: History, option: Option) -> list[Row]:
    """Of a step that is repeated, one for each item."""
    ids = {step.id for step in option.steps}
    rows = [(parts(path), row) for path, row in history.rows.items()]
    return [row for (phase, *where), row in rows if phase == "resolution" and _is_of(option, ids, where)]


def _is_of(option: Option, ids: set[str], where: list[str]) -> bool:
    return len(where) == 2 and where[0] == option.id and whole(where[1]) in ids


def _terms(history: History, option: Option, people: People | None) -> Terms | None:
    """What the gate would ask for; None where the option changes nothing."""
    effects = [Effect(row.effect) for row in _rows(history, option) if row.change is not None and row.effect]
    if people is None or not effects:
        return None
    worst = effects[0]
    for effect in effects:
        worst = worst.at_least(effect)
    return effective_terms(option.approval, worst, people)


def _afterwards(book: Runbook, style: Style) -> list[str]:
    if book.verification is None and not any(option.verification for option in book.resolution):
        return paragraph("Nothing verifies that an option helped.", style, indent=0, role="warn")
    lines = []
    for option in book.resolution:
        if option.verification:
            lines += paragraph(f"After {option.id}: {_rounds(option.verification)}.", style, indent=0)
    if book.verification:
        which = "each other option" if lines else "each option"
        lines += paragraph(f"After {which}: {_rounds(book.verification)}.", style, indent=0)
    return lines


def _rounds(verification: Verification) -> str:
    checks = ", ".join(check.id for check in verification.checks)
    hold = f", holding for {span(verification.hold)}" if verification.hold else ""
    return f"{checks}, every {span(verification.every)} for up to {span(verification.within)}{hold}"
