"""`runbook audit`: what was approved by whom, what was out of the ordinary, and a sample to look into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.groups import Group
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import BrokenChain, Exit, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from runbook.journal import Record
    from runbook.report.audit import Audited, Oddity


class Options(NamedTuple):
    """What a command of `audit` was asked for. `since` and `until` as they were typed."""

    since: str | None = None
    until: str | None = None
    runbook: str | None = None
    environment: str | None = None
    size: int = 0
    seed: str = ""
    output: str = "text"


def _which(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which runs are chosen."""
    for option in (
        click.option("--environment", metavar="NAME", help="Only runs in this environment."),
        click.option("--runbook", metavar="NAME", help="Only runs of this runbook."),
        click.option("--until", metavar="WHEN", help="Only runs that started before this."),
        click.option("--since", metavar="WHEN", help="Only runs that started then or later: 2026-07-01, or 90d."),
    ):
        command = option(command)
    return command


@click.group(
    "audit", cls=Group, epilog=examples("audit exceptions --since 90d", "audit export --output csv > runs.csv")
)
def group() -> None:
    """Who approved what, what was out of the ordinary, and runs drawn by lot. Dry runs are left out."""


@group.command("export", epilog=examples("audit export --since 2026-07-01 --until 2026-10-01 --output csv > q3.csv"))
@_which
@click.option("--output", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True, help="The format.")
@click.pass_obj
def export_command(session: Session, /, **given: Any) -> int:
    """Write one line for each run, oldest first: approvals and how people were known, denials, changes, settlements."""
    return export(session, Options(**given))


@group.command("exceptions", epilog=examples("audit exceptions --since 30d", "audit exceptions --output json"))
@_which
@output()
@click.pass_obj
def exceptions_command(session: Session, /, **given: Any) -> int:
    """List what somebody should look at: broken glass, self-approvals, denials, doubts, what was not reviewed,
    verified, signed or sealed.
    """
    return exceptions(session, Options(**given))


@group.command("sample", epilog=examples("audit sample --count 25 --seed 2026-Q3", "audit sample --count 5 --seed 7"))
@_which
@click.option("--count", "size", type=click.IntRange(min=1), required=True, metavar="N", help="How many runs.")
@click.option("--seed", required=True, metavar="TEXT", help="The same seed draws the same runs: write it down.")
@output()
@click.pass_obj
def sample_command(session: Session, /, **given: Any) -> int:
    """Draw runs by lot for an auditor, with all that the record says of each."""
    return sample(session, Options(**given))


def export(session: Session, options: Options) -> Exit:
    """Exit 3 where a run cannot be read, after all the others have been written."""
    from runbook.report.audit import COLUMNS, csv_line

    lost: list[Oddity] = []
    if options.output == "csv":
        session.print(csv_line(COLUMNS))
    for each in _audited(session, options, lost):
        if options.output == "csv":
            session.print(csv_line(each.row.values()))
        else:
            session.write(each.row)
    for one in lost:
        session.say(f"not exported: run {one.run}: {one.why}")
    return Exit.INVALID if lost else Exit.OK


def exceptions(session: Session, options: Options) -> Exit:
    """Exit 3 only where a run cannot be read: the others are for people to judge."""
    lost: list[Oddity] = []
    found = [oddity for each in _audited(session, options, lost) for oddity in each.oddities]
    exit_ = Exit.INVALID if lost else Exit.OK
    if options.output == "json":
        return session.result({"exceptions": [oddity.wire for oddity in [*found, *lost]]}, exit_)
    for oddity in [*found, *lost]:
        session.print(_line(oddity))
    if not found and not lost:
        session.say("nothing out of the ordinary")
    return exit_


def sample(session: Session, options: Options) -> Exit:
    """Everything about each, in the order in which they were drawn."""
    from runbook.report.audit import audited, drawn
    from runbook.report.run_json import event_object

    lost: list[Oddity] = []
    runs = [each.row["run"] for each in _audited(session, options, lost)]
    chosen = drawn([*runs, *(one.run for one in lost)], options.size, options.seed)
    exit_ = Exit.INVALID if {one.run for one in lost} & set(chosen) else Exit.OK
    shown = []
    for run in chosen:
        records = _records(session, run)
        found = audited(run, records)
        if options.output == "text":
            _describe(session, found)
        else:
            about = {**found.row, "exceptions": [oddity.wire for oddity in found.oddities]}
            shown.append({**about, "records": [event_object(record) for record in records]})
    drawn_of = {"seed": options.seed, "of": len(runs) + len(lost)}
    if options.output == "json":
        return session.result({"sample": {**drawn_of, "runs": shown}}, exit_)
    session.say(f"{len(chosen)} of {drawn_of['of']} runs, drawn with the seed {options.seed!r}")
    return exit_


def _audited(session: Session, options: Options, lost: list[Oddity]) -> Iterator[Audited]:
    """Runs that were asked for, oldest first; what cannot be read goes to `lost`."""
    from runbook.cli.completing import store_exists
    from runbook.report.audit import audited, is_real, unreadable

    now = session.project.journal.now() if store_exists(session) else 0.0
    since, until = _instant("--since", options.since, now), _instant("--until", options.until, now)
    if since is not None and until is not None and since >= until:
        raise UsageError(f"--since {options.since} is not before --until", hint="such as --since 90d --until 30d")
    names = session.project.journal.names("run/") if store_exists(session) else []
    for stream in reversed(names):
        run = stream.partition("/")[2]
        try:
            first = next(iter(session.project.journal.read(stream)), None)
            if first is None or not _asked(first, options, since, until) or not is_real(str(first.data.get("mode"))):
                continue
            yield audited(run, session.project.journal.read(stream))
        except (BrokenChain, StoreError) as error:
            lost.append(unreadable(run, error.message))


def _records(session: Session, run: str) -> list[Record]:
    """What can be read of a run."""
    records: list[Record] = []
    try:
        records.extend(session.project.journal.read(f"run/{run}"))
    except (BrokenChain, StoreError) as error:
        session.say(f"run {run}: {error.message}")
    return records


def _asked(first: Record, options: Options, since: float | None, until: float | None) -> bool:
    if (since is not None and first.time < since) or (until is not None and first.time >= until):
        return False
    return options.runbook in (None, first.data.get("runbook")) and options.environment in (
        None,
        first.data.get("environment"),
    )


def _instant(option: str, text: str | None, now: float) -> float | None:
    """A day, an instant, or how long ago; UTC where no zone is given."""
    from datetime import UTC, datetime

    from runbook.document.durations import Duration

    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        pass
    try:
        return now - Duration.parse(text)
    except ValueError as error:
        message = f"{option} takes a day, an instant, or how long ago, got {text!r}"
        raise UsageError(message, hint="such as 2026-07-01, 2026-07-01T12:00:00Z or 90d") from error


def _line(oddity: Oddity) -> str:
    from runbook.report.safe import shown
    from runbook.report.times import instant

    who = f"  {oddity.who}" if oddity.who else ""
    return shown(
        f"{instant(oddity.at) or '':24}  {oddity.what:17}{who}  run {oddity.run}  {oddity.where}: {oddity.why}"
    )


def _describe(session: Session, found: Audited) -> None:
    from runbook.report.audit import csv_line
    from runbook.report.safe import shown

    for name, value in found.row.items():
        if value not in (None, [], ""):
            session.print(shown(f"{name:12} {csv_line([value])}"))
    for oddity in found.oddities:
        session.print(f"  ! {_line(oddity).strip()}")
    run = found.row["run"]
    session.print(f"             runbook log show {run}; runbook log verify {run}; runbook log export {run}")
    session.print("")
