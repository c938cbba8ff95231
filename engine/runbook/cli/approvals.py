"""`runbook approvals`: everything that waits for a person, over all open runs."""

from __future__ import annotations

from typing import NamedTuple

import click

from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit

FOR_PEOPLE = ("approval", "question", "doubt")


class Options(NamedTuple):
    """What `approvals` was asked for."""

    output: str = "text"


@click.command("approvals", epilog=examples("approvals", "approvals --output json"))
@output()
@click.pass_obj
def command(session: Session, output: str) -> int:
    """List gates, questions and doubts that wait for a person, with the commands that answer them."""
    return approvals(session, Options(output))


def approvals(session: Session, options: Options) -> Exit:
    """What waits, oldest run last."""
    from runbook.cli.completing import store_exists
    from runbook.cli.finding import open_runs
    from runbook.hosts.clock import wall
    from runbook.report.next_steps import waiting
    from runbook.report.tables import approvals_text
    from runbook.report.times import instant

    found = []
    for open_ in open_runs(session.project.journal) if store_exists(session) else ():
        waits = waiting(open_.history, open_.run, alive=open_.alive)
        found.append((open_.run, open_.history.runbook, [one for one in waits if one.about in FOR_PEOPLE]))
    if options.output == "text":
        session.print(approvals_text(found, session.out_style, wall()))
        return Exit.OK
    rows = [
        {
            "run": run,
            "runbook": runbook,
            "for": one.about,
            "key": one.key,
            "text": one.text,
            "deadline": instant(one.deadline),
            "commands": [command.line for command in one.commands],
        }
        for run, runbook, waits in found
        for one in waits
    ]
    return session.result({"approvals": rows})
