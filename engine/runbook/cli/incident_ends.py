"""`runbook incident mitigate|resolve|reopen|time`: how it ends, and when things happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.incidents import (
    acted,
    anyway_option,
    found,
    incident_argument,
    told_option,
    visible,
    when,
    when_options,
)
from runbook.cli.options import examples, output, reason
from runbook.cli.session import Session
from runbook.cli.unread import left_out
from runbook.errors import Exit

if TYPE_CHECKING:
    from runbook.incident.history import Incident
    from runbook.journal import Unread


class Options(NamedTuple):
    """Which incident, when, and in which words; `time` None: all of them are shown."""

    incident: str
    time: str | None = None
    at: str | None = None
    source: str | None = None
    summary: str | None = None
    reason: str | None = None
    confidential: bool = False
    output: str = "text"


@click.command("mitigate", epilog=examples('incident mitigate INC-1 --summary "rolled back to v2.3.0"'))
@incident_argument
@told_option("--summary", "What was done.")
@when_options
@output()
@click.pass_obj
def mitigate_command(session: Session, /, **given: Any) -> int:
    """Say that INC does not hurt users any more; what is left to do goes on."""
    return mitigate(session, Options(**given))


def mitigate(session: Session, options: Options) -> Exit:
    """It does not hurt any more."""
    from runbook.incident import acts

    id_ = found(session, options.incident)
    moment = when(session, options.at, options.source)
    return acted(session, acts.mitigate(session.place, id_, moment, options.summary), options.output, "mitigated")


@click.command(
    "resolve",
    epilog=examples(
        'incident resolve INC-1 --summary "rolled back; the pool is back to 50"',
        'incident resolve INC-1 --at 15:08Z --source "error rate below 1 %"',
    ),
)
@incident_argument
@told_option("--summary", "What it was, and what ended it.")
@when_options
@output()
@click.pass_obj
def resolve_command(session: Session, /, **given: Any) -> int:
    """Say that INC is over. What its runs have left changed is listed, with what takes it back."""
    return resolve(session, Options(**given))


def resolve(session: Session, options: Options) -> Exit:
    """It is over; what is left changed is shown, and stands in the record."""
    from runbook.hosts.aftermath import left_behind, runs_of
    from runbook.incident import acts, desk
    from runbook.report.leftovers import leftovers_lines, leftovers_object
    from runbook.report.unread import unread_object

    id_ = found(session, options.incident)
    moment = when(session, options.at, options.source)
    place = session.place
    unread: list[Unread] = []
    left = left_behind(place, runs_of(place, desk.told(place.journal, id_), unread), unread)
    objects = leftovers_object(left)
    came = acts.resolve(place, id_, moment, options.summary, objects, unread)
    left_out(session, unread)  # it is over all the same, and the record says of what it is not known
    for line in leftovers_lines(left, session.err_style, place.journal.now()):
        session.say(line)
    exit_ = acted(session, came, options.output, "resolved", leftovers=objects, **unread_object(unread))
    _afterwards(session, came.incident)
    return exit_


def _afterwards(session: Session, incident: Incident) -> None:
    """What its severity asks for when it is over."""
    from runbook.hosts.clock import wall
    from runbook.incident.postmortem.review import review
    from runbook.report.layout import command
    from runbook.report.times import by_when

    due = review(incident, (), session.project.catalogued.document)
    if due is None:
        return
    style = session.err_style
    session.say(f"  {due.why}: {by_when(due.due, wall(), style.zone)}")
    for line in command(f"runbook postmortem {incident.id} -o {incident.id.lower()}.md", style, indent=4):
        session.say(line)


@click.command("reopen", epilog=examples('incident reopen INC-1 --reason "the errors are back"'))
@incident_argument
@reason("Why; it stands in the timeline.", required=True)
@output()
@click.pass_obj
def reopen_command(session: Session, /, **given: Any) -> int:
    """Say that INC hurts again. What was said of its end does not hold then, and stays in the record."""
    return reopen(session, Options(**given))


def reopen(session: Session, options: Options) -> Exit:
    """It hurts again."""
    from runbook.incident import acts

    id_ = found(session, options.incident)
    return acted(session, acts.reopen(session.place, id_, str(options.reason)), options.output, "is open again")


@click.command(
    "time",
    epilog=examples(
        "incident time INC-1",
        'incident time INC-1 impact_started --at 14:23Z --source "error graph"',
        "incident time INC-1 acknowledged",
    ),
)
@incident_argument
@click.argument("time", metavar="[TIME]", required=False)
@when_options
@reason("Why a time that is known is corrected.")
@anyway_option
@output()
@click.pass_obj
def time_command(session: Session, /, **given: Any) -> int:
    """Show the times of INC; or say when one was, or correct it.

    TIME is impact_started, detected, alerted, acknowledged, mobilised, mitigated or resolved.
    """
    return time(session, Options(**given))


def time(session: Session, options: Options) -> Exit:
    """All times, or one more."""
    from runbook.errors import UsageError
    from runbook.incident import acts

    id_ = found(session, options.incident)
    if options.time is None:
        if options.at or options.source or options.reason:
            raise UsageError(
                "which time?", hint=f"as in: runbook incident time {id_} detected --at 14:23Z --source TEXT"
            )
        return _shown(session, id_, options)
    moment = when(session, options.at, options.source)
    came = acts.time(session.place, id_, options.time, moment, options.reason)
    return acted(session, came, options.output, f"{options.time.replace('_', ' ')} is recorded")


def _shown(session: Session, id_: str, options: Options) -> Exit:
    from runbook.report.incident import times_text
    from runbook.report.incident_json import incident_object

    incident = visible(session, id_, anyway=options.confidential)
    if options.output == "json":
        told_ = incident_object(incident)
        return session.result({"incident": id_, "times": told_["times"]})
    session.print(times_text(incident, session.out_style))
    return Exit.OK
