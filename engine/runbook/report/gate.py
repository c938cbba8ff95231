"""How a gate looks: what would be done, exactly; who must say yes, and by when.

One drawing for the terminal that runs (`sheet_of`), for `approve` in another one (`sheet_from`), and for a log.
Nothing of what is approved is cut: a long value is broken over lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from runbook.core.advice import Advice, Found
from runbook.core.changes import Change, Field
from runbook.core.gates import Vote
from runbook.core.history import History
from runbook.core.redrawn import preview_of
from runbook.core.terms import Terms
from runbook.core.undoing import MOVED
from runbook.core.views import GateView, advised
from runbook.document.words import Effect
from runbook.hosts.said import Gate
from runbook.report.advice import advice_lines, caution_lines
from runbook.report.alike import told_by
from runbook.report.known import Known
from runbook.report.layout import LABEL, command, heading, labelled, paragraph
from runbook.report.meaning import meaning_lines, pointed
from runbook.report.phrases import EFFECT
from runbook.report.safe import folded, shown, wrapped
from runbook.report.style import Style
from runbook.report.times import by_when
from runbook.report.values import exact
from runbook.report.votes import not_enough
from runbook.report.where import where_lines

DIGITS = 12  # of the gate's digest: what `approve --digest` asks for at least


class Item(NamedTuple):
    """One change at a gate; without `change` only its summary is known."""

    path: str
    title: str | None
    summary: str
    change: Change | None
    advice: Advice = Advice()


class Sheet(NamedTuple):
    """A gate with all that must be seen to decide. `initiators` are those who started, resumed or settled the run."""

    name: str
    digest: str
    attempt: int
    terms: Terms
    deadline: float
    items: tuple[Item, ...]
    frozen: str | None = None
    changed: str | None = None
    later: tuple[str, ...] = ()
    proves_nothing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    initiators: frozenset[str] = frozenset()
    votes: tuple[Vote, ...] = ()
    caution: str | None = None
    advice: Advice = Advice()
    findings: tuple[Found, ...] = ()
    environment: str | None = None
    target: Mapping[str, str] | None = None
    elsewhere: tuple[str, ...] = ()


def sheet_of(gate: Gate) -> Sheet:
    """A gate of the run that is driven here."""
    command_ = gate.command
    return Sheet(
        name=(f"{command_.option}: {command_.title}" if command_.title else command_.option)
        + pointed(found.step for found in command_.findings if found.points_to == command_.option),
        digest=command_.gate_digest,
        attempt=command_.attempt,
        terms=gate.terms,
        deadline=gate.deadline,
        items=tuple(Item(p.path, p.title, p.change.summary, p.change, p.advice) for p in command_.changes),
        frozen=gate.frozen,
        changed=command_.changed,
        later=command_.later,
        proves_nothing=command_.proves_nothing,
        initiators=gate.initiators,
        caution=command_.caution,
        advice=command_.advice,
        findings=command_.findings,
        environment=gate.environment,
        target=gate.target,
        elsewhere=gate.elsewhere,
    )


def sheet_from(view: GateView, history: History, known: Known | None = None) -> Sheet:
    """A gate as the records tell it."""
    return Sheet(
        name=(known or Known()).named(view.option) + pointed(history.pointed_by(view.option)),
        digest=view.digest,
        attempt=view.attempt,
        terms=view.terms,
        deadline=view.deadline,
        items=tuple(
            Item(one["path"], one.get("title"), one["summary"], history.planned(one["path"]), advised(one))
            for one in view.changes
        ),
        frozen=view.frozen,
        changed=view.changed,
        later=view.later,
        proves_nothing=view.proves_nothing,
        missing=tuple(id_ for id_, kept in history.evidence.items() if kept.get("status") != "preserved"),
        initiators=frozenset(history.initiators),
        votes=tuple(view.votes),
        caution=view.caution,
        advice=view.advice,
        findings=tuple(history.findings.values()),
        environment=history.environment,
        target=history.target,
        elsewhere=view.elsewhere,
    )


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


def change_lines(change: Change, style: Style, *, indent: int = 4) -> list[str]:
    """Everything about one change: target, effect, diff, fields, by hand, undo, warnings."""
    effect = EFFECT[change.effect]
    role = "danger" if change.effect is Effect.DESTRUCTIVE else "plain"
    server = change.target.connection
    where = f"{change.known_as} ({server})" if change.known_as not in ("", server) else server
    lines = labelled("target", f"{change.target} at {where}", style, indent=indent)
    lines += labelled("effect", effect.word, style, role=role, indent=indent)
    for warning in change.warnings:
        lines += labelled("warning", warning, style, role="warn", indent=indent)
    lines += _diff(change.diff, style, indent)
    lines += _preview(change, style, indent)
    for field in change.fields:
        lines += labelled("field", _field(field, drawn=bool(change.diff)), style, indent=indent)
    lines += labelled("limits", limits, style, indent=indent) if (limits := _limits(change)) else []
    lines += _undo(change, style, indent)
    if change.by_hand:
        typed = command(change.by_hand, style, indent=indent + 2)
        lines += [" " * indent + style.paint("dim", f"by hand{_counted(change.by_hand, typed)}:"), *typed]
    return lines


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
    lines += labelled("digest", sheet.digest[:DIGITS], style)
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


_DIFF_ROLES = (("+++", "dim"), ("---", "dim"), ("@@", "dim"), ("+", "good"), ("-", "bad"))


def _diff(diff: str, style: Style, indent: int) -> list[str]:
    if not diff.strip():
        return []
    lead = " " * indent
    lines = [lead + style.paint("dim", "diff")]
    for line in shown(diff.rstrip("\n"), lines=True).split("\n"):
        role = next((role for start, role in _DIFF_ROLES if line.startswith(start)), "plain")
        parts = folded(line, style.width - indent - 2, "    ")
        lines += [f"{lead}  {style.paint(role, part)}" for part in parts]
    return lines


def _preview(change: Change, style: Style, indent: int) -> list[str]:
    """What the step's preview printed: it is approved with the change, and so is shown whole."""
    preview = preview_of(change.request)
    if preview is None:
        return []
    lead = " " * indent
    typed = command(str(preview.get("command", "")), style, indent=indent + 2)
    lines = [lead + style.paint("dim", f"preview{_counted(str(preview.get('command', '')), typed)}:"), *typed]
    for line in shown(str(preview.get("output", "")).rstrip("\n") or "(it printed nothing)", lines=True).split("\n"):
        role = next((role for start, role in _DIFF_ROLES if line.startswith(start)), "plain")
        lines += [f"{lead}    {style.paint(role, part)}" for part in folded(line, style.width - indent - 4, "    ")]
    if preview.get("sha256"):
        whole = f"not all of it is kept; the approval covers all: SHA-256 {preview['sha256']}"
        lines += paragraph(whole, style, indent=indent + 2, role="warn")
    return lines


def _field(field: Field, *, drawn: bool) -> str:
    """What a field is and would be; what is known by its digest only by that, where a diff shows the rest."""
    before, after = (_known_by(one) if drawn else None for one in (field.before, field.after))
    return f"{shown(field.path)}: {before or exact(field.before)} → {after or exact(field.after)}"


def _known_by(given: Any) -> str | None:
    return f"SHA-256 {shown(str(given['sha256']))}" if isinstance(given, Mapping) and "sha256" in given else None


_LIMITS = {
    "memory": "{} of memory a process",
    "cpu": "{} of CPU time a process",
    "processes": "{} processes and threads of its own",
    "open_files": "{} open files a process",
}


def _limits(change: Change) -> str:
    """How much a command may use, as the runbook says it; nothing where it may use all."""
    given = change.inputs.get("limits") if "limits" in change.request else None
    return ", ".join(text.format(given[name]) for name, text in _LIMITS.items() if name in given) if given else ""


def _undo(change: Change, style: Style, indent: int) -> list[str]:
    if change.undo is not None:
        own = _limits(change.undo)
        within = f", within {own}" if own and own != _limits(change) else ""
        typed = _typed(change.undo, style, indent)
        said = f"{change.undo.summary}{within}{_counted(change.undo.by_hand, typed)}"
        return labelled("undo", said, style, indent=indent) + typed
    reason = change.irreversible or "the step has no undo"
    return labelled("undo", f"cannot be undone: {reason}", style, indent=indent, role="warn")


def _typed(undo: Change, style: Style, indent: int) -> list[str]:
    """The whole of an undo that has no fields: its summary is cut, and it is approved with the change."""
    if undo.fields or not undo.by_hand or undo.by_hand in undo.summary:
        return []
    return command(undo.by_hand, style, indent=indent + LABEL)


def _counted(text: str, lines: list[str]) -> str:
    """How many lines a command takes that has line breaks: those of a value stand at the left edge, as ours could."""
    return f", the next {len(lines)} lines" if "\n" in text and lines else ""


def _ordinal(number: int) -> str:
    return {2: "2nd", 3: "3rd"}.get(number, f"{number}th")
