"""What `doctor` was told, for people: a heading for each connection and runbook, one line for each check; and as JSON.

The word says what came of it; colour only repeats the word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runbook.doctor.checks import Status, Told, counts
from runbook.report.layout import heading
from runbook.report.safe import padded, shown, wrapped
from runbook.report.style import Style

_ROLES = {Status.OK: "good", Status.FINDING: "bad", Status.UNREACHABLE: "bad", Status.NOT_CHECKED: "dim"}
_WIDTH = max(map(len, Status)) + 2
_NEXT = "next: "
_PLURALS = {Status.FINDING: "findings"}


def doctor_text(told: Sequence[Told], style: Style, paths: Mapping[str, str]) -> str:
    """Every check under its heading, in the given order. `paths` has the file of each runbook, by name."""
    groups: dict[str, list[Told]] = {}
    for one in told:
        groups.setdefault(one.check.group, []).append(one)
    blocks = []
    for name, those in groups.items():
        title = f"{name} ({paths[name]})" if name in paths else name
        lines = [heading(shown(title), style)]
        said = None
        for about, one in _together(those):
            hint = one.hint if one.status is not Status.OK else None
            lines += _line(about, one, style, hint=hint if hint != said else None)
            said = hint
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _together(those: Sequence[Told]) -> list[tuple[str, Told]]:
    """What each line is about: those that were not checked for one reason share a line."""
    lines: dict[object, tuple[list[str], Told]] = {}
    for number, one in enumerate(those):
        same = (one.text, one.hint) if one.status is Status.NOT_CHECKED else number
        lines.setdefault(same, ([], one))[0].append(one.check.about)
    return [(", ".join(dict.fromkeys(abouts)), one) for abouts, one in lines.values()]


def _line(about: str, one: Told, style: Style, *, hint: str | None) -> list[str]:
    """`  ok           error_rate: value 0.02`, and under it what to do next, where the line before did not say it."""
    beside = " " * (2 + _WIDTH)
    word = padded(one.status, _WIDTH)
    text = f"{shown(about)}: {shown(one.text)}"
    first, *rest = wrapped(text, style.width, indent=f"  {word}", hanging=beside)
    painted = f"  {style.paint(_ROLES[one.status], one.status)}{first[2 + len(one.status) :]}"
    after = wrapped(f"{_NEXT}{shown(hint)}", style.width, indent=beside, hanging=beside + " " * len(_NEXT))
    return [painted, *rest, *(after if hint else [])]


def summary_text(told: Sequence[Told]) -> str:
    """`12 ok, 2 findings, 1 unreachable, 3 not checked`."""
    found = counts(told)
    return ", ".join(
        f"{number} {status if number == 1 else _PLURALS.get(status, status)}"
        for status, number in found.items()
        if number or status is Status.OK
    )


def doctor_object(told: Sequence[Told], environment: str | None) -> list[dict[str, Any]]:
    """The checks as `doctor --output json` prints them."""
    return [
        {
            "environment": environment,
            "group": one.check.group,
            "about": one.check.about,
            "check": type(one.check.work).__name__.lower(),
            "connection": str(one.check.link) if one.check.link else None,
            "status": str(one.status),
            "message": one.text,
            "hint": one.hint,
        }
        for one in told
    ]


def counts_object(told: Sequence[Told]) -> dict[str, int]:
    """How many of each status, by names that a script can take: `not_checked`."""
    return {status.name.lower(): number for status, number in counts(told).items()}
