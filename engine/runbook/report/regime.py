"""A regime in the terminal: what it asks of whom, within which time, and where that is written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from runbook.report.layout import heading, labelled, marked, paragraph
from runbook.report.obligations import NOT_ADVICE
from runbook.report.safe import shown

if TYPE_CHECKING:
    from runbook.document.regime import Regime
    from runbook.incident.obligations.regimes import Version
    from runbook.report.style import Style


def regime_text(version: Version, style: Style) -> str:
    """All of a regime: what it asks, of whom, within which time, and where that is written down."""
    regime = version.regime
    lines = [heading(shown(f"{regime.name} · {regime.title}"), style)]
    lines += labelled("status", _standing(version), style)
    lines += labelled("source", regime.source.title + (f", {regime.source.url}" if regime.source.url else ""), style)
    lines += ["", heading("A person decides whether it applies", style)]
    lines += [line for each in regime.questions for line in marked("?", "warn", shown(each), style)]
    lines += ["", heading("Times count from", style)]
    for name, meaning in regime.anchors.items():
        lines += labelled(name, meaning, style, width=max(12, len(name) + 2))
    for report in regime.reports:
        lines += ["", heading(shown(f"{regime.name}.{report.id} · {report.title}"), style)]
        lines += labelled("to", report.to + (f", {report.article}" if report.article else ""), style)
        if report.condition:
            lines += labelled("only if", report.condition, style)
        lines += labelled("within", "; ".join(_limits(regime, report.id)), style)
        for item in report.information:
            late = " (only where it is late)" if item.late else ""
            help_ = f" {item.help}" if item.help else ""
            lines += marked("□", "plain", shown(f"{item.id}: {item.text}{late}.{help_}"), style, indent=4)
        if report.note:
            lines += labelled("note", report.note, style)
    if regime.note:
        lines += ["", *paragraph(regime.note, style)]
    return "\n".join([*lines, "", *paragraph(NOT_ADVICE, style, indent=0, role="dim")])


def _standing(version: Version) -> str:
    regime = version.regime
    words = {
        "in_force": f"in force since {regime.valid_from}",
        "proposed": f"a proposal of {regime.valid_from}; nothing is due under it",
        "user_set": "a contract says the time" + (f": {version.contract}" if version.contract else ""),
        "policy": "a rule of your own" + (f": {version.contract}" if version.contract else ""),
    }
    until = f", until {regime.valid_until}" if regime.valid_until else ""
    return words[str(regime.status)] + until


def _limits(regime: Regime, id_: str) -> Iterator[str]:
    report = regime.report(id_)
    for limit in report.limits if report is not None else ():
        if limit.aim is not None:
            yield f"without undue delay from {limit.from_}" if limit.aim else f"at once from {limit.from_}"
            continue
        unit = next(name for name in ("hours", "days", "business_days", "months") if getattr(limit, name) is not None)
        year = " the end of the year of" if limit.after else ""
        number = getattr(limit, unit)
        word = unit.replace("_", " ").removesuffix("s") if number == 1 else unit.replace("_", " ")
        yield f"{number} {word} from{year} {limit.from_}" + "".join(
            f", {hours} hours for a {entity.replace('_', ' ')}" for entity, hours in limit.hours_for.items()
        )
