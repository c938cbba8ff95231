"""`runbook incident report`: all of an incident on one page, to be mailed, printed and archived."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import click

from runbook.cli.incidents import found, incident_argument
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit


class Options(NamedTuple):
    """What `report` was asked for."""

    incident: str
    to: Path | None = None
    roles: bool = False
    output: str = "text"


@click.command("report", epilog=examples("incident report INC-1 -o inc-1.html", "incident report INC-1 > inc-1.html"))
@incident_argument
@click.option("-o", "to", metavar="FILE", type=click.Path(path_type=Path), help="Write the page here, not to stdout.")
@click.option("--roles", is_flag=True, help="Roles stand for the names of people.")
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
    from runbook.incident import desk
    from runbook.report.incident_lines import lines
    from runbook.report.incident_page import incident_page

    id_, place = found(session, options.incident), session.place
    facts, runs = aftermath(place, id_, names=not options.roles)
    page = incident_page(facts, lines(desk.records(place.journal, id_), runs), wall())
    if options.to is not None:
        written({options.to: page}, "page")
    if options.output == "json":
        said = {"path": str(options.to)} if options.to else {"page": page}
        return session.result({"incident": id_, **said})
    session.print(page.removesuffix("\n") if options.to is None else str(options.to))
    return Exit.OK
