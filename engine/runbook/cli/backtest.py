"""`runbook backtest`: when a runbook would have started in the past, and been verified; before and after a change."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.environments import enter, env_option
from runbook.cli.options import examples, output, parameter_option, params_option, runbook_argument
from runbook.cli.session import Session
from runbook.errors import Exit, RunbookError, Unreachable, UsageError

if TYPE_CHECKING:
    from runbook.bootstrap import Project
    from runbook.document.model import Runbook
    from runbook.hosts.backtest import Backtest, Version
    from runbook.hosts.metrics_past import Window

MOST_MOMENTS = 200_000


class Options(NamedTuple):
    """What `backtest` was asked for; durations as they were typed."""

    name: str
    since: str = "30d"
    step: str = "1m"
    base: str | None = None
    parameters: tuple[str, ...] = ()
    params_file: Path | None = None
    environment: str | None = None
    output: str = "text"


@click.command(
    "backtest",
    epilog=examples(
        "backtest high-api-error-rate",
        "backtest high-api-error-rate --since 7d --base origin/main",
        "backtest runbooks/high-api-error-rate.yaml --base main --output markdown",
    ),
)
@runbook_argument
@click.option("--since", metavar="DURATION", default="30d", show_default=True, help="How far back.")
@click.option("--step", metavar="DURATION", default="1m", show_default=True, help="Time between two moments.")
@click.option("--base", metavar="REF", help="Compare with the runbook as it is at this commit, branch or tag.")
@parameter_option
@params_option
@env_option("The environment whose Prometheus is asked; without it the default one.")
@output("markdown")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Hold the runbook NAME (a name in the library, or a file) against what its Prometheus has seen.

    Its symptoms at every moment, its verification while trouble lasted, its options when they would have been chosen:
    by the same queries and the same judgement as a run. Gaps are unknown. Reads only. The file in the working tree is
    taken. Parameters are the given ones, else defaults, else examples. Exit code 4: nothing could be told.
    """
    return backtest(session, Options(**given))


def backtest(session: Session, options: Options) -> Exit:
    """One window, one or two versions."""
    from runbook.report.backtest import Tested, backtest_markdown, backtest_object, backtest_text

    since, step = _seconds("--since", options.since), _seconds("--step", options.step)
    if since / step > MOST_MOMENTS:
        hint = f"such as --step {math.ceil(since / MOST_MOMENTS)}s"
        raise UsageError(f"{options.since} every {options.step} are more than {MOST_MOMENTS:,} moments", hint=hint)
    session.author()
    enter(session, options.environment, None)
    project = session.project
    book, _ = project.runbook(options.name)
    base = _base(project, options, book)
    client = _asked(book)
    world, window, server = _world(session, client, since, step, quiet=options.output != "text")
    parameters = _filled(book, options)
    now = world.of(book, parameters)
    before: Version | None = None
    if base is not None and base.book is not None:
        before = world.of(base.book, _filled(base.book, options, known=parameters))
    told = Tested(
        runbook=book.name,
        title=book.title,
        server=server,
        since=window.start,
        until=window.end,
        step=window.step,
        parameters=parameters,
        now=now,
        ref=options.base,
        commit=base.commit if base else None,
        before=before,
    )
    exit_ = Exit.OK if now.past.told else Exit.UNDETERMINED
    if options.output == "json":
        return session.result(backtest_object(told), exit_)
    session.print(backtest_markdown(told) if options.output == "markdown" else backtest_text(told, session.out_style))
    return exit_


class _Base(NamedTuple):
    commit: str
    book: Runbook | None


def _base(project: Project, options: Options, book: Runbook) -> _Base | None:
    """The runbook of that name at the other revision, if there was one. Raises UnknownRevision, DocumentError."""
    if options.base is None:
        return None
    file = project.runbook_file(options.name)
    there = project.at(options.base, *([file.parent] if file.is_file() else []))
    try:
        commit = there.shelves[0].commit.oid
    except RunbookError as error:
        cause = error.__cause__ if isinstance(error.__cause__, RunbookError) else error
        raise type(error)(f"--base {options.base}: {cause.message}", hint=error.hint) from error
    if book.name not in there.runbooks():
        return _Base(commit, None)
    return _Base(commit, there.runbook(book.name)[0])


def _asked(book: Runbook) -> str | None:
    """The connection that the clock and the first word are taken from: that of the first symptom that is measured."""
    from runbook.hosts.backtest import MEASURED

    probes = [symptom.probe for symptom in book.symptoms]
    found = [probe.connection if probe else None for probe in probes if probe is None or probe.uses in MEASURED]
    if not found:
        raise UsageError(
            f"no symptom of {book.name} is measured by Prometheus, so its past tells nothing of them",
            hint="a symptom is an `alert`, or a probe of `prometheus.query` or `prometheus.compare`",
        )
    return found[0]


def _world(
    session: Session, connection: str | None, since: float, step: float, *, quiet: bool
) -> tuple[Backtest, Window, str]:
    from runbook.bootstrap.places import secrets_of
    from runbook.hosts.backtest import Backtest
    from runbook.hosts.connections import Connections
    from runbook.hosts.metrics_past import Window

    project = session.project
    secrets = secrets_of(project)
    connections = Connections(project.config.connections, secrets.resolve)
    client = connections.client("prometheus", connection)
    try:
        server = client.check(client.timeout)
    except Unreachable as error:
        hint = error.hint or "is it up, and is its address in runbook.yaml right?"
        raise Unreachable(f"Prometheus cannot be asked: {error.message}", hint=hint) from error
    end = math.floor(client.query("time()").series[0].at / step) * int(step)
    window = Window(end - math.floor(since / step) * int(step), end, int(step))

    def told(promql: str) -> None:
        from runbook.report.safe import shown

        if not quiet and session.stderr.isatty():
            session.say(shown(f"reading {' '.join(promql.split())}"))

    return Backtest(connections, window, project.specs, project.environment, told), window, server


def _filled(book: Runbook, options: Options, known: dict[str, Any] | None = None) -> dict[str, Any]:
    """Every parameter: as given, else its default, else its first example; of another version only what it has."""
    from runbook.cli import given
    from runbook.document.parameters import validate_parameters

    if known is None:
        values = given.known(book, options.parameters, options.params_file)
    else:
        values = {name: value for name, value in known.items() if name in book.parameters}
    for name, one in book.parameters.items():
        if name not in values and one.required and one.examples:
            values[name] = one.examples[0]
    return validate_parameters(book.parameters, values)


def _seconds(flag: str, text: str) -> float:
    from runbook.document.durations import Duration

    try:
        seconds = float(Duration.parse(text))
    except ValueError as error:
        raise UsageError(f"{flag}: {error}", hint="such as 30d or 1m") from error
    if seconds < 1 or seconds != int(seconds):
        raise UsageError(f"{flag}: {text} is not a whole number of seconds", hint="such as 30d or 1m")
    return seconds
