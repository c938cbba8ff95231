"""The obligations of an incident as a part of its page: what was due by when, what came of it, who decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from runbook.incident.obligations.standing import Obligation, State
from runbook.report import html
from runbook.report.markup import Child, element, joined
from runbook.report.obligations import NOT_ADVICE, asked, granted
from runbook.report.times import minute

_ROLES: Final = {
    State.OVERDUE: "bad",
    State.DUE_SOON: "warn",
    State.RUNNING: "busy",
    State.NOT_STARTED: "warn",
    State.MET: "good",
}


def obligations_body(found: Sequence[Obligation], without_names: Callable[[str], str]) -> Child:
    """What stands under the heading; `without_names` puts roles where people are not to be named."""
    decided = [one for one in found if one.state is not State.UNDECIDED]
    undecided = dict.fromkeys(
        one.version.regime.name if one.judgement is None else one.address for one in found if asked(one)
    )
    rows = [_row(one, without_names) for one in decided]
    return joined(
        [
            html.table(("State", "Report", "Due", "What came of it"), rows) if rows else None,
            html.paragraph(f"Nobody has decided about {', '.join(undecided)}.") if undecided else None,
            html.paragraph(NOT_ADVICE, soft=True),
        ]
    )


def _row(one: Obligation, without_names: Callable[[str], str]) -> tuple[Child, ...]:
    state = html.badge(str(one.state).replace("_", " "), _ROLES.get(one.state, "plain"))
    report = joined([html.code(one.address), f" {one.report.title}, to {one.report.to}"])
    return state, report, _due(one, without_names), without_names(_came(one))


def _due(one: Obligation, without_names: Callable[[str], str]) -> Child:
    due = one.deadline
    if due is None:
        return f"counts from {', '.join(one.absent)}" if one.absent else ""
    parts: list[Child] = [due.basis[0]]
    if due.raw is not None and due.adjusted is not None:
        adjusted = [", adjusted ", element("time", minute(due.adjusted))] if due.adjusted != due.raw else []
        parts = [element("time", minute(due.raw)), *adjusted]
    if due.extended is not None:
        who = without_names(f" by {granted(one.extensions[-1])}")
        parts += [", extended to ", element("time", minute(due.extended)), who]
    return joined(parts)


def _came(one: Obligation) -> str:
    judged = f"{one.judgement.by}: {one.judgement.reason}" if one.judgement is not None else ""
    if one.filings:
        last = one.filings[-1]
        late = ", late" if one.late else ""
        part = f", in part ({', '.join(last.missing)} to follow)" if last.partial else ""
        return f"filed {minute(last.at)}{late}{part}, {last.reference or last.how}, by {last.by}"
    if one.waiver is not None:
        return f"waived by {one.waiver.by}: {one.waiver.reason}"
    return "; ".join(filter(None, (judged, *one.notes)))
