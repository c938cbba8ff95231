"""Which record a command is about: a run's, or an incident's where it is named as one (`INC-1`)."""

from __future__ import annotations

from runbook.cli.session import Session


def stream_named(session: Session, what: str) -> str:
    """The stream of a run, by the beginning or the end of its id, or of an incident; UsageError where there is none."""
    from runbook.hosts.lookup import find_run
    from runbook.hosts.past import stream_of
    from runbook.incident import desk

    journal = session.project.journal
    if what.strip().upper().startswith("INC-"):
        return desk.stream_of(desk.find(journal, what))
    return stream_of(find_run(journal, what))
