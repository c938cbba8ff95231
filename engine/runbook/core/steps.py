"""The life of a step: which event may follow which status. Data, tested row by row; the diagram in docs is drawn of it.

pending → planned → waiting → approved → started → succeeded | failed | in_doubt → … → undone
"""

from __future__ import annotations

from runbook.core.words import StepStatus as S
from runbook.errors import Bug

TRANSITIONS: dict[S, dict[str, S]] = {
    S.PENDING: {
        "observed": S.SUCCEEDED,
        "unreadable": S.FAILED,
        "planned": S.PLANNED,
        "asked": S.WAITING,
        "skipped": S.SKIPPED,
        "failed": S.FAILED,
    },
    S.PLANNED: {
        "planned": S.PLANNED,
        "gated": S.WAITING,
        "skipped": S.SKIPPED,
        "failed": S.FAILED,
        "granted": S.APPROVED,
        "intended": S.STARTED,
    },
    S.WAITING: {
        "granted": S.APPROVED,
        "denied": S.DENIED,
        "skipped": S.SKIPPED,
        "planned": S.PLANNED,
        "answered": S.SUCCEEDED,
        "failed": S.FAILED,
    },
    S.APPROVED: {
        "planned": S.APPROVED,
        "intended": S.STARTED,
        "gated": S.WAITING,
        "skipped": S.SKIPPED,
        "failed": S.FAILED,
    },
    S.STARTED: {
        "applied": S.SUCCEEDED,
        "failed": S.FAILED,
        "doubted": S.IN_DOUBT,
        "disproved": S.APPROVED,
        "intended": S.STARTED,
    },
    S.SUCCEEDED: {
        "observed": S.SUCCEEDED,
        "unreadable": S.FAILED,
        "planned": S.SUCCEEDED,
        "gated": S.SUCCEEDED,
        "granted": S.SUCCEEDED,
        "intended": S.STARTED,
        "failed": S.FAILED,
        "undone": S.UNDONE,
        "asked": S.WAITING,
        "skipped": S.SKIPPED,
    },
    S.FAILED: {
        "observed": S.SUCCEEDED,
        "unreadable": S.FAILED,
        "planned": S.PLANNED,
        "intended": S.STARTED,
        "undone": S.UNDONE,
        "asked": S.WAITING,
        "skipped": S.SKIPPED,
        "failed": S.FAILED,
        "gated": S.FAILED,
        "granted": S.FAILED,
    },
    S.SKIPPED: {
        "observed": S.SUCCEEDED,
        "unreadable": S.FAILED,
        "planned": S.PLANNED,
        "skipped": S.SKIPPED,
        "asked": S.WAITING,
        "failed": S.FAILED,
    },
    S.DENIED: {"planned": S.PLANNED},
    S.IN_DOUBT: {
        "doubted": S.IN_DOUBT,
        "disproved": S.APPROVED,
        "intended": S.STARTED,
        "applied": S.SUCCEEDED,
        "failed": S.FAILED,
        "undone": S.UNDONE,
    },
    S.UNDONE: {"planned": S.PLANNED},
}


def after(status: S, event: str) -> S:
    """The status after an event; Bug for one that may not happen then."""
    try:
        return TRANSITIONS[status][event]
    except KeyError:
        raise Bug(f"a step that is {status} cannot be {event}") from None
