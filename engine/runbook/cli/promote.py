"""`runbook promote`: the draft of a runbook, of what was done by hand in a run."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import click

from runbook.cli.options import examples, output, run_argument
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError


class Options(NamedTuple):
    """What `promote` was asked for."""

    run: str
    to: Path | None = None
    force: bool = False
    output: str = "text"


@click.command("promote", epilog=examples("promote 01jd", "promote 01jd -o runbooks/database-slow.yaml"))
@run_argument
@click.option("-o", "to", metavar="FILE", type=click.Path(path_type=Path), help="Write here instead of stdout.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@output()
@click.pass_obj
def command(session: Session, run: str, to: Path | None, force: bool, output: str) -> int:
    """Draft a runbook of what was done by hand in RUN: its commands, its notes, the steps that people did.

    Reads become triage, changes the option `as_done` in their order, what was looked at afterwards its verification;
    values of the run become parameters. It is a draft: what nobody but you can know stands in it as TODO.
    """
    return promote(session, Options(run, to, force, output))


def promote(session: Session, options: Options) -> Exit:
    """The draft, to stdout or a file."""
    from runbook.authoring.formatting.document import in_style
    from runbook.authoring.promote import draft
    from runbook.cli.writing import written
    from runbook.document.load import load
    from runbook.hosts.lookup import find_run, seen
    from runbook.hosts.promoting import work_of

    if options.to is not None and options.to.exists() and not options.force:
        raise UsageError(f"{options.to} is there already", hint="name another, or overwrite it with --force")
    place = session.place
    run = find_run(place.journal, options.run)
    past, _ = seen(place, run)
    if past.started.get("within"):
        run = str(past.started["within"])
        past, _ = seen(place, run)
        session.say(f"it was done by hand in run {run}; that is promoted")
    text = in_style(draft(work_of(place, run, past)), place.specs)
    loaded = load(text.encode(), place.specs, path=str(options.to or "draft"))
    if options.to is not None:
        written({options.to: text}, "draft")
    if options.output == "json":
        session.result({"run": run, "path": str(options.to) if options.to else None, "document": text})
    elif options.to is None:
        session.print(text.removesuffix("\n"))
    todo = text.count("TODO")
    session.say(f"{todo} TODO, {len(loaded.findings)} warnings; read it line by line before anybody runs it")
    return Exit.OK
