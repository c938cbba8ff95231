"""What is told of records about obligations, one sentence each: `tell_incident` has the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from runbook.incident import records as r
from runbook.report.safe import first_line
from runbook.report.values import value

_SHORT = 200  # columns of a text in one line


def _judged(data: Mapping[str, Any]) -> str:
    applies = "applies" if data.get("applicable") is True else "does not apply"
    return f"{data.get('report') or data.get('regime')} {applies}: {_text(data.get('reason'))}"


def _anchored(data: Mapping[str, Any]) -> str:
    source = f", says {data['source']}" if data.get("source") else ""
    moved = f"; moved from {_at(data['replaces'])}" if data.get("replaces") else ""
    why = f": {_text(data['reason'])}" if data.get("reason") else ""
    return f"times count from '{data.get('anchor')}', {_at(data.get('at'))}{source}{moved}{why}"


def _answered(data: Mapping[str, Any]) -> str:
    return f"{data.get('report')} says under {data.get('item')}: {_text(data.get('text'))}"


def _filed(data: Mapping[str, Any]) -> str:
    number = f" as {data['reference']}" if data.get("reference") else ""
    how = f", {data['how']}" if data.get("how") else ""
    missing = ", ".join(map(str, data.get("missing") or ()))
    part = f"; {missing} to follow: {_text(data['partial'])}" if data.get("partial") else ""
    return f"{data.get('report')} filed{number}{how}, {_at(data.get('at'))}{part}"


def _waived(data: Mapping[str, Any]) -> str:
    return f"nobody will file {data.get('report')}: {_text(data.get('reason'))}"


def _extended(data: Mapping[str, Any]) -> str:
    why = f": {_text(data['reason'])}" if data.get("reason") else ""
    if not data.get("until"):
        return f"the extension of {data.get('report')} by {data.get('authority')} does not hold any more{why}"
    number = f" as {data['reference']}" if data.get("reference") else ""
    source = f", says {data['source']}" if data.get("source") else ""
    given = f", {_at(data['at'])}" if data.get("at") else ""
    before = f"; until now {_at(data['replaces'])}" if data.get("replaces") else ""
    until = _at(data["until"])
    return f"{data.get('report')} extended to {until} by {data.get('authority')}{number}{given}{source}{before}{why}"


def _at(item: Any) -> str:
    return f"{str(item)[:19].replace('T', ' ')}Z"


def _text(item: Any) -> str:
    return value(first_line(item), _SHORT) if isinstance(item, str) else value(item, _SHORT)


TELL_OBLIGATIONS: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    r.JUDGED: _judged,
    r.ANCHORED: _anchored,
    r.ANSWERED: _answered,
    r.FILED: _filed,
    r.WAIVED: _waived,
    r.EXTENDED: _extended,
}
