"""`runbook undo`: take back what a finished run changed; a run of its own, with gates of its own."""

from __future__ import annotations

import os
from typing import NamedTuple

import click

from runbook.cli.options import examples, output, run_argument
from runbook.cli.session import Session
from runbook.errors import Exit, Refused


class Options(NamedTuple):
    """What `undo` was asked for."""

    run: str
    yes: bool = False
    output: str = "text"


@click.command("undo", epilog=examples("undo 01jd", "undo 01jd --yes"))
@run_argument
@click.option("-y", "--yes", is_flag=True, help="Say yes at every gate that you may answer; recorded as such.")
@output("jsonl")
@click.pass_obj
def command(session: Session, run: str, yes: bool, output: str) -> int:
    """Take back what RUN changed, newest first. Every undo is planned anew, shown, and waits for a yes."""
    return undo(session, Options(run, yes, output))


def undo(session: Session, options: Options) -> Exit:
    """Start the run that takes back, and drive it."""
    from runbook.cli.driving import driven
    from runbook.cli.environments import place_of
    from runbook.core.ids import ulid
    from runbook.hosts.clock import wall
    from runbook.hosts.local import started
    from runbook.hosts.lookup import find_run
    from runbook.hosts.place import Manner
    from runbook.hosts.undoing import undo_start
    from runbook.policy.rights import may_run

    run = find_run(session.project.journal, options.run)
    place = place_of(session, run)
    why = may_run(place.people, place.people.me)
    if why is not None:
        raise Refused(why)
    start, documents = undo_start(place, run, ulid(wall(), os.urandom(10)))
    book, _ = documents.loaded(place.specs)
    session.say(f"run {start.run} takes back what run {run} of {book.name} changed")
    return driven(
        session,
        start.run,
        book,
        options.output,
        lambda desk, view: started(
            place, start, documents, session.project.source(), Manner(yes=options.yes), desk, view
        ),
        yes=options.yes,
    )
