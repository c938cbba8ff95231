"""`run --declare`: an incident for a run that belongs to none, with what its runbook and its alert say.

Declared when the run is about to be recorded, so that a run that is refused, or joins another, declares nothing.
Whatever comes of the run, the incident stays open until somebody says that it is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbook.cli.session import Session
from runbook.core.target import spoken
from runbook.errors import UsageError

if TYPE_CHECKING:
    from runbook.document.model import Runbook
    from runbook.hosts.incidents import Declares
    from runbook.hosts.pinned import Start
    from runbook.incident.declaring import Declaration


def declaring(session: Session, book: Runbook, start: Start) -> Declares:
    """What declares the incident of this run; UsageError now where the runbook does not say how bad it is."""
    from runbook.incident import naming
    from runbook.incident.declaring import declare

    words = session.project.catalogued
    if book.severity is None:
        raise UsageError(
            f"{book.name} has no severity, so it cannot declare an incident",
            hint="runbook incident declare, and run it with --incident",
        )
    naming.severity(words.document, book.severity)

    def declares(run: str) -> str:
        came = declare(session.place, words.document, words.data, _declaration(book, start, run))
        session.say(f"declared {came.incident.id}, {came.incident.severity}: {came.incident.title}")
        return came.incident.id

    return declares


def _declaration(book: Runbook, start: Start, run: str) -> Declaration:
    from runbook.incident.declaring import Declaration
    from runbook.incident.moments import Given

    target = f" ({spoken(start.target)})" if start.target else ""
    alerted = _alerted(start)
    return Declaration(
        title=f"{book.title}{target}"[:200],
        severity=str(book.severity),
        service=book.service,
        environment=start.environment,
        impact=book.impact,
        user_facing=book.user_facing or None,
        times={} if alerted is None else {"alerted": Given(alerted, f"alert {_name(start)}, startsAt")},
        run=run,
        runbook=book.name,
    )


def _alerted(start: Start) -> float | None:
    """When the alert began to fire; None where it does not say, or says what cannot be."""
    from datetime import datetime

    from runbook.hosts.clock import wall

    said = str((start.alert or {}).get("startsAt") or "")
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return None
    return at.timestamp() if at.tzinfo is not None and 0 < at.timestamp() <= wall() else None


def _name(start: Start) -> str:
    return str((start.alert or {}).get("labels", {}).get("alertname", ""))
