"""`runbook log`: the record of a run, shown, verified, or taken out as one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.options import examples, output, run_argument
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from runbook.journal.problems import Verdict


class Options(NamedTuple):
    """What a command of `log` was asked for: a run's id, a file, or nothing (all streams)."""

    what: str | None = None
    to: Path | None = None
    output: str = "text"


@click.group("log", epilog=examples("log show 01jd", "log verify 01jd", "log export 01jd -o run.jsonl"))
def group() -> None:
    """Show, verify or export the record of a run."""


@group.command("show", epilog=examples("log show 01jd", "log show 01jd --output jsonl | jq .type"))
@run_argument
@output("jsonl")
@click.pass_obj
def show_command(session: Session, run: str, output: str) -> int:
    """Show every record of RUN, one a line. `jsonl` gives records as they are told to scripts."""
    return show(session, Options(run, output=output))


@group.command("verify", epilog=examples("log verify", "log verify 01jd", "log verify run.jsonl"))
@click.argument("what", required=False, metavar="[RUN|FILE]")
@output()
@click.pass_obj
def verify_command(session: Session, what: str | None, output: str) -> int:
    """Was it tampered with? Check a run, a file that `log export` wrote, or (without either) the whole store.

    Exit code 3, and the first record that is not what was written.
    """
    return verify(session, Options(what, output=output))


@group.command("export", epilog=examples("log export 01jd > run.jsonl", "log export 01jd -o run.jsonl"))
@run_argument
@click.option("-o", "to", metavar="FILE", type=click.Path(path_type=Path), help="Write here instead of stdout.")
@click.pass_obj
def export_command(session: Session, run: str, to: Path | None) -> int:
    """Write RUN as one file (JSON Lines) that can be verified anywhere, without the store."""
    return export(session, Options(run, to))


def show(session: Session, options: Options) -> Exit:
    """Records in order."""
    from runbook.hosts.guests import find_run
    from runbook.hosts.past import stream_of
    from runbook.report.run_json import event_object
    from runbook.report.tables import log_line

    journal = session.project.journal
    run = find_run(journal, options.what or "")
    records = journal.read(stream_of(run))
    if options.output == "json":
        events = [event_object(record) for record in records]
        return session.result({"run": run, "records": events})
    for record in records:
        if options.output == "jsonl":
            session.write(event_object(record))
        else:
            session.print(log_line(record, session.out_style))
    return Exit.OK


def verify(session: Session, options: Options) -> Exit:
    """3 when anything is not what was written."""
    verdicts = _verdicts(session, options.what)
    exit_ = Exit.OK if all(verdict.ok for verdict in verdicts) else Exit.INVALID
    if options.output == "json":
        return session.result({"streams": verdict_objects(verdicts)}, exit_)
    for verdict in verdicts:
        session.print(told(session, verdict))
    return exit_


def verdict_objects(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    """As scripts are told."""
    return [
        {
            "stream": verdict.stream,
            "ok": verdict.ok,
            "records": verdict.size,
            "head": verdict.head,
            "problem": verdict.problem,
            "seq": verdict.seq,
            "message": verdict.message,
        }
        for verdict in verdicts
    ]


def _verdicts(session: Session, what: str | None) -> list[Verdict]:
    from runbook.journal.export import verify_export
    from runbook.journal.verify import verify as verified

    if what is not None and Path(what).is_file():
        return [verify_export(Path(what))]
    from runbook.hosts.guests import find_run
    from runbook.hosts.past import stream_of

    journal = session.project.journal
    if what is None:
        verdicts = verified(journal)
        if not verdicts:
            raise UsageError("there is nothing to verify: the store is empty")
        return verdicts
    return verified(journal, stream_of(find_run(journal, what)))


def told(session: Session, verdict: Verdict) -> str:
    """One line about a stream."""
    from runbook.report.safe import shown

    style = session.out_style
    if verdict.ok:
        return f"{style.paint('good', '✓')} {shown(verdict.stream)}: {verdict.size} records, head {verdict.head[:12]}"
    where = f"record {verdict.seq}: " if verdict.seq is not None else ""
    return f"{style.paint('bad', '✗')} {shown(verdict.stream)}: {where}{verdict.problem}: {shown(verdict.message)}"


def export(session: Session, options: Options) -> Exit:
    """The lines; a file appears whole or not at all."""
    from runbook.hosts.guests import find_run
    from runbook.hosts.past import stream_of
    from runbook.journal.export import export as exported

    journal = session.project.journal
    lines = exported(journal, stream_of(find_run(journal, options.what or "")))
    if options.to is None:
        for line in lines:
            session.print(line.decode().removesuffix("\n"))
        return Exit.OK
    part = options.to.with_name(options.to.name + ".part")
    try:
        with part.open("wb") as file:
            file.writelines(lines)
        part.replace(options.to)
    except OSError as error:
        raise UsageError(f"the export cannot be written: {options.to}: {error.strerror}") from error
    session.say(f"wrote {options.to}; check it anywhere with `runbook log verify {options.to}`")
    return Exit.OK
