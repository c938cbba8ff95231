"""Which incident a run belongs to where nobody said: what `incidents: {declare}` of the configuration asks for.

Only for runbooks whose severity the catalog calls major. One question, before the run is recorded, and only where
somebody sits there to answer it; elsewhere nothing prompts, and what would do it is said at the end. An incident of the
same service that is open already goes before another one: five alerts of one outage are not five incidents.
"""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from runbook.cli.asking import NO, YES
from runbook.cli.incident_by_run import declaring
from runbook.cli.session import Session
from runbook.cli.unread import left_out
from runbook.core.words import Mode, RunOutcome
from runbook.document.words import Declaring
from runbook.report.safe import shown

if TYPE_CHECKING:
    from runbook.document.model import Runbook
    from runbook.hosts.incidents import Declares
    from runbook.hosts.pinned import Start
    from runbook.incident.history import Incident
    from runbook.journal import Unread


class Belongs(NamedTuple):
    """A start, with the incident that it joins; what declares one for it; whether that is to be said at its end."""

    start: Start
    declares: Declares | None = None
    later: bool = False


def belonging(session: Session, book: Runbook, start: Start, *, asks: bool) -> Belongs:
    """Where a run belongs by the configuration. `asks`: somebody may be asked, if somebody sits there."""
    wanted = session.project.config.incidents.declare
    if wanted is Declaring.NEVER or start.mode is Mode.DRY or start.incident or not _major(session, book):
        return Belongs(start)
    if wanted is Declaring.ASK and not (asks and session.interactive):
        return Belongs(start, later=True)
    same = _open(session, book, start)
    said = _asked(session, book, same) if wanted is Declaring.ASK else same.id if same is not None else YES[0]
    if said in NO:
        return Belongs(start)
    if same is not None and said == same.id:
        session.say(shown(f"the run belongs to {same.id}: {same.title}"))
        return Belongs(msgspec.structs.replace(start, incident={"id": same.id}))
    return Belongs(start, declaring(session, book, start))


def reminded(session: Session, book: Runbook, start: Start) -> None:
    """What makes a run that began without an incident part of one; nothing where it was not needed."""
    from runbook.hosts.lookup import seen
    from runbook.report.layout import command

    history, _ = seen(session.place, start.run)
    if history.outcome is RunOutcome.NOT_NEEDED:
        return
    same, style = _open(session, book, start), session.err_style
    declare = f"runbook incident declare --severity {book.severity} --title {quote(book.title)}"
    declare += f" --service {quote(book.service)}" if book.service else ""
    declare += f" --environment {quote(start.environment)}" if start.environment else ""
    lines = [] if same is not None else command(declare, style, indent=2)
    joins = command(f"runbook incident link {same.id if same else 'INC'} run {start.run}", style, indent=2)
    session.say("\n".join(["", f"This run of a {book.severity} belongs to no incident:", *lines, *joins]))


def _major(session: Session, book: Runbook) -> bool:
    """Whether what the runbook is about is as bad as incidents are that are worth one without being told."""
    level = session.project.catalogued.document.level(book.severity)
    return level is not None and level.major


def _open(session: Session, book: Runbook, start: Start) -> Incident | None:
    """The newest incident of the same service and environment that is not over, and that may be named to everybody.

    What cannot be read is said: it may be that one.
    """
    from runbook.incident.desk import every
    from runbook.incident.words import Status

    if book.service is None:
        return None
    unread: list[Unread] = []
    incidents = every(session.place.journal, unread)
    left_out(session, unread)
    for one in incidents:
        same = (one.service or "").casefold() == book.service.casefold() and one.environment == start.environment
        if same and one.status is not Status.RESOLVED and one.imported is None and not one.confidential:
            return one
    return None


def _asked(session: Session, book: Runbook, same: Incident | None) -> str:
    """`y`, `n`, or the id of the incident that is open; who gives no answer has not said yes."""
    question = f"Declare an incident, {book.severity}? yes / no: "
    if same is not None:
        session.say(shown(f"{same.id} of {same.service} is open: {same.title}"))
        question = f"Does the run belong to it, to a new incident, or to none? {same.id} / new / no: "
    words = dict.fromkeys(NO, NO[0]) | dict.fromkeys(YES if same is None else ("new",), YES[0])
    if same is not None:
        words |= {same.id.lower(): same.id, same.id.removeprefix("INC-"): same.id} | dict.fromkeys(YES, same.id)
    while True:
        session.show(question)
        line = session.stdin.readline()
        word = line.strip().lower()
        if not line or word in words:
            return words.get(word, NO[0])
        if word:
            session.say("That is none of the answers.")
