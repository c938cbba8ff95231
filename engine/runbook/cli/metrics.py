"""`runbook metrics`: how long incidents took, how often services failed, and how runbooks did, in numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.options import examples
from runbook.cli.session import Session
from runbook.cli.unread import left_out
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from datetime import tzinfo

    from runbook.document.catalog import Catalog
    from runbook.incident.metrics.compute import Question
    from runbook.incident.metrics.outages import Window
    from runbook.incident.metrics.runs import RunFacts, RunMetrics
    from runbook.journal import Unread
    from runbook.report.metrics.words import Told

_ON_A_PAGE = ("severity", "service", "type", "month")
_MTTR = ("resolve", "recovery", "respond", "repair")  # as `incident.metrics.measures` has them; held by a test


class Options(NamedTuple):
    """What `metrics` was asked for, as it was typed."""

    by: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    timezone: str = "UTC"
    mttr: str = "resolve"
    imported: bool = False
    rehearsals: bool = False
    dry: bool = False
    svg: Path | None = None
    html: Path | None = None
    output: str = "text"


@click.command(
    "metrics",
    epilog=examples(
        "metrics --since 90d --by severity --by month",
        "metrics --by service,severity --output csv > incidents.csv",
        "metrics --since 2026-07-01 --until 2026-10-01 --html q3.html",
    ),
)
@click.option(
    "--by",
    multiple=True,
    metavar="NAMES",
    help="Group by severity, declared_severity, service, type or month; `service,month` crosses them. Repeatable.",
)
@click.option("--since", metavar="WHEN", help="Only what began then or later: 2026-07-01, or how long ago, 90d.")
@click.option("--until", metavar="WHEN", help="Only what began before this.")
@click.option(
    "--timezone", metavar="ZONE", default="UTC", show_default=True, help="Of months and days, such as Europe/Berlin."
)
@click.option(
    "--mttr", type=click.Choice(_MTTR), default="resolve", show_default=True, help="Which MTTR; JSON and CSV have all."
)
@click.option("--imported", is_flag=True, help="Count incidents that were imported, too.")
@click.option("--rehearsals", is_flag=True, help="Count rehearsals as runs.")
@click.option("--dry", is_flag=True, help="Count dry runs as runs.")
@click.option("--svg", metavar="DIR", type=click.Path(path_type=Path), help="Draw plots into this folder.")
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="Write a page with everything on it.")
@click.option(
    "--output",
    type=click.Choice(["text", "json", "csv", "openmetrics"]),
    default="text",
    show_default=True,
    help="Text for people; the others for scripts, spreadsheets and Prometheus; to stdout.",
)
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Measure incidents and runs: time to detect, acknowledge, mitigate and resolve, time between failures, options.

    Medians and distributions, how many times are missing, and never a mean alone. Imported incidents, dry runs and
    rehearsals are left out unless asked for.
    """
    return metrics(session, Options(**given))


def metrics(session: Session, options: Options) -> Exit:
    """Measure, draw and print. A store that is not there yet has nothing, and is not made."""
    told = _told(session, options)
    if options.svg is not None:
        _draw(session, told, options.svg)
    if options.html is not None:
        _write_page(session, told, options.html)
    return _printed(session, told, options)


def _printed(session: Session, told: Told, options: Options) -> Exit:
    exit_ = left_out(session, told.unread)
    if options.output == "json":
        from runbook.report.metrics.objects import metrics_object

        return session.result(metrics_object(told), exit_)
    if options.output == "csv":
        from runbook.report.audit import csv_line
        from runbook.report.metrics.objects import COLUMNS, csv_rows

        session.print("\n".join(csv_line(row) for row in [COLUMNS, *csv_rows(told)]))
    elif options.output == "openmetrics":
        from runbook.report.metrics.openmetrics import openmetrics

        session.print(openmetrics(told).removesuffix("\n"))
    elif not (options.svg or options.html):
        from runbook.report.metrics.text import metrics_text

        session.print(metrics_text(told, session.out_style))
    return exit_


def _draw(session: Session, told: Told, folder: Path) -> None:
    """Plots of everything that something is known of; the folder is made where it is not there."""
    from runbook.cli.writing import written
    from runbook.report.metrics.plots import files

    plots = {folder / name: text for name, text in files(told.metrics).items()}
    written(plots, "plot")
    session.say(f"{len(plots)} plots are in {folder}" if plots else "nothing is known yet that could be drawn")


def _write_page(session: Session, told: Told, path: Path) -> None:
    from runbook.cli.writing import written
    from runbook.report.metrics.page import metrics_page

    written({path: metrics_page(told)}, "page")
    session.say(f"the page is {path}")


def _told(session: Session, options: Options) -> Told:
    from runbook.cli.completing import store_exists
    from runbook.hosts.clock import wall
    from runbook.incident.metrics import desk
    from runbook.incident.metrics.compute import metrics as measured
    from runbook.report.metrics.words import Told

    now = wall()
    catalog = session.project.catalogued.document
    question = _question(options, catalog, now)
    incidents = []
    unread: list[Unread] = []
    if store_exists(session):
        incidents = desk.incidents(session.project.journal, question.severities, unread)
    found = measured(incidents, question, now)
    runs, dry = _runs(session, options, found.window if options.since or options.until else None, unread)
    return Told(found, runs, now, dry, tuple(unread))


def _runs(session: Session, options: Options, window: Window | None, unread: list[Unread]) -> tuple[RunMetrics, int]:
    """Runs that began in the window, and how many dry ones were left out."""
    from runbook.cli.completing import store_exists
    from runbook.incident.metrics import desk
    from runbook.incident.metrics.runs import run_metrics

    if not store_exists(session):
        return run_metrics([], [], None), 0
    journal = session.project.journal
    rehearsals = desk.rehearsals(journal, unread)
    every = [*desk.runs(journal, unread), *(rehearsals if options.rehearsals else ())]
    asked = [one for one in every if window is None or window.holds(one.started)]
    counted = [one for one in asked if _counts(one, options)]
    dry = sum(one.dry and not one.within for one in asked) if not options.dry else 0
    return run_metrics(counted, rehearsals, desk.last_drill(journal, unread)), dry


def _counts(run: RunFacts, options: Options) -> bool:
    return not run.within and (options.dry or not run.dry)


def _question(options: Options, catalog: Catalog, now: float) -> Question:
    import msgspec

    from runbook.incident.metrics.compute import Question

    zone = _zone(options.timezone)
    since, until = _instant("--since", options.since, zone, now), _instant("--until", options.until, zone, now)
    if since is not None and since >= (until if until is not None else now):
        what = "--until" if until is not None else "now"
        raise UsageError(f"--since {options.since} is not before {what}", hint="such as --since 90d --until 30d")
    targets = {name: float(value) for name, value in msgspec.structs.asdict(catalog.targets).items() if value}
    return Question(
        by=[_dimensions(names) for names in options.by or (_ON_A_PAGE if options.html or options.svg else ())],
        since=since,
        until=until,
        zone=zone,
        mttr=f"mttr_{options.mttr}",
        severities=[level.name for level in catalog.severities],
        targets=targets,
        imported=options.imported,
    )


def _dimensions(names: str) -> tuple[str, ...]:
    from runbook.document.suggest import did_you_mean
    from runbook.incident.metrics.compute import DIMENSIONS

    found = tuple(name.strip() for name in names.split(","))
    for name in found:
        if name not in DIMENSIONS:
            hint = did_you_mean(name, DIMENSIONS) or f"one of {', '.join(DIMENSIONS)}"
            raise UsageError(f"--by: incidents are not grouped by {name!r}", hint=hint)
    if len(set(found)) < len(found):
        raise UsageError(f"--by {names} names something twice", hint="once is enough")
    return found


def _zone(name: str) -> tzinfo:
    from datetime import UTC
    from zoneinfo import ZoneInfo

    if name.upper() in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        hint = "a name of the IANA database, such as Europe/Berlin"
        raise UsageError(f"--timezone: there is no time zone {name!r} here", hint=hint) from error


def _instant(option: str, text: str | None, zone: tzinfo, now: float) -> float | None:
    """A day or an instant, in the zone that was asked for where it has none of its own; or how long ago."""
    from datetime import datetime

    from runbook.document.durations import Duration

    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        pass
    try:
        return now - Duration.parse(text)
    except ValueError as error:
        message = f"{option} takes a day, an instant, or how long ago, got {text!r}"
        raise UsageError(message, hint="such as 2026-07-01, 2026-07-01T12:00:00Z or 90d") from error
