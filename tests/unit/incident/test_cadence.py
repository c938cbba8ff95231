from __future__ import annotations

import pytest

from runbook.incident.cadence import due, next_due
from runbook.incident.history import Incident
from runbook.incident.messages import Message, Messages
from runbook.incident.words import Status
from support.letters import T0, catalog, incident

CATALOG = catalog()
MINUTE = 60.0


def said(at: float, *, next_update: float | None = None, kind: str = "update", status: str = "sent") -> Messages:
    message = Message(key="m1", channel="team", at=T0 + at, by="ana", kind=kind, status=status, next_update=next_update)
    return Messages(all=(message,))


def keys(one: Incident, told: Messages, now: float) -> list[str]:
    return [reminder.key for reminder in due(one, told, CATALOG, T0 + now)]


def test_the_first_message_is_due_soon_after_the_declaration() -> None:
    """SEV1: within five minutes."""
    assert keys(incident(), Messages(), 5 * MINUTE - 1) == []
    assert keys(incident(), Messages(), 5 * MINUTE) == [f"update/{T0 + 300:.0f}/0"]


@pytest.mark.parametrize(("severity", "minutes"), [("SEV1", 15), ("SEV2", 30), ("SEV3", 240)])
def test_the_next_is_due_after_the_last_as_the_catalog_says(severity: str, minutes: int) -> None:
    """The last one counts, not the declaration."""
    assert next_due(incident(severity=severity), said(600), CATALOG) == T0 + 600 + minutes * MINUTE


def test_a_promise_counts_more_than_the_catalog() -> None:
    """Who said that the next comes in an hour is reminded in an hour."""
    told = said(0, next_update=T0 + 3600)
    assert keys(incident(), told, 3599) == []
    assert keys(incident(), told, 3600) == [f"update/{T0 + 3600:.0f}/0"]


def test_each_further_interval_reminds_again_and_only_the_newest_counts() -> None:
    """A process that was away does not send all that it has missed."""
    told = said(0)
    found = due(incident(), told, CATALOG, T0 + 47 * MINUTE)
    assert [(one.key, one.due) for one in found] == [(f"update/{T0 + 900:.0f}/2", T0 + 45 * MINUTE)]
    assert "32m ago" in found[0].text
    assert found[0].to == "communications"


@pytest.mark.parametrize(
    "told", [said(0, kind="reminder"), said(0, kind="note"), said(0, status="failed"), said(0, status="suppressed")]
)
def test_what_tells_nobody_how_things_are_is_no_update(told: Messages) -> None:
    """A reminder, an expert's report, what did not get out."""
    assert next_due(incident(), told, CATALOG) == T0 + 300


@pytest.mark.parametrize("fields", [{"status": Status.RESOLVED}, {"severity": "SEV4"}, {"imported": {"from": "csv"}}])
def test_nobody_is_reminded_where_nothing_is_due(fields: dict[str, object]) -> None:
    """It is over, nobody promised anything, or it happened elsewhere and long ago."""
    assert keys(incident(**fields), Messages(), 86_400) == []


def test_what_was_mitigated_is_told_of_still() -> None:
    """Until it is resolved, people wait to hear."""
    assert next_due(incident(status=Status.MITIGATED), said(0), CATALOG) == T0 + 900
