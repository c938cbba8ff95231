"""What the commands of `runbook incident` share: the argument, times and sources, and how an act is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from runbook.cli.options import complete_incidents
from runbook.cli.session import Session
from runbook.errors import Exit

if TYPE_CHECKING:
    from runbook.incident.acts import Came
    from runbook.incident.history import Incident
    from runbook.incident.moments import Given

Function = TypeVar("Function", bound=Callable[..., Any])


incident_argument = click.argument("incident", metavar="INC", shell_complete=complete_incidents)
anyway_option = click.option(
    "--confidential", is_flag=True, help="What is confidential too, where it does not name you."
)


def when_options(function: Function) -> Function:
    """`--at TIME --source TEXT`."""
    at = click.option("--at", metavar="TIME", help="When: 2026-11-23T14:23Z, 14:23Z, 15m ago. Default: now.")
    source = click.option("--source", metavar="TEXT", help="Who or what says so; needed for what is not now.")
    return at(source(function))


def told_option(flag: str, what: str) -> Callable[[Function], Function]:
    """A flag that takes a text."""
    return click.option(flag, metavar="TEXT", help=what)


def when(session: Session, at: str | None, source: str | None, *, flag: str = "--at") -> Given:
    """What `--at` and `--source` say."""
    from runbook.incident.moments import given

    return given(at, source, session.place.journal.now(), flag=flag)


def found(session: Session, name: str) -> str:
    """The id of an incident of this store; UsageError. A store that is not there yet is not made for it."""
    from runbook.cli.completing import store_exists
    from runbook.errors import UsageError
    from runbook.incident import desk

    id_ = desk.numbered(name)
    if not store_exists(session):
        raise UsageError(
            f"there is no incident {id_}: nothing has been recorded yet", hint="`runbook incident declare`"
        )
    return desk.find(session.project.journal, id_)


def acted(session: Session, came: Came, output: str, words: str, **more: Any) -> Exit:
    """Tell what came of an act: a line, what is to be heeded, and for scripts the incident as it is now."""
    from runbook.report.incident_json import hidden_object, incident_object
    from runbook.report.safe import shown

    for line in came.told:
        session.say(shown(f"note: {line}"))
    said = words if came.changed else "nothing has changed: that is so already"
    session.say(shown(f"{came.incident.id}: {said}"))
    if output == "json":
        told = incident_object(came.incident) if sees(session, came.incident) else hidden_object(came.incident)
        return session.result({**told, "changed": came.changed, "told": list(came.told), **more})
    return Exit.OK


def sees(session: Session, incident: Incident, *, anyway: bool = False) -> bool:
    """Whether who is at the keyboard is shown a confidential incident: who is named in it, or asks for it by a flag."""
    from runbook.incident.confidence import may_see

    if anyway or not incident.confidential:
        return True
    return may_see(session.project.people, session.project.catalogued.document, incident)


def visible(session: Session, id_: str, *, anyway: bool = False) -> Incident:
    """An incident as it was told; Refused where it is confidential, and names neither you nor a group of yours."""
    from runbook.errors import Refused
    from runbook.incident.desk import told

    incident = told(session.project.journal, id_)
    if not sees(session, incident, anyway=anyway):
        raise Refused(
            f"{id_} is confidential, and names neither you nor a group that you are in",
            hint="whoever can read this store can read its record: add --confidential to be shown it",
        )
    return incident
