"""`runbook obligations draft`: a report as Markdown, made of the record and of what people answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import click

from runbook.cli.incidents import anyway_option, found, incident_argument, visible
from runbook.cli.obligations import report_argument
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit


class Options(NamedTuple):
    """Which report of which incident, and into which file; None: to stdout."""

    incident: str
    report: str
    file: Path | None = None
    confidential: bool = False
    output: str = "text"


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
@output()
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Draft REPORT as Markdown, of what is recorded and of what was answered. What is missing is marked."""
    return draft(session, Options(**given))


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
    if options.file is not None:
        written({options.file: text}, "draft")
    if options.output == "json":
        said = {"document": text} if options.file is None else {"path": str(options.file)}
        missing = [item.id for item in one.open_items]
        return session.result({"incident": id_, "report": one.address, **said, "missing": missing})
    session.print(text.rstrip("\n") if options.file is None else str(options.file))
    if one.open_items:
        session.say(f"missing: {', '.join(item.id for item in one.open_items)}")
        session.say(f"  runbook obligations answer {id_} {one.address} {one.open_items[0].id} TEXT")
    return Exit.OK
