"""How one change looks: target, effect, diff, fields, what a person would type, undo, warnings.

Nothing of what is approved is cut: a long value is broken over lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbook.core.changes import Change, Field
from runbook.core.redrawn import preview_of
from runbook.document.words import Effect
from runbook.report.layout import LABEL, command, labelled, paragraph
from runbook.report.phrases import EFFECT
from runbook.report.safe import folded, shown, spaced
from runbook.report.style import Style
from runbook.report.values import exact

_DIFF_ROLES = (("+++", "dim"), ("---", "dim"), ("@@", "dim"), ("+", "good"), ("-", "bad"))
_LIMITS = {
    "memory": "{} of memory a process",
    "cpu": "{} of CPU time a process",
    "processes": "{} processes and threads of its own",
    "open_files": "{} open files a process",
}


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


def _diff(diff: str, style: Style, indent: int) -> list[str]:
    if not diff.strip():
        return []
    lead = " " * indent
    lines = [lead + style.paint("dim", "diff")]
    for line in spaced(shown(diff.rstrip("\n"), lines=True)).split("\n"):
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
