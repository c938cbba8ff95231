"""`runbook approvals`: everything that waits for a person, over all open runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.cli.unread import left_out
from runbook.errors import Exit

if TYPE_CHECKING:
    from runbook.cli.finding import Open
    from runbook.journal import Unread
    from runbook.report.tables import Waiting

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
    from runbook.cli.finding import Runs
    from runbook.hosts.clock import wall
    from runbook.report.next_steps import waiting
    from runbook.report.tables import Waiting, approvals_text
    from runbook.report.times import instant
    from runbook.report.unread import unread_object
    from runbook.report.where import where_text

    found: list[tuple[Open, Waiting]] = []
    unread: list[Unread] = []
    for open_ in Runs(session.project.journal, unread).open() if store_exists(session) else ():
        waits = waiting(open_.history, open_.run, alive=open_.alive, now=wall())
        people = [one for one in waits if one.about in FOR_PEOPLE]
        where = where_text(open_.history.environment, open_.history.target)
        found.append((open_, Waiting(open_.run, open_.history.runbook, people, where)))
    if options.output == "text":
        if found or not unread:
            session.print(approvals_text([waiting for _, waiting in found], session.out_style, wall()))
        return left_out(session, unread)
    rows = [
        {
            "run": open_.run,
            "runbook": open_.history.runbook,
            "environment": open_.history.environment,
            "target": open_.history.target,
            "for": one.about,
            "key": one.key,
            "text": one.text,
            "deadline": instant(one.deadline),
            "commands": [command.line for command in one.commands],
        }
        for open_, waits in found
        for one in waits.waits
    ]
    return session.result({"approvals": rows, **unread_object(unread)}, left_out(session, unread))
