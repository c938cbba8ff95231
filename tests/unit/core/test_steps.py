from __future__ import annotations

import pytest

from runbook.core.steps import TRANSITIONS, after
from runbook.core.words import StepStatus
from runbook.errors import Bug

EVENTS = sorted({event for row in TRANSITIONS.values() for event in row})
LIVES = [
    ("observed", "observed", "unreadable", "observed"),
    ("planned", "gated", "granted", "planned", "intended", "applied"),
    ("planned", "gated", "granted", "planned", "gated", "granted", "intended", "applied", "gated", "granted", "undone"),
    ("planned", "gated", "denied", "planned"),
    ("planned", "gated", "granted", "intended", "doubted", "doubted", "intended", "applied", "undone", "planned"),
    ("planned", "gated", "granted", "intended", "doubted", "failed", "planned"),
    ("planned", "gated", "granted", "intended", "doubted", "disproved", "intended", "applied"),
    ("planned", "gated", "granted", "intended", "disproved", "failed", "planned"),
    ("asked", "answered", "asked", "failed"),
    ("skipped", "planned", "skipped", "observed"),
]


def test_every_status_has_a_row() -> None:
    """The empty ones too."""
    assert set(TRANSITIONS) == set(StepStatus)


@pytest.mark.parametrize("status", StepStatus)
@pytest.mark.parametrize("event", EVENTS)
def test_an_event_has_its_row_or_is_a_bug(status: StepStatus, event: str) -> None:
    """An event that may not happen in a status is never silently taken."""
    if event in TRANSITIONS[status]:
        assert after(status, event) is TRANSITIONS[status][event]
    else:
        with pytest.raises(Bug, match=f"{status} cannot be {event}"):
            after(status, event)


@pytest.mark.parametrize("life", LIVES, ids=" ".join)
def test_a_step_lives_like_this(life: tuple[str, ...]) -> None:
    """Probes seen again, changes planned again, gates asked again, doubts settled, undone and planned once more."""
    status = StepStatus.PENDING
    for event in life:
        status = after(status, event)


@pytest.mark.parametrize("status", set(StepStatus) - {StepStatus.STARTED, StepStatus.IN_DOUBT})
def test_nothing_is_applied_that_was_not_begun(status: StepStatus) -> None:
    """The result of a change follows its intent, or the doubt about it."""
    assert "applied" not in TRANSITIONS[status]


@pytest.mark.parametrize("status", [StepStatus.PENDING, StepStatus.WAITING, StepStatus.DENIED, StepStatus.SKIPPED])
def test_nothing_is_begun_that_was_not_approved(status: StepStatus) -> None:
    """A step that waits for people, was denied or left out cannot be intended."""
    assert "intended" not in TRANSITIONS[status]
