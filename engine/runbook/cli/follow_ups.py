"""`runbook follow-ups`: what is temporary and still changed, and the word of somebody that it is settled."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from runbook.cli.groups import Group
from runbook.cli.options import examples, key_option, output, reason, run_argument
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError


class Options(NamedTuple):
    """What `follow-ups close` was asked for; `option` None where the run has one follow-up only."""

    run: str
    option: str | None = None
    reason: str = ""
    output: str = "text"
    key: Path | None = None


@click.group(
    "follow-ups",
    cls=Group,
    invoke_without_command=True,
    epilog=examples("follow-ups", 'follow-ups close 01jd --reason "made permanent in git"'),
)
@click.pass_context
def group(ctx: click.Context) -> int | None:
    """List what is temporary and still changed, or close what no command takes back.

    Without a command: the list.
    """
    return None if ctx.invoked_subcommand else listed(ctx.obj)


@group.command("list", epilog=examples("follow-ups list", "follow-ups list --output json"))
@output()
@click.pass_obj
def list_command(session: Session, output: str) -> int:
    """What is due, the most urgent first; the same as `runs --follow-ups`."""
    return listed(session, output)


def listed(session: Session, output: str = "text") -> Exit:
    """What `runs --follow-ups` says."""
    from runbook.cli import runs

    return runs.runs(session, runs.Options(follow_ups=True, output=output))


@group.command(
    "close",
    epilog=examples(
        'follow-ups close 01jd --reason "scaled back by hand"', 'follow-ups close 01jd open_gate --reason "ticket 4711"'
    ),
)
@run_argument
@click.argument("option", required=False)
@reason("Why nothing is left to do; recorded with your name.", required=True)
@key_option
@output()
@click.pass_obj
def close_command(session: Session, run: str, option: str | None, reason: str, key: Path | None, output: str) -> int:
    """Say that the follow-up of RUN is settled: taken back by hand, or meant to stay.

    Nothing is changed by it. OPTION is needed where the run has left more than one.
    """
    return close(session, Options(run, option, reason, output, key))


def close(session: Session, options: Options) -> Exit:
    """One record more, and the lists leave it out."""
    from runbook.hosts import lookup, notes

    if not options.reason.strip():
        raise UsageError("the reason is empty", hint='say it: --reason "taken back by hand"')
    place = session.place
    run = lookup.find_run(place.journal, options.run)
    option = notes.close_follow_up(place, run, options.option, options.reason.strip(), key=options.key)
    if options.output == "json":
        session.result({"run": run, "option": option, "by": place.people.me})
    session.say(f"closed in run {run}: {option}; nothing was changed by it")
    return Exit.OK
