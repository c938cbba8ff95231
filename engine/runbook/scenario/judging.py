"""What must come of a scenario against what came: a list of differences that reads like one."""

from __future__ import annotations

import msgspec

from runbook.core.addresses import last
from runbook.core.history import History, short
from runbook.core.words import Status
from runbook.document.durations import spoken
from runbook.document.model import ScenarioExpect
from runbook.scenario.answers import names


class Difference(msgspec.Struct, frozen=True):
    """One expectation that was not met, in words for people."""

    what: str
    expected: str
    came: str


def differences(expect: ScenarioExpect, seen: History, *, took: float, reason: str | None = None) -> list[Difference]:
    """Every expectation that was not met; only what the scenario names is compared, each exactly.

    `took` is simulated seconds. `reason` is why the run ended, shown beside an unexpected outcome.
    """
    found = []
    for what, expected, came in _compared(expect, seen):
        if expected is not None and expected != came:
            because = f" ({reason})" if what == "outcome" and reason else ""
            found.append(Difference(what, _said(expected), _said(came) + because))
    if expect.within is not None and took > expect.within:
        found.append(Difference("within", str(expect.within), spoken(took)))
    for step, verdict in (expect.verdicts or {}).items():
        came = _verdict(seen, step)
        if came != verdict:
            found.append(Difference(f"verdict of {step}", verdict, came or "none"))
    return found


def _compared(expect: ScenarioExpect, seen: History) -> list[tuple[str, object, object]]:
    outcome = str(seen.outcome) if seen.outcome else None
    status = Status.FINISHED if seen.finished else Status.WAITING
    paged = seen.pages[-1]["to"] if seen.pages else None
    return [
        ("outcome", expect.outcome, outcome),
        ("status", expect.status, str(status)),
        ("option", expect.option, seen.finished.get("option") if seen.finished else None),
        ("applied", expect.applied, tuple(_name(expect.applied, change.path) for change in seen.changes.values())),
        (
            "undone",
            expect.undone,
            tuple(_name(expect.undone, change.path) for change in seen.changes.values() if change.undone),
        ),
        ("told", expect.told, tuple(f"{m['channel']}/{m.get('template') or 'text'}" for m in seen.messages)),
        ("escalated", expect.escalated, paged),
        ("continues", expect.continues, (seen.continued or {}).get("runbook")),
    ]


def _name(expected: tuple[str, ...] | None, path: str) -> str:
    """A step as the scenario calls it: its address where that is what is written, else its id."""
    for alias in (path, short(path)):
        if expected and alias in expected:
            return alias
    return last(path)


def _verdict(seen: History, step: str) -> str | None:
    verdicts = [row.verdict for path, row in seen.rows.items() if step in names(path)]
    return verdicts[-1] if verdicts else None


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    return "none" if value is None else str(value)
