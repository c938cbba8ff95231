"""`runbook store`: the place where records are kept, checked, brought forward, or copied to another."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import click

from runbook.cli.groups import Group
from runbook.cli.options import examples, output, reason, yes_option
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError


class Options(NamedTuple):
    """What a command of `store` was asked for."""

    source: str | None = None
    target: str | None = None
    output: str = "text"


@click.group(
    "store",
    cls=Group,
    epilog=examples("store check", "store copy sqlite:///journal.db postgresql://db.example.com/runbook"),
)
def group() -> None:
    """Check the store, bring its tables forward, copy it to another place, or drop old payloads."""


@group.command("check", epilog=examples("store check", "--store postgresql://db.example.com/runbook store check"))
@output()
@click.pass_obj
def check_command(session: Session, output: str) -> int:
    """Is everything there, and as it was written? Every stream with its payloads; what the server promises.

    Exit code 3, with the first record that is not what was written, where something is wrong.
    """
    return check(session, Options(output=output))


@group.command("migrate", epilog=examples("store migrate"))
@click.pass_obj
def migrate_command(session: Session) -> int:
    """Bring the tables of an older version forward to this one's. There is no way back: keep a copy."""
    return migrate(session, Options())


@group.command("copy", epilog=examples("store copy sqlite:///journal.db postgresql://db.example.com/runbook"))
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@output()
@click.pass_obj
def copy_command(session: Session, source: str, target: str, output: str) -> int:
    """Copy everything from one store to another that is empty, in one go. Nothing may be running; FROM stays."""
    return copy(session, Options(source, target, output))


@group.command("prune", epilog=examples("store prune --dry-run", "store prune --older-than 30d --yes"))
@click.option(
    "--older-than", metavar="TIME", help="How long after its end a run keeps payloads, instead of `retention`."
)
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@click.option("--force", is_flag=True, help="Also what an undo may need, and what belongs to a doubt. Needs a reason.")
@reason("Why; stands where each value stood. Default: the rule.")
@yes_option
@output()
@click.pass_obj
def prune_command(session: Session, /, **given: Any) -> int:
    """Drop payloads of runs that ended long enough ago; their digests stay, and the record says that they were dropped.

    Never those of a run that is open, in doubt, or held, nor the documents that runs were started with.
    """
    from runbook.cli.prune import Options as Asked
    from runbook.cli.prune import prune

    return prune(session, Asked(**given))


def check(session: Session, options: Options) -> Exit:
    """3 when anything is not what was written."""
    from runbook.cli.log import told, verdict_objects
    from runbook.journal.verify import verify
    from runbook.report.amounts import counted

    journal = session.project.journal
    verdicts = verify(journal)
    warnings = [*journal.warnings(), *_unfinished(session)]
    exit_ = Exit.OK if all(verdict.ok for verdict in verdicts) else Exit.INVALID
    about = {
        "format": journal.format,
        "streams": verdict_objects(verdicts),
        "warnings": warnings,
    }
    if options.output == "json":
        return session.result({"store": about}, exit_)
    for verdict in verdicts:
        if not verdict.ok:
            session.print(told(session, verdict))
    for warning in warnings:
        session.print(f"{session.out_style.paint('warn', '!')} {warning}")
    bad = sum(not verdict.ok for verdict in verdicts)
    records = sum(verdict.size for verdict in verdicts)
    gone = sum(verdict.dropped for verdict in verdicts)
    dropped = f"{counted(gone, 'payload')} dropped (recorded), " if gone else ""
    about_all = f"{len(verdicts)} streams, {records} records, {dropped}tables of format {journal.format}"
    session.print(f"{about_all}; {bad} do not verify")
    return exit_


def _unfinished(session: Session) -> list[str]:
    """Payloads whose dropping was recorded, and cut short."""
    from runbook.journal.naming import Naming

    naming = Naming(session.project.journal)
    naming.update()
    left = len(naming.unfinished())
    said = f"recorded as dropped, and still there: {left} payloads; `runbook store prune` finishes it"
    return [said] if left else []


def migrate(session: Session, options: Options) -> Exit:
    """What it was, and what it is."""
    del options
    journal = session.project.journal
    before = journal.format
    journal.migrate()
    after = journal.format
    session.say(
        f"the store is of format {after}" + (f", and was of format {before}" if after != before else " already")
    )
    return Exit.OK


def copy(session: Session, options: Options) -> Exit:
    """How much was brought over."""
    from runbook.journal import store_at
    from runbook.journal.copying import copy as copied

    from_, to = (session.project.store_named(str(url)) for url in (options.source, options.target))
    path = from_.removeprefix("sqlite:///")
    if path != from_ and not Path(path).exists():
        raise UsageError(f"there is no store {path}", hint="name the file that holds the records")
    source, target = store_at(from_), store_at(to)
    done = copied(source, target)
    if options.output == "json":
        return session.result(done._asdict())
    gone = f"; what had been dropped is not there either ({done.dropped})" if done.dropped else ""
    session.say(f"copied {done.streams} streams with {done.records} records and {done.payloads} payloads{gone}")
    session.say(f"work with it: `store: {options.target}` in runbook.yaml, or --store; the old one stays as it is")
    return Exit.OK
