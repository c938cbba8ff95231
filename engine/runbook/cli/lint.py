"""`runbook lint`: check documents; every finding with its place, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from runbook.cli.environments import env_option
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit, UsageError

if TYPE_CHECKING:
    from runbook.document.findings import Finding


class Options(NamedTuple):
    """What `lint` was asked for. No paths: the whole project."""

    paths: tuple[Path, ...] = ()
    fail_on: str = "error"
    output: str = "text"
    environment: str | None = None


@click.command("lint", epilog=examples("lint", "lint runbooks/ policy.yaml", "lint --fail-on warning --env staging"))
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="What makes the exit code 3.",
)
@env_option("Check documents in this environment only; without it, or with `all`, in every one.")
@output()
@click.pass_obj
def command(session: Session, paths: tuple[Path, ...], fail_on: str, environment: str | None, output: str) -> int:
    """Check documents: runbooks, scenarios, evidence plans, policy and config.

    Without PATH, the project: its runbook.yaml, its policy and its library. Opens nothing but files.
    """
    return lint(session, Options(paths, fail_on, output, environment))


def lint(session: Session, options: Options) -> int:
    """0 when clean, 3 with findings of the severity that counts."""
    from runbook.lint.lint import lint as checked
    from runbook.lint.rule import Rulebook
    from runbook.lint.ruling import every_rule
    from runbook.report.findings import findings_object, summary_text

    paths = options.paths or _whole_project(session)
    rules = Rulebook(every_rule(), datetime.now(UTC).date())
    result = checked(paths, session.project.specs, environment=_only(session, options.environment), rules=rules)
    counted = result.findings if options.fail_on == "warning" else result.errors
    exit_ = Exit.INVALID if counted else Exit.OK
    if options.output == "json":
        return session.result(findings_object(result.files, result.findings), exit_)
    if result.findings:
        session.print(_drawn(session, result.findings))
    session.say(summary_text(result.files, result.findings))
    return exit_


def _only(session: Session, name: str | None) -> str | None:
    """The only environment to check; None for all of them."""
    from runbook.document.environments import EVERY, named

    return None if name in (None, EVERY) else named(session.project.config, str(name)).name


def _drawn(session: Session, findings: Sequence[Finding]) -> str:
    """With the lines that they are about on a terminal; one line for each elsewhere, for grep and editors."""
    from runbook.report.findings import findings_text
    from runbook.report.safe import shown

    if not session.stdout.isatty():
        return "\n".join(shown(finding) for finding in findings)
    paths = {finding.path for finding in findings}
    sources = {path: Path(path).read_text(encoding="utf-8", errors="replace") for path in paths if Path(path).is_file()}
    return findings_text(findings, session.out_style, sources)


def _whole_project(session: Session) -> tuple[Path, ...]:
    """The config, what it names, and its library; the config alone where it cannot be used."""
    project = session.project
    paths = [project.config_path] if project.config_path else []
    try:
        paths += [project.policy_file] if project.policy_file else []
        paths += [project.root / one.policy for one in project.config.environments if one.policy]
        paths += [folder for folder in project.folders if folder.is_dir()]
    except DocumentError:
        pass  # its findings are the answer
    if not paths:
        raise UsageError("there is nothing to check here", hint="name files or folders, or begin with `runbook init`")
    return tuple(Path(project.shown(path)) for path in paths)
