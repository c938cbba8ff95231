"""`runbook incident remind`: send the reminders that are due, once each; for cron, or to be left running.

Whoever else does the same at the same time, on this machine or another, each reminder is sent once.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.incidents import found
from runbook.cli.options import complete_incidents, examples, output
from runbook.cli.session import Session
from runbook.cli.unread import left_out, missed
from runbook.errors import BrokenChain, Exit, UsageError, WorldError

if TYPE_CHECKING:
    from runbook.incident.history import Incident
    from runbook.journal import Unread

EVERY = "30s"
LONG_AGO = 400 * 86_400.0  # seconds after its end at which nobody is reminded of an incident any more


class Options(NamedTuple):
    """What `remind` was told; without incidents, all that are open or ended of late."""

    incidents: tuple[str, ...] = ()
    watch: bool = False
    every: str = EVERY
    dry_run: bool = False
    output: str = "text"


@click.command(
    "remind",
    epilog=examples("incident remind", "incident remind INC-1 --dry-run", "incident remind --watch --every 1m"),
)
@click.argument("incidents", metavar="[INC]...", nargs=-1, shell_complete=complete_incidents)
@click.option("--watch", is_flag=True, help="Stay, and look again and again, until Ctrl-C.")
@click.option("--every", metavar="DURATION", default=EVERY, show_default=True, help="How often, with --watch.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what is due; record and send nothing.")
@output("jsonl")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Remind people of what is due: the next update, deadlines, reviews. Each reminder is recorded, and sent once.

    It goes to who has the role (the communications lead for updates), else to the commander, else to the team's
    channels: directly where the policy knows their Slack id or address and a channel can carry it.
    """
    return remind(session, Options(**given))


def remind(session: Session, options: Options) -> Exit:
    """Once, or until interrupted."""
    import threading

    from runbook.document.durations import Duration

    try:
        every = float(Duration.parse(options.every))
    except ValueError as error:
        raise UsageError(f"--every {options.every}: {error}", hint="write 30s or 1m") from error
    if every < 1:
        raise UsageError("--every is shorter than a second", hint="write 30s or 1m")
    if not options.watch:
        return _once(session, options)
    session.say(f"reminding every {options.every}; Ctrl-C ends it")
    never = threading.Event()
    try:
        while True:
            try:
                _once(session, options)
            except WorldError as error:  # a store that is away for a moment must not end what nobody watches
                session.say(f"this time nothing could be looked at: {error}")
            never.wait(every)
    except KeyboardInterrupt:
        session.say("\nreminding has ended")
        return Exit.INTERRUPTED


def _once(session: Session, options: Options) -> Exit:
    from runbook.report.messages import reminder_object
    from runbook.report.unread import unread_object

    told: list[dict[str, Any]] = []
    unread: list[Unread] = []
    failed = False
    for id_ in _meant(session, options.incidents, unread):
        try:
            reminded = _reminded(session, id_, dry_run=options.dry_run)
        except BrokenChain as error:  # of this incident, or of a run of it: the others' reminders are due all the same
            missed(unread, error)
            continue
        for one, results in reminded:
            failed = failed or (not any(result["status"] == "sent" for result in results) and not options.dry_run)
            told.append({**reminder_object(id_, one.reminder, one.person), "messages": results})
            if options.output == "jsonl":
                session.write(told[-1])
    exit_ = left_out(session, unread)
    exit_ = Exit.UNDETERMINED if failed else exit_
    if options.output == "json":
        return session.result({"reminders": told, **unread_object(unread)}, exit_)
    if not told and not unread and not options.watch and options.output == "text":
        session.say("nothing is due")
    return exit_


def _reminded(session: Session, id_: str, *, dry_run: bool) -> list[tuple[Any, list[dict[str, Any]]]]:
    """What was sent of an incident, each told as it goes."""
    from runbook.cli.notify import outbox_of
    from runbook.incident import reminding, telling
    from runbook.incident.obligations.alarms import alarms
    from runbook.report.messages import reminder_line, result_line, result_object

    place, catalog = session.place, session.project.catalogued.document
    more = [partial(alarms, session.project.obligations)]
    if dry_run:
        incident, waiting = reminding.due(place, id_, catalog, more)
        held = [reminding.Reminded(id_, one, reminding.holder(incident, one), []) for one in waiting]
    else:
        outbox = outbox_of(session)
        for result in telling.settle(place, id_, outbox, place.channels):
            session.say(session.masked(result_line(id_, result, session.err_style)))
        held = reminding.remind(place, id_, catalog, outbox, place.channels, more)
    for one in held:
        session.say(session.masked(reminder_line(id_, one.reminder, one.person, session.err_style)))
        for result in one.results:
            session.say(session.masked(result_line(id_, result, session.err_style)))
    return [(one, [result_object(result) for result in one.results]) for one in held]


def _meant(session: Session, names: tuple[str, ...], unread: list[Unread]) -> list[str]:
    if names:
        return [found(session, name) for name in names]
    from runbook.cli.completing import store_exists
    from runbook.incident import desk

    if not store_exists(session):
        return []
    journal = session.project.journal
    now = journal.now()
    return [incident.id for incident in desk.every(journal, unread) if _lately(incident, now)]


def _lately(incident: Incident, now: float) -> bool:
    ended = incident.at("resolved")
    return incident.imported is None and (ended is None or now - ended < LONG_AGO)
