"""`runbook actions`: what people promised to do after incidents, until when, and what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.groups import Group
from runbook.cli.incidents import anyway_option, found, sees, visible
from runbook.cli.options import complete_incidents, examples, output, reason
from runbook.cli.session import Session
from runbook.cli.unread import left_out, missed
from runbook.errors import BrokenChain, Exit, UsageError

if TYPE_CHECKING:
    from runbook.incident.actions import Action
    from runbook.journal import Unread

AIMS = ("prevent", "mitigate", "process")


class Options(NamedTuple):
    """What a command of `actions` was asked for. `due` as it was typed; what is None was not given."""

    id: str | None = None
    title: str | None = None
    owner: str | None = None
    due: str | None = None
    aim: str | None = None
    ticket: str | None = None
    reason: str | None = None
    overdue: bool = False
    every: bool = False
    confidential: bool = False
    output: str = "text"


def _fields(command: Any) -> Any:
    """What can be said of an item."""
    for option in (
        click.option("--ticket", metavar="URL", help="Where it is worked on."),
        click.option("--aim", type=click.Choice(AIMS), help="Does it prevent, mitigate, or improve how people work?"),
        click.option("--due", metavar="DAY", help="2026-12-01, or 14d from today."),
        click.option("--owner", metavar="WHO", help="A person or a team; one of them."),
    ):
        command = option(command)
    return command


_action = click.argument("id", metavar="ACTION")


@click.group(
    "actions", cls=Group, epilog=examples("actions list --overdue", 'actions add INC-7 "Add the index" --due 14d')
)
def group() -> None:
    """Add, list and end the action items of incidents."""


@group.command("list", epilog=examples("actions list", "actions list INC-7", "actions list --output github-json"))
@click.argument("id", metavar="[INC]", required=False, shell_complete=complete_incidents)
@click.option("--overdue", is_flag=True, help="Only those whose day has passed.")
@click.option("--all", "every", is_flag=True, help="Also what is done or dropped.")
@anyway_option
@output("csv", "github-json", "github-csv")
@click.pass_obj
def list_command(session: Session, /, **given: Any) -> int:
    """What is open, the most urgent first; of one incident, or of all.

    `github-json` and `github-csv` are issues to create, one for each open item that has no ticket yet.
    """
    return list_(session, Options(**given))


@group.command("add", epilog=examples('actions add INC-7 "Alert on pool usage over 80 %" --owner dba --due 2026-12-01'))
@click.argument("id", metavar="INC", shell_complete=complete_incidents)
@click.argument("title", metavar="TITLE")
@_fields
@output()
@click.pass_obj
def add_command(session: Session, /, **given: Any) -> int:
    """Promise something: TITLE says what is to be done, and how one sees that it is."""
    return add(session, Options(**given))


@group.command("change", epilog=examples("actions change INC-7-A2 --due 2026-12-15", "actions change 7-A2 --owner sre"))
@_action
@click.option("--title", metavar="TEXT", help="Say it better.")
@_fields
@reason("Why.")
@output()
@click.pass_obj
def change_command(session: Session, /, **given: Any) -> int:
    """Give an item another owner, day, aim, title or ticket."""
    return change(session, Options(**given))


@group.command("done", epilog=examples('actions done INC-7-A2 --reason "merged in #481"'))
@_action
@reason("How it was done.")
@output()
@click.pass_obj
def done_command(session: Session, /, **given: Any) -> int:
    """Say that an item is done."""
    return ended(session, Options(**given), "done")


@group.command("drop", epilog=examples('actions drop INC-7-A2 --reason "the service goes away in March"'))
@_action
@reason("Why nobody will do it; the next incident will ask.", required=True)
@output()
@click.pass_obj
def drop_command(session: Session, /, **given: Any) -> int:
    """Say that an item will not be done."""
    return ended(session, Options(**given), "dropped")


@group.command("reopen", epilog=examples('actions reopen INC-7-A2 --reason "it was reverted"'))
@_action
@reason("Why it is to be done after all.", required=True)
@output()
@click.pass_obj
def reopen_command(session: Session, /, **given: Any) -> int:
    """Say that an ended item is to be done again."""
    return ended(session, Options(**given), "open")


def list_(session: Session, options: Options) -> Exit:
    """Of one incident or of all; nothing to show is said on stderr."""
    from runbook.incident.actions import State
    from runbook.report import actions as drawn
    from runbook.report.unread import unread_object

    today = _today()
    unread: list[Unread] = []
    items = [one for one in _found(session, options, unread) if one.state is State.OPEN or options.every]
    items = [one for one in items if one.overdue(today)] if options.overdue else items
    exit_ = left_out(session, unread)
    match options.output:
        case "json":
            return session.result({**drawn.actions_object(items, today), **unread_object(unread)}, exit_)
        case "csv":
            session.print(drawn.actions_csv(items, today))
        case "github-csv":
            session.print(drawn.issues_csv(items))
        case "github-json":
            session.write(drawn.issues(items))
        case _ if items:
            session.print(drawn.actions_text(items, session.out_style, today))
        case _:
            which = "overdue" if options.overdue else "open"
            session.say(f"no action item is {which}" + (f" for {options.id}" if options.id else ""))
    return exit_


def _found(session: Session, options: Options, unread: list[Unread]) -> list[Action]:
    """The items of one incident, or of all that may be seen; looking makes no store."""
    from runbook.cli.completing import store_exists
    from runbook.incident.action_desk import of_incident
    from runbook.incident.desk import every

    if options.id is not None:
        id_ = found(session, options.id)
        visible(session, id_, anyway=options.confidential)
        return of_incident(session.project.journal, id_)
    if not store_exists(session):
        return []
    journal = session.project.journal
    seen = [one.id for one in every(journal, unread) if sees(session, one, anyway=options.confidential)]
    found_: list[Action] = []
    for id_ in seen:
        try:
            found_ += of_incident(journal, id_)
        except BrokenChain as error:
            missed(unread, error)
    return found_


def add(session: Session, options: Options) -> Exit:
    """One item more; it is named on stdout."""
    from runbook.incident import action_desk
    from runbook.incident.actions import Aim

    id_ = found(session, str(options.id))
    item = action_desk.add(
        session.place,
        id_,
        str(options.title),
        aim=Aim(options.aim or "prevent"),
        owner=options.owner,
        due=_day(options.due),
        ticket=options.ticket,
    )
    missing = [f"no {name}" for name, value in (("owner", item.owner), ("day", item.due)) if value is None]
    if missing:
        session.say(f"it has {' and '.join(missing)} yet: what nobody owns is not done")
    return _said(session, options, item, "added")


def change(session: Session, options: Options) -> Exit:
    """What was named is another; the rest stays."""
    from runbook.incident import action_desk

    day = _day(options.due)
    given = {"title": options.title, "owner": options.owner, "aim": options.aim, "ticket": options.ticket}
    fields = {name: value for name, value in given.items() if value is not None}
    fields |= {"due": day.isoformat()} if day else {}
    id_ = _named(session, options)
    item = action_desk.change(session.place, id_, fields, options.reason)
    return _said(session, options, item, "changed")


def ended(session: Session, options: Options, state: str) -> Exit:
    """Done, dropped, or open again."""
    from runbook.incident import action_desk
    from runbook.incident.actions import State

    id_ = _named(session, options)
    if state == "open":
        item = action_desk.reopen(session.place, id_, str(options.reason))
    else:
        item = action_desk.end(session.place, id_, State(state), options.reason)
    return _said(session, options, item, {"open": "is open again", "done": "is done", "dropped": "is dropped"}[state])


def _named(session: Session, options: Options) -> str:
    """The item that was meant, of an incident that there is; a store that is not there yet is not made for it."""
    from runbook.incident.actions import named

    incident, id_ = named(str(options.id))
    found(session, incident)
    return id_


def _said(session: Session, options: Options, item: Action, what: str) -> Exit:
    from runbook.report.actions import action_object

    if options.output == "json":
        return session.result(action_object(item, _today()))
    session.print(item.id)
    day = f", due {item.due.isoformat()}" if item.due else ""
    session.say(f"{item.id} {what}: {item.title}{f' ({item.owner}{day})' if item.owner or day else ''}")
    return Exit.OK


def _day(text: str | None) -> date | None:
    """A day as typed: `2026-12-01`, or how many days or weeks from today."""
    if text is None:
        return None
    word = text.strip().lower().removeprefix("+")
    if word[:-1].isascii() and word[:-1].isdigit() and word[-1:] in ("d", "w") and len(word) <= 5:
        return _today() + timedelta(days=int(word[:-1]) * (7 if word.endswith("w") else 1))
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise UsageError(f"{text!r} is no day", hint="write 2026-12-01, 14d or 2w") from error


def _today() -> date:
    """The day of whoever sits here."""
    from runbook.hosts.clock import wall

    return datetime.fromtimestamp(wall(), UTC).astimezone().date()
