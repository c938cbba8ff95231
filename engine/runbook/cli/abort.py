"""`runbook abort`: end a run. What runs is finished, nothing further is started, nothing is undone."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from runbook.cli.options import examples, key_option, output, reason, run_argument
from runbook.cli.session import Session
from runbook.errors import Exit


class Options(NamedTuple):
    """What `abort` was asked for."""

    run: str
    reason: str | None = None
    output: str = "text"
    key: Path | None = None


@click.command("abort", epilog=examples('abort 01jd --reason "handled by hand"'))
@run_argument
@reason("Why; stands in the record.")
@key_option
@output()
@click.pass_obj
def command(session: Session, run: str, reason: str | None, key: Path | None, output: str) -> int:
    """End RUN. A change that is being made is finished, nothing further is started, nothing is undone.

    What was applied is listed, with the command that takes it back.
    """
    return abort(session, Options(run, reason, output, key))


def abort(session: Session, options: Options) -> Exit:
    """Ask whoever runs it to end it; where nobody does, end it here. 9 when something stays in doubt."""
    from runbook.cli.driving import driven, ended_with
    from runbook.cli.environments import place_of
    from runbook.hosts import guests, lookup
    from runbook.hosts.local import resumed
    from runbook.hosts.pinned import recalled
    from runbook.hosts.place import Manner

    run = lookup.find_run(session.project.journal, options.run)
    place = place_of(session, run)
    alive = guests.abort(place, run, options.reason or "aborted from the command line", key=options.key)
    history, _ = lookup.seen(place, run)
    if alive:
        session.say(f"asked: whoever runs {run} ends it, as soon as what is being done is finished")
        if options.output != "text":
            ended_with(session, run, history, None, options.output, Exit.OK, alive=True)
        return Exit.OK
    documents = recalled(run, history.started)[1].opened(place.specs)
    book, _ = documents.loaded(place.specs)
    exit_ = driven(
        session,
        run,
        book,
        options.output,
        lambda desk, view: resumed(place, run, Manner(), desk, view, documents),
        past=history,
        alone=True,
    )
    return Exit.OK if exit_ is Exit.REFUSED else exit_
