"""`runbook coverage`: which alerts have a runbook, which runbooks an alert; and the links between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit, UsageError

if TYPE_CHECKING:
    from runbook.document.findings import Finding
    from runbook.document.model import Runbook
    from runbook.lint.alert_coverage import Coverage, Covered


class Options(NamedTuple):
    """What `coverage` was asked for."""

    rules: tuple[Path, ...]
    labels: tuple[str, ...] = ()
    url: str | None = None
    write: bool = False
    fail_under: float | None = None
    output: str = "text"


@click.command(
    "coverage",
    epilog=examples(
        "coverage monitoring/rules/",
        "coverage rules.yaml --label severity=critical --fail-under 90",
        "coverage rules.yaml --url 'https://docs.example.com/runbooks/{name}' --write",
    ),
)
@click.argument("rules", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RULES...")
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="NAME=VALUE",
    help="Only alerts with this label; values of one name add up.",
)
@click.option(
    "--url", metavar="URL", help="Where a runbook's page is, with {name} or {path}; held to each alert's `runbook_url`."
)
@click.option(
    "--write", is_flag=True, help="Write the missing and the wrong `runbook_url` into the rule files. Needs --url."
)
@click.option(
    "--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="Exit with 3 below so many covered alerts."
)
@output()
@click.pass_obj
def command(
    session: Session,
    rules: tuple[Path, ...],
    labels: tuple[str, ...],
    url: str | None,
    write: bool,
    fail_under: float | None,
    output: str,
) -> int:
    """Hold alert rules beside the library: RULES are rule files of Prometheus, PrometheusRules, or folders of them."""
    return coverage(session, Options(rules, labels, url, write, fail_under, output))


def coverage(session: Session, options: Options) -> Exit:
    """0; 3 below `fail_under`."""
    from runbook.lint.alert_coverage import coverage as covered
    from runbook.lint.alert_rules import every_alert

    if options.write and options.url is None:
        raise UsageError(
            "--write needs --url", hint="say where pages are: --url 'https://docs.example.com/runbooks/{name}'"
        )
    if options.url is not None and "{name}" not in options.url and "{path}" not in options.url:
        raise UsageError("--url must have {name} or {path} in it", hint="all alerts would lead to one page")
    alerts = list(every_alert(options.rules))
    if not alerts:
        where = ", ".join(str(path) for path in options.rules)
        raise UsageError(f"there is no alert in {where}", hint="name rule files of Prometheus, or a folder of them")
    found = covered(alerts, _books(session), url=options.url, only=_only(options.labels))
    exit_ = Exit.INVALID if options.fail_under is not None and found.percent < options.fail_under else Exit.OK
    left = _written(session, found) if options.write else []
    if options.output == "json":
        return session.result(_object(found), exit_)
    for one in found.alerts:
        session.print(_line(session, one))
    for dead in found.dead:
        session.print(
            f"{session.out_style.paint('warn', '!')} {dead.runbook} waits for {dead.alert}, which no rule gives"
        )
    for line in left:
        session.say(line)
    having = sum(bool(one.runbooks) for one in found.alerts)
    session.say(f"{having} of {len(found.alerts)} alerts have a runbook: {found.percent:.1f} %")
    return exit_


def _books(session: Session) -> list[tuple[Runbook, str]]:
    """The library; DocumentError with the findings of all that cannot be used."""
    project = session.project
    books: list[tuple[Runbook, str]] = []
    findings: list[Finding] = []
    for name, path in project.runbooks().items():
        try:
            books.append((project.runbook(name)[0], project.shown(path)))
        except DocumentError as error:
            findings += error.findings
    if findings:
        raise DocumentError(findings)
    return books


def _only(labels: Sequence[str]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for label in labels:
        name, equals, value = label.partition("=")
        if not equals or not name:
            raise UsageError(f"--label {label} is no NAME=VALUE", hint="such as severity=critical")
        found[name] = found.get(name, frozenset()) | {value}
    return found


def _written(session: Session, found: Coverage) -> list[str]:
    """Every file is written, or none; what could not be edited is told."""
    from runbook.cli.writing import written
    from runbook.lint.alert_urls import annotated

    wanted: dict[str, dict[int, str]] = {}
    for one in found.alerts:
        if one.wanted is not None and one.leads_elsewhere:
            wanted.setdefault(one.alert.path, {})[one.alert.line] = one.wanted
    texts: dict[Path, str] = {}
    told = []
    for path, urls in wanted.items():
        edited = annotated(Path(path).read_bytes().decode(), path, urls)
        told += [f"{path}:{line}: left alone: write its runbook_url by hand: {urls[line]}" for line in edited.left]
        if len(edited.left) < len(urls):
            texts[Path(path)] = edited.text
    written(texts, "rule file")
    session.say(f"wrote {sum(len(urls) for urls in wanted.values()) - len(told)} runbook_url into {len(texts)} files")
    return told


def _line(session: Session, one: Covered) -> str:
    from runbook.report.safe import shown

    where = f"{shown(one.alert.name)} ({shown(one.alert.path)}:{one.alert.line})"
    if not one.runbooks:
        return f"{session.out_style.paint('bad', '✗')} {where}: no runbook"
    also = ""
    if len(one.runbooks) > 1:
        also = "; several, so nobody knows which"
    elif one.leads_elsewhere:
        also = "; its runbook_url " + (f"leads to {shown(one.url)}" if one.url else "is missing")
    sign, role = ("!", "warn") if also else ("✓", "good")
    return f"{session.out_style.paint(role, sign)} {where}: {', '.join(one.runbooks)}{also}"


def _object(found: Coverage) -> dict[str, object]:
    return {
        "percent": round(found.percent, 1),
        "alerts": [
            {
                "alert": one.alert.name,
                "path": one.alert.path,
                "line": one.alert.line,
                "labels": dict(one.alert.labels),
                "runbooks": list(one.runbooks),
                "runbook_url": one.url,
                "wanted_url": one.wanted,
            }
            for one in found.alerts
        ],
        "unknown_alerts": [{"runbook": dead.runbook, "alert": dead.alert} for dead in found.dead],
    }
