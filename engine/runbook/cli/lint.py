"""`runbook lint`: check documents; every finding with its place, what is wrong and what to do."""

from __future__ import annotations

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
    from runbook.lint.lint import LintResult
    from runbook.lint.rule import Rulebook


class Options(NamedTuple):
    """What `lint` was asked for. No paths: the whole project. No rule files: which alerts there are is not known."""

    paths: tuple[Path, ...] = ()
    fail_on: str = "error"
    output: str = "text"
    environment: str | None = None
    rules: tuple[Path, ...] = ()
    fix: bool = False


_EXAMPLES = (
    "lint",
    "lint runbooks/ policy.yaml",
    "lint --fail-on warning --env staging",
    "lint --rules monitoring/rules/ --output sarif > lint.sarif",
)


@click.command("lint", epilog=examples(*_EXAMPLES))
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="What makes the exit code 3.",
)
@click.option(
    "--rules",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Prometheus rules that say which alerts there are: a file, a PrometheusRule, a folder. As often as needed.",
)
@click.option("--fix", is_flag=True, help="Mend what can be mended safely, in the files; say what was done.")
@env_option("Check documents in this environment only; without it, or with `all`, in every one.")
@output("github", "sarif", "junit", "rdjson")
@click.pass_obj
def command(
    session: Session,
    paths: tuple[Path, ...],
    fail_on: str,
    rules: tuple[Path, ...],
    fix: bool,
    environment: str | None,
    output: str,
) -> int:
    """Check documents: runbooks, scenarios, evidence plans, policy, catalog, regimes and config.

    Without PATH, the project: its runbook.yaml, its policy and its library. Opens nothing but files.
    """
    return lint(session, Options(paths, fail_on, output, environment, rules, fix))


def lint(session: Session, options: Options) -> int:
    """0 when clean, 3 with findings of the severity that counts."""
    from runbook.lint.lint import lint as checked
    from runbook.report.findings import summary_text

    paths = options.paths or whole_project(session)
    rulebook = _rulebook(options.rules)
    environment = _only(session, options.environment)

    def check() -> LintResult:
        return checked(paths, session.project.specs, environment=environment, rules=rulebook)

    fixed: list[Finding] = []
    if options.fix:
        from runbook.cli.fixing import fixed_by

        fixed = fixed_by(check, session.project.specs)
        for finding in fixed:
            session.say(f"mended {finding.path}: {finding.code}: {finding.message}")
    result = check()
    counted = result.findings if options.fail_on == "warning" else result.errors
    exit_ = Exit.INVALID if counted else Exit.OK
    if options.output == "json":
        return _objects(session, result, fixed if options.fix else None, exit_)
    from runbook.cli.findings import shown_as

    shown_as(session, options.output, result, options.fail_on)
    session.say(summary_text(result.files, result.findings, result.allowed))
    if result.findings and session.stdout.isatty():
        session.say(f"`runbook explain {result.findings[0].code}` says why that matters, and what to write instead")
    return exit_


def _objects(session: Session, result: LintResult, fixed: list[Finding] | None, exit_: Exit) -> int:
    from runbook.report.findings import finding_object, findings_object

    told = findings_object(result.files, result.findings)
    if fixed is not None:
        told["fixed"] = [finding_object(finding) for finding in fixed]
    return session.result(told, exit_)


def _rulebook(files: tuple[Path, ...]) -> Rulebook:
    from runbook.lint.rule import Rulebook
    from runbook.lint.ruling import every_rule

    alerts = None
    if files:
        from runbook.lint.alert_rules import alerts_in

        alerts = alerts_in(files)
    return Rulebook(every_rule(), datetime.now(UTC).date(), alerts)


def _only(session: Session, name: str | None) -> str | None:
    """The only environment to check; None for all of them."""
    from runbook.document.environments import EVERY, named

    return None if name in (None, EVERY) else named(session.project.config, str(name)).name


def whole_project(session: Session) -> tuple[Path, ...]:
    """The config, what it names, and its library; the config alone where it cannot be used."""
    project = session.project
    paths = [project.config_path] if project.config_path else []
    try:
        project = project.working()
        paths += [project.policy_file] if project.policy_file else []
        paths += [project.root / project.config.catalog] if project.config.catalog else []
        paths += [project.root / one for one in project.config.obligations.files]
        paths += [project.root / one.policy for one in project.config.environments if one.policy]
        paths += [folder for folder in project.folders if folder.is_dir()]
    except DocumentError:
        pass  # its findings are the answer
    if not paths:
        raise UsageError("there is nothing to check here", hint="name files or folders, or begin with `runbook init`")
    return tuple(Path(project.shown(path)) for path in paths)
