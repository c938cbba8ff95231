"""`runbook incident report`: all of an incident on one page, to be mailed, printed and archived."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.incidents import anyway_option, found, incident_argument, visible
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit

if TYPE_CHECKING:
    from runbook.incident.postmortem.facts import Facts
    from runbook.journal import Record
    from runbook.report.incident_page import Section


class Options(NamedTuple):
    """What `report` was asked for."""

    incident: str
    to: Path | None = None
    roles: bool = False
    confidential: bool = False
    output: str = "text"


@click.command("report", epilog=examples("incident report INC-1 -o inc-1.html", "incident report INC-1 > inc-1.html"))
@incident_argument
@click.option("-o", "to", metavar="FILE", type=click.Path(path_type=Path), help="Write the page here, not to stdout.")
@click.option("--roles", is_flag=True, help="Roles stand for the names of people.")
@anyway_option
@output()
@click.pass_obj
def report_command(session: Session, /, **given: Any) -> int:
    """Write INC as one HTML page: times, what runbooks did, what is left, action items, the timeline.

    The page holds everything that it needs; it loads nothing and runs no script.
    """
    return report(session, Options(**given))


def report(session: Session, options: Options) -> Exit:
    """The page, to stdout or a file."""
    from runbook.cli.writing import written
    from runbook.hosts.aftermath import aftermath
    from runbook.hosts.clock import wall
    from runbook.incident.merging import merged
    from runbook.report.incident_page import incident_page
    from runbook.report.timeline import entries

    id_, place = found(session, options.incident), session.place
    visible(session, id_, anyway=options.confidential)
    facts = aftermath(place, id_, names=not options.roles)
    now = wall()
    records = list(merged(place.journal, facts.incident))
    more = [*_obligations(session, facts, now), *_messages(records, facts)]
    page = incident_page(facts, list(entries(records)), now, more)
    if options.to is not None:
        written({options.to: page}, "page")
    if options.output == "json":
        said = {"path": str(options.to)} if options.to else {"page": page}
        return session.result({"incident": id_, **said})
    session.print(page.removesuffix("\n") if options.to is None else str(options.to))
    return Exit.OK


def _obligations(session: Session, facts: Facts, now: float) -> list[Section]:
    """The part about deadlines, where somebody has decided about one, or a glass was broken."""
    from runbook.incident.obligations.cases import case_of
    from runbook.incident.obligations.standing import obligations
    from runbook.report.incident_page import Section
    from runbook.report.obligations_page import obligations_body

    case = case_of(session.project.journal, facts.incident)
    if not case.said.judgements and not case.broken:
        return []
    rules = session.project.obligations
    body = obligations_body(obligations(case, rules.regimes, rules.here, now), facts.people.without_names)
    return [Section("obligations", "Obligations", body)]


def _messages(records: list[Record], facts: Facts) -> list[Section]:
    """The part about messages, where there were any."""
    from runbook.incident.messages import messages
    from runbook.report.incident_page import Section
    from runbook.report.messages_page import messages_body

    told = messages(records).all
    return [Section("messages", "Messages", messages_body(told, facts.people.without_names))] if told else []
