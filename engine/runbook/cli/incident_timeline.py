"""`runbook incident timeline`: all that happened, from the incident's records and those of its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.incidents import anyway_option, found, incident_argument, visible
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.cli.unread import left_out
from runbook.errors import Exit

if TYPE_CHECKING:
    from runbook.journal import Unread


class Options(NamedTuple):
    """Which incident, and how much of it."""

    incident: str
    important: bool = False
    confidential: bool = False
    output: str = "text"


@click.command(
    "timeline",
    epilog=examples("incident timeline INC-1", "incident timeline INC-1 --important --output markdown"),
)
@incident_argument
@click.option("--important", is_flag=True, help="Only what somebody in a hurry wants to know.")
@anyway_option
@output("markdown")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Tell all that happened in INC and in its runs, in UTC: each line is one record, named behind it."""
    return timeline(session, Options(**given))


def timeline(session: Session, options: Options) -> Exit:
    """Every record, or those that are important."""
    from runbook.incident.merging import merged, missing
    from runbook.report.timeline import entries, timeline_markdown, timeline_object, timeline_text
    from runbook.report.unread import unread_object

    id_ = found(session, options.incident)
    journal = session.project.journal
    incident = visible(session, id_, anyway=options.confidential)
    unread: list[Unread] = []
    lines = [one for one in entries(merged(journal, incident, unread)) if one.important or not options.important]
    gone = missing(journal, incident)
    if gone:
        session.say(f"not in this store, and so not told: {', '.join(gone)}")
    if options.output == "json":
        return session.result({**timeline_object(id_, lines, gone), **unread_object(unread)}, left_out(session, unread))
    if incident.confidential:
        session.say(f"{id_} is confidential{f', TLP:{incident.tlp}' if incident.tlp else ''}")
    text = timeline_markdown(lines) if options.output == "markdown" else timeline_text(lines, session.out_style)
    session.print(text)
    return left_out(session, unread)
