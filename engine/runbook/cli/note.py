"""`runbook note`: write something down in the record of a run, from any terminal, while it goes or afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from runbook.cli.options import examples, key_option, output, run_argument
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError

LONGEST = 64 * 1024  # characters; a longer one is a file that belongs elsewhere


class Options(NamedTuple):
    """What `note` was asked for."""

    run: str
    text: str
    output: str = "text"
    key: Path | None = None


@click.command(
    "note",
    epilog=examples('note 01jd "the failover at 03:20 was ours"', "$ kubectl describe pod api-0 | runbook note 01jd -"),
)
@run_argument
@click.argument("text", metavar="TEXT")
@key_option
@output()
@click.pass_obj
def command(session: Session, run: str, text: str, key: Path | None, output: str) -> int:
    """Write TEXT down in the record of RUN, with your name and the time. TEXT - reads it from stdin.

    A finished run takes notes too. Secrets that are known are masked, as everywhere.
    """
    return note(session, Options(run, text, output, key))


def note(session: Session, options: Options) -> Exit:
    """One record more."""
    from runbook.hosts import lookup, notes

    text = said(session, options.text)
    place = session.place
    run = lookup.find_run(place.journal, options.run)
    notes.note(place, run, text, key=options.key)
    if options.output == "json":
        session.result({"run": run, "by": place.people.me, "text": place.journal.masker.text(text)})
    session.say(f"noted in run {run}")
    return Exit.OK


def said(session: Session, text: str, what: str = "note") -> str:
    """The words as they are to be recorded; UsageError where there are none, or too many. `what` they are."""
    if text == "-":
        try:
            text = session.stdin.read(LONGEST + 1)
        except UnicodeDecodeError as error:
            raise UsageError("what stdin gives is not text in UTF-8") from error
    text = text.encode("utf-8", "replace").decode().strip()
    if not text:
        raise UsageError(f"the {what} is empty", hint='say it in quotes: "the disk is full"')
    if len(text) > LONGEST:
        raise UsageError(f"the {what} is longer than {LONGEST} characters", hint="say where the whole of it is kept")
    return text
