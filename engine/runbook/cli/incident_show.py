"""`runbook incident show|list`: one incident at a glance, and all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.incidents import anyway_option, found, incident_argument, sees
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.cli.unread import left_out
from runbook.errors import Exit

if TYPE_CHECKING:
    from runbook.incident.history import Incident
    from runbook.journal import Unread


class Options(NamedTuple):
    """Which incidents; `limit` 0: all."""

    incident: str = ""
    limit: int = 0
    open: bool = False
    severity: str | None = None
    type: str | None = None
    service: str | None = None
    confidential: bool = False
    output: str = "text"


@click.command("show", epilog=examples("incident show INC-1", "incident show 1 --output json"))
@incident_argument
@anyway_option
@output()
@click.pass_obj
def show_command(session: Session, /, **given: Any) -> int:
    """Show INC: its status, roles, times, and all that belongs to it."""
    return show(session, Options(**given))


def show(session: Session, options: Options) -> Exit:
    """The page, or the object."""
    from runbook.hosts.clock import wall
    from runbook.incident import telling
    from runbook.incident.cadence import next_due
    from runbook.incident.desk import every, told
    from runbook.incident.order import overlapping
    from runbook.report.incident import hidden_text, incident_text
    from runbook.report.incident_json import hidden_object, incident_object
    from runbook.report.messages import told_object, told_rows
    from runbook.report.times import instant
    from runbook.report.unread import unread_object

    id_ = found(session, options.incident)
    journal = session.project.journal
    incident = told(journal, id_)
    seen = sees(session, incident, anyway=options.confidential)
    if not seen and options.output == "json":
        return session.result(hidden_object(incident))
    if not seen:
        session.print(hidden_text(incident, session.out_style))
        return Exit.OK
    unread: list[Unread] = []
    others = overlapping(incident, every(journal, unread)) if incident.service else []
    came = {joined.run: _came(session, joined.run, unread) for joined in incident.runs}
    said = telling.seen(journal, incident.id, unread)[1]
    due = next_due(incident, said, session.project.catalogued.document)
    if options.output == "json":
        told_ = incident_object(incident)
        told_["runs"] = [{**one, "outcome": came[one["run"]]} for one in told_["runs"]]
        spoken = {"messages": told_object(said), "next_update": instant(due)}
        near = {"overlapping": [one.id for one in others], **unread_object(unread)}
        return session.result({**told_, **spoken, **near}, left_out(session, unread))
    now = wall()
    rows = told_rows(said, due, now)
    session.print(incident_text(incident, session.out_style, now, runs=came, overlapping=others, told=rows))
    return left_out(session, unread)


def _came(session: Session, run: str, unread: list[Unread]) -> str:
    """What came of a run: its outcome, `open`, that this store does not have it, or that it cannot be read."""
    before = len(unread)
    infos = session.project.journal.streams(f"run/{run}", unread)
    if not infos:
        return "not in this store" if len(unread) == before else "cannot be read"
    last = infos[0].last
    return str(last.data.get("outcome")) if last.type == "run.finished" else "finished" if infos[0].sealed else "open"


@click.command("list", epilog=examples("incident list", "incident list --open --severity SEV1 --output json"))
@click.option("-n", "--limit", type=click.IntRange(min=1), default=None, metavar="N", help="Only the newest N.")
@click.option("--open", is_flag=True, help="Only those that are not resolved.")
@click.option("--severity", metavar="NAME", help="Only of this severity.")
@click.option("--type", metavar="NAME", help="Only of this type.")
@click.option("--service", metavar="NAME", help="Only of this service.")
@anyway_option
@output()
@click.pass_obj
def list_command(session: Session, /, limit: int | None, **given: Any) -> int:
    """List incidents, newest first."""
    return list_(session, Options(limit=limit or 0, **given))


def list_(session: Session, options: Options) -> Exit:
    """The list; a store that is not there yet has none. What is confidential has no title for others."""
    from runbook.cli.completing import store_exists
    from runbook.hosts.clock import wall
    from runbook.incident.desk import every
    from runbook.report.incident import incidents_text
    from runbook.report.incident_json import hidden_object, incident_object, incidents_object
    from runbook.report.unread import unread_object

    unread: list[Unread] = []
    every_ = every(session.project.journal, unread) if store_exists(session) else []
    found_ = sorted(every_, key=lambda one: one.times["declared"].at, reverse=True)
    told = [(one, sees(session, one, anyway=options.confidential)) for one in found_]
    rows = [(one, seen) for one, seen in told if _wanted(one, options, told=seen)][: options.limit or None]
    exit_ = left_out(session, unread)
    if options.output == "json":
        listed = incidents_object(incident_object(one) if seen else hidden_object(one) for one, seen in rows)
        return session.result({**listed, **unread_object(unread)}, exit_)
    if rows:
        session.print(incidents_text(rows, session.out_style, wall()))
    elif told:
        session.say("no incident is like that; `runbook incident list` lists all of them")
    elif not unread:
        session.say("no incidents yet; `runbook incident declare` declares one")
    return exit_


def _wanted(incident: Incident, options: Options, *, told: bool) -> bool:
    """Whether it is asked for; what is not told cannot be asked for."""
    if options.open and incident.status == "resolved":
        return False
    asked: list[tuple[str | None, str | None]] = [(options.severity, incident.severity)]
    asked += [(options.type, incident.type if told else None), (options.service, incident.service if told else None)]
    return all(want is None or (is_ or "").casefold() == want.casefold() for want, is_ in asked)
