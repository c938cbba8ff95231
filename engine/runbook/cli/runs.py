"""`runbook runs`: all runs of the store, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.environments import env_option
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.cli.unread import left_out
from runbook.errors import Exit

if TYPE_CHECKING:
    from runbook.journal import Unread
    from runbook.report.follow_ups import Listed as FollowedUp
    from runbook.report.run_json import Listed


class Options(NamedTuple):
    """What `runs` was asked for. `limit` 0: all."""

    limit: int = 0
    dry: bool = False
    every: bool = False
    runbook: str | None = None
    target: str | None = None
    environment: str | None = None
    follow_ups: bool = False
    output: str = "text"


@click.command("runs", epilog=examples("runs", "runs -n 10 --runbook high-api-error-rate --output json"))
@click.option("-n", "--limit", type=click.IntRange(min=1), default=None, metavar="N", help="Only the newest N.")
@click.option("--runbook", metavar="NAME", help="Only runs of this runbook.")
@click.option("--target", metavar="NAME", help="Only runs on this target: its name, or NAMESPACE/NAME.")
@env_option("Only runs in this environment.")
@click.option("--dry", is_flag=True, help="Dry runs too.")
@click.option("--all", "every", is_flag=True, help="All of them: dry runs, and what was done by hand within others.")
@click.option("--follow-ups", is_flag=True, help="Only what is temporary and not taken back yet, by when it is due.")
@output()
@click.pass_obj
def command(session: Session, /, limit: int | None, **given: Any) -> int:
    """List runs, newest first, and what the open ones wait for."""
    return runs(session, Options(limit=limit or 0, **given))


def runs(session: Session, options: Options) -> Exit:
    """The list; a store that is not there yet has none."""
    from runbook.cli.completing import store_exists
    from runbook.report.run_json import runs_object
    from runbook.report.tables import runs_text
    from runbook.report.unread import unread_object

    if options.follow_ups:
        return _follow_ups(session, options)
    unread: list[Unread] = []
    every = _found(session, options, unread) if store_exists(session) else iter(())
    rows = list(islice((row for row in every if _wanted(row, options)), options.limit or None))
    exit_ = left_out(session, unread)
    if options.output == "json":
        session.result({**runs_object(rows), **unread_object(unread)}, exit_)
    elif rows:
        session.print(runs_text(rows, session.out_style))
    elif (options.runbook, options.target, options.environment) != (None, None, None):
        session.say("no run is like that; `runbook runs` lists all of them")
    elif not unread:
        session.say("no runs yet; start one with `runbook run NAME`, or see `runbook list`")
    return exit_


def _found(session: Session, options: Options, unread: list[Unread]) -> Iterator[Listed]:
    from runbook.cli.finding import Runs

    return Runs(session.project.journal, unread).listed(dry=options.dry or options.every, execs=options.every)


def _wanted(row: Listed | FollowedUp, options: Options) -> bool:
    from runbook.core.target import answers_to

    if options.target is not None and not (row.target and answers_to(row.target, options.target)):
        return False
    return options.runbook in (None, row.runbook) and options.environment in (None, row.environment)


def _follow_ups(session: Session, options: Options) -> Exit:
    """What is due to be taken back, the most urgent first."""
    from runbook.cli.completing import store_exists
    from runbook.cli.finding import Runs
    from runbook.hosts.clock import wall
    from runbook.report.follow_ups import follow_ups_object, follow_ups_text
    from runbook.report.unread import unread_object

    unread: list[Unread] = []
    found = Runs(session.project.journal, unread).follow_ups() if store_exists(session) else []
    rows = sorted((row for row in found if _wanted(row, options)), key=lambda row: row.follow_up.due)[
        : options.limit or None
    ]
    exit_ = left_out(session, unread)
    if options.output == "json":
        session.result({**follow_ups_object(rows, wall()), **unread_object(unread)}, exit_)
    elif rows:
        session.print(follow_ups_text(rows, session.out_style, wall()))
    elif not unread:
        session.say("nothing temporary is left to be taken back")
    return exit_
