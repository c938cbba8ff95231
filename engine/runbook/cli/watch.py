"""`runbook watch`: follow a run from any terminal. Reads its record, and can do nothing to it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.options import examples, output, run_argument
from runbook.cli.session import Session
from runbook.errors import Diverged, DocumentError, Exit, PayloadDropped

if TYPE_CHECKING:
    from runbook.cli.watching import View
    from runbook.core.history import History
    from runbook.document.model import Runbook
    from runbook.hosts.place import Place

TICK = 0.1  # seconds between two looks at the store


class Options(NamedTuple):
    """What `watch` was asked for."""

    run: str
    exit_status: bool = False
    output: str = "text"


@click.command("watch", epilog=examples("watch 01jd", "watch 01jd --exit-status"))
@run_argument
@click.option("--exit-status", is_flag=True, help="Exit with the run's own code.")
@output("jsonl")
@click.pass_obj
def command(session: Session, run: str, exit_status: bool, output: str) -> int:
    """Follow RUN until it is finished, or until nobody runs it any more. Ctrl-C ends the watching, never the run."""
    return watch(session, Options(run, exit_status, output))


def watch(session: Session, options: Options) -> Exit:
    """Show records as they are written."""
    from runbook.cli.driving import ended_with
    from runbook.cli.watching import View
    from runbook.hosts.clock import wall
    from runbook.hosts.lookup import find_run
    from runbook.report.run_json import exit_of

    place = session.place
    run = find_run(place.journal, options.run)
    book = _book(place, run)
    view = View(session, book, wall, records=options.output == "jsonl")
    try:
        with view.shown():
            history = _followed(place, run, view)
    except KeyboardInterrupt:
        session.say(f"\nwatching ended; the run goes on without us. Again: runbook watch {run}")
        return Exit.INTERRUPTED
    ended_with(session, run, history, book, options.output, exit_of(history, alive=False), alive=False)
    return exit_of(history, alive=False) if options.exit_status else Exit.OK


def _book(place: Place, run: str) -> Runbook | None:
    """The runbook as the run has it; a run of another version can be watched without."""
    from runbook.hosts.lookup import seen
    from runbook.hosts.pinned import recalled

    try:
        return recalled(run, seen(place, run)[0].started)[1].loaded(place.specs)[0]
    except (Diverged, DocumentError, PayloadDropped):
        return None


def _followed(place: Place, run: str, view: View) -> History:
    """Until it is finished or abandoned. Whether somebody runs it is asked before reading, so that no end is missed."""
    from runbook.core.history import History
    from runbook.hosts.past import stream_of

    stream = stream_of(run)
    history, after = History(), -1
    while True:
        changed = place.journal.changed(stream)
        alive = place.journal.holder(stream) is not None
        for record in place.journal.read(stream, after):
            after = record.seq
            history.take(record)
            view.record(record)
        if history.finished is not None or not alive:
            return history
        while changed == place.journal.changed(stream) and place.journal.holder(stream) is not None:
            time.sleep(TICK)
