"""Obligations as JSON. Times are RFC 3339, UTC; what is not known, or does not exist, is null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from runbook.report.times import instant

if TYPE_CHECKING:
    from runbook.incident.obligations.deadlines import Deadline
    from runbook.incident.obligations.history import Extension, Filing
    from runbook.incident.obligations.regimes import Version
    from runbook.incident.obligations.standing import Obligation


def obligation_object(one: Obligation, now: float) -> dict[str, Any]:
    """One report of one incident. `left`: seconds to its raw deadline, or to the extended one; negative when over."""
    due, judged, waived = one.deadline, one.judgement, one.waiver
    ends = None if due is None else due.extended if due.reaches else due.raw
    return {
        "incident": one.incident,
        "report": one.address,
        "regime": one.version.regime.name,
        "title": one.report.title,
        "to": one.report.to,
        "article": one.report.article,
        "state": str(one.state),
        "deadline": _deadline(due),
        "left": None if ends is None else round(ends - now),
        "before": _deadline(one.before),
        "waits_for": list(one.absent) if due is None else [],
        "missing": [{"item": item.id, "text": item.text} for item in one.open_items],
        "answers": {
            item: {"text": said.text, "by": said.by, "at": instant(said.at)} for item, said in one.answers.items()
        },
        "judged": None
        if judged is None
        else {"applicable": judged.applicable, "by": judged.by, "at": instant(judged.at), "reason": judged.reason},
        "waived": None if waived is None else {"by": waived.by, "at": instant(waived.at), "reason": waived.reason},
        "extensions": [_extension(extension) for extension in one.extensions],
        "filed": [_filing(filing) for filing in one.filings],
        "late": one.late,
        "contract": one.version.contract,
        "notes": list(one.notes),
    }


def _deadline(due: Deadline | None) -> dict[str, Any] | None:
    if due is None:
        return None
    return {
        "from": due.anchor,
        "since": instant(due.since),
        "raw": instant(due.raw),
        "adjusted": instant(due.adjusted),
        "extended": instant(due.extended),
        "remind": instant(due.alarm),
        "basis": list(due.basis),
        "holidays_unknown": due.unknown,
    }


def _extension(extension: Extension) -> dict[str, Any]:
    return {
        "until": instant(extension.until),
        "authority": extension.authority,
        "reference": extension.reference,
        "source": extension.source,
        "reason": extension.reason,
        "at": instant(extension.at),
        "by": extension.by,
    }


def _filing(filing: Filing) -> dict[str, Any]:
    return {
        "at": instant(filing.at),
        "by": filing.by,
        "reference": filing.reference,
        "how": filing.how,
        "partial": filing.partial,
        "missing": list(filing.missing),
    }


def regime_object(version: Version) -> dict[str, Any]:
    """A regime as its document says it, with what the project sets."""
    return {"regime": msgspec.to_builtins(version.regime), "contract": version.contract, "digest": version.digest}
