"""`runbook obligations draft`: a report as Markdown, made of the record and of what people answered."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from runbook.cli.incidents import anyway_option, found, incident_argument, visible
from runbook.cli.obligations import report_argument
from runbook.cli.options import examples
from runbook.cli.session import Session
from runbook.errors import Exit


class Options(NamedTuple):
    """Which report of which incident, and into which file; None: to stdout."""

    incident: str
    report: str
    file: Path | None = None
    confidential: bool = False


@click.command(
    "draft",
    epilog=examples(
        "obligations draft INC-1 gdpr.authority", "obligations draft INC-1 nis2.early_warning -o early-warning.md"
    ),
)
@incident_argument
@report_argument
@click.option("-o", "file", metavar="FILE", type=click.Path(path_type=Path), help="Write it into FILE.")
@anyway_option
@click.pass_obj
def command(session: Session, incident: str, report: str, file: Path | None, confidential: bool) -> int:
    """Draft REPORT as Markdown, of what is recorded and of what was answered. What is missing is marked."""
    return draft(session, Options(incident, report, file, confidential))


def draft(session: Session, options: Options) -> Exit:
    """The draft, to stdout or into a file."""
    from runbook.cli.writing import written
    from runbook.hosts.clock import wall
    from runbook.incident.obligations.cases import case_of
    from runbook.incident.obligations.naming import named, placed
    from runbook.report import obligation_draft

    id_ = found(session, options.incident)
    journal, rules, now = session.project.journal, session.project.obligations, wall()
    incident = visible(session, id_, anyway=options.confidential)
    case = case_of(journal, incident)
    one = placed(case, rules, named(case, rules, options.report, now), now)
    text = obligation_draft.draft(incident, case, one, now)
    if options.file is None:
        session.print(text.rstrip("\n"))
    else:
        written({options.file: text}, "draft")
        session.say(f"wrote {options.file}")
    if one.open_items:
        session.say(f"missing: {', '.join(item.id for item in one.open_items)}")
        session.say(f"  runbook obligations answer {id_} {one.address} {one.open_items[0].id} TEXT")
    return Exit.OK
