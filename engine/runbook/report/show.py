"""A runbook at a glance: what it is for, what is known of the thing, what may be set, and what it can do."""

from __future__ import annotations

from runbook.core.target import spoken
from runbook.document.model import Escalation, Link, Meaning, Option, Parameter, Runbook, Step
from runbook.report.layout import heading, labelled, paragraph
from runbook.report.loops import each
from runbook.report.style import Style
from runbook.report.times import span
from runbook.report.values import value

Row = tuple[str, str, list[str]]  # a label, what stands beside it, and lines below


def show_text(book: Runbook, path: str, style: Style) -> str:
    """The whole page; `path` is the runbook's file."""
    lines = [heading(book.title, style), *_head(book, path, style)]
    checks = book.verification.checks if book.verification else ()
    sections: dict[str, list[Row]] = {
        "Parameters": [parameter_row(name, parameter) for name, parameter in book.parameters.items()],
        "Symptoms": [
            (s.id, s.title or (f"the alert {s.alert} fires" if s.alert else s.probe.uses if s.probe else ""), [])
            for s in book.symptoms
        ],
        "Triage": [_step(step, style) for step in book.triage],
        "Options, in this order": [_option(option, style) for option in book.resolution],
        "Verification": [_step(check, style) for check in checks],
        "Whom to reach": _contacts(book.escalation),
    }
    for title, rows in sections.items():
        if rows:
            lines += ["", heading(title, style)]
        width = max(10, *(len(label) + 2 for label, _, _ in rows), 0)
        for label, text, below in rows:
            lines += [*labelled(label, text, style, width=width), *below]
    lines += ["", *paragraph(f"What it will do, step by step: runbook explain {book.name}", style, indent=0)]
    return "\n".join(line.rstrip() for line in lines)


def _head(book: Runbook, path: str, style: Style) -> list[str]:
    about = {
        "name": f"{book.name} ({path})",
        "severity": book.severity,
        "service": book.service,
        "owners": ", ".join(book.owners),
        "reviewed": book.reviewed,
        "impact": book.impact,
        "target": spoken(book.target) if book.target else None,
    }
    lines = [line for label, text in about.items() if text for line in labelled(label, text, style)]
    lines += _caution(book.caution, style, 2)
    lines += ["", *paragraph(book.description, style)] if book.description else []
    lines += ["", *paragraph(book.about.rstrip(), style), ""] if book.about else []
    return lines + _links(book.links, style, 2)


def parameter_row(name: str, parameter: Parameter) -> Row:
    """A parameter's name, and what it is in words."""
    default = "must be given" if parameter.required else f"default {value(parameter.default)}"
    alert = f", or {parameter.from_alert} of the alert" if parameter.from_alert else ""
    said = f"{parameter.description.rstrip('.')}; " if parameter.description else ""
    return name, f"{said}{parameter.type}, {default}{alert}", []


def _step(step: Step, style: Style) -> Row:
    means = [
        line
        for entry in step.means
        for line in paragraph(f"{_if(entry)}: {entry.say}{_points(entry)}", style, indent=6)
    ]
    return step.id, step.title or step.uses, [*_beside(step, style, 6), *means]


def _if(entry: Meaning) -> str:
    return f"if {entry.if_}" if entry.if_ else "else"


def _points(entry: Meaning) -> str:
    return f" → {entry.points_to}" if entry.points_to else ""


def _option(option: Option, style: Style) -> Row:
    over = option.continue_with
    done = (f"{step.uses} {each(step.for_each)}" if step.for_each else step.uses for step in option.steps)
    steps = f"goes on with {over.runbook}" if over else ", ".join(done)
    when = f"; when {option.when}" if option.when else ""
    below = _beside(option, style, 6)
    for step in option.steps:
        if said := _beside(step, style, 8):
            below += [*paragraph(f"{step.id}: {step.title or step.uses}", style, indent=6), *said]
    if option.temporary is not None:
        below += paragraph(f"temporary: to be taken back after {span(option.temporary)}", style, indent=6)
    for check in option.verification.checks if option.verification else ():
        below += labelled("check", f"{check.id}: {check.title or check.uses}", style, indent=6)
    repeated = f"; {each(option.for_each)}" if option.for_each else ""
    return option.id, f"{option.title or option.id} ({steps}){when}{repeated}", below


def _contacts(escalation: Escalation | None) -> list[Row]:
    return [(contact.name, contact.reach, []) for contact in (escalation.contacts if escalation else ())]


def _beside(entry: Step | Option, style: Style, indent: int) -> list[str]:
    """What its author says beside a step or an option, whole."""
    lines = _caution(entry.caution, style, indent)
    lines += paragraph(entry.description.rstrip(), style, indent=indent) if entry.description else []
    return lines + _links(entry.links, style, indent)


def _caution(text: str | None, style: Style, indent: int) -> list[str]:
    return labelled("caution", text.strip(), style, role="warn", indent=indent) if text else []


def _links(links: tuple[Link, ...], style: Style, indent: int) -> list[str]:
    return [line for link in links for line in labelled("link", f"{link.title}: {link.url}", style, indent=indent)]
