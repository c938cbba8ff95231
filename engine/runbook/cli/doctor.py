"""`runbook doctor`: would it work tonight? All that runbooks need of the world is asked for, and nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.environments import env_option
from runbook.cli.options import complete_runbooks, examples, output, parameter_option, params_option
from runbook.cli.session import Session
from runbook.errors import DocumentError, Exit, UsageError

if TYPE_CHECKING:
    from runbook.bootstrap import Project
    from runbook.doctor.checks import Check, Told
    from runbook.doctor.steps import Surroundings
    from runbook.document.model import Environment
    from runbook.hosts.pinned import Pinned


class Options(NamedTuple):
    """What `doctor` was asked for. No name: every runbook of the library. `within` in seconds."""

    name: str | None = None
    parameters: tuple[str, ...] = ()
    params_file: Path | None = None
    environment: str | None = None
    within: str = "1m"
    output: str = "text"


@click.command("doctor", epilog=examples("doctor", "doctor high-api-error-rate -p namespace=shop", "doctor --env all"))
@click.argument("name", metavar="[NAME]", required=False, shell_complete=complete_runbooks)
@parameter_option
@params_option
@env_option("The environment to look at; `all`: each, one after the other.")
@click.option("--within", metavar="DURATION", default="1m", show_default=True, help="Wait no longer than this.")
@output()
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Ask the real world for everything that runbooks need; change nothing, send nothing.

    Connections answer, queries have data, objects exist, permissions are granted, URLs answer, programs are on PATH,
    secrets are there, gates can be opened, the store can be written. Of the runbook NAME, or of every one. Parameters
    are the given ones, else defaults, else examples. Exit code 3: there are findings. 4: something is out of reach.
    """
    return doctor(session, Options(**given))


def doctor(session: Session, options: Options) -> Exit:
    """0 when all is well, 3 with findings, 4 when something could not be asked."""
    from runbook.doctor.checks import exit_of
    from runbook.report.doctor import counts_object, doctor_object, summary_text

    if options.name is None and (options.parameters or options.params_file):
        raise UsageError("parameters are those of one runbook", hint="name it: runbook doctor NAME -p …")
    if options.name is None and not list(session.project.runbooks()):
        session.say("there are no runbooks here yet; what the configuration names is asked all the same")
    told: list[Told] = []
    rows: list[dict[str, Any]] = []
    environments = _environments(session, options.environment)
    for environment in environments:
        found = _examined(session, options, environment, several=len(environments) > 1)
        told += found
        rows += doctor_object(found, environment.name if environment else None)
    exit_ = exit_of(told)
    if options.output == "json":
        return session.result({"checks": rows, "counts": counts_object(told)}, exit_)
    session.say(summary_text(told))
    return exit_


def _environments(session: Session, name: str | None) -> list[Environment | None]:
    from runbook.document.environments import EVERY, chosen

    config = session.project.config
    if name != EVERY:
        return [chosen(config, name, None)]
    if not config.environments:
        raise UsageError("the configuration has no environments", hint="leave out --env, or add `environments`")
    return list(config.environments)


def _examined(session: Session, options: Options, environment: Environment | None, *, several: bool) -> list[Told]:
    """One examination; as text what is known is shown as soon as it is."""
    from runbook.doctor.checks import CONNECTIONS, PROJECT
    from runbook.hosts.doctor import Doctor
    from runbook.report.doctor import doctor_text
    from runbook.report.layout import heading
    from runbook.report.safe import shown

    project = session.project.within(environment)
    checks, paths, files = _called_for(project, options, environment)
    examination = Doctor(
        config=project.config,
        policy=project.policy,
        project=project.root,
        files=files,
        environ=project.environ,
        initiator=project.people.me,
        masker=project.masker,
        within=_seconds(options.within),
    )
    as_text = options.output == "text"
    if several and as_text:
        session.print(heading(f"Environment {shown(environment.name if environment else '')}", session.out_style))
    first = [check for check in checks if check.group in (PROJECT, CONNECTIONS)]
    rest = [check for check in checks if check.group not in (PROJECT, CONNECTIONS)]
    if session.stderr.isatty() and as_text:
        session.say(f"{len(checks)} checks; each answer is waited for, all in all {options.within} at most")
    told = examination.connections(first)
    if as_text:
        session.print(doctor_text(told, session.out_style, paths))
    more = examination.examined(rest)
    if as_text and more:
        session.print("\n" + doctor_text(more, session.out_style, paths))
    if several and as_text:
        session.print("")
    return [*told, *more]


def _called_for(
    project: Project, options: Options, environment: Environment | None
) -> tuple[list[Check], Mapping[str, str], Path | None]:
    """All checks, those of the project first; where each runbook stands; and where files of a commit are laid out."""
    from runbook.doctor import projects
    from runbook.doctor.steps import Surroundings

    around = Surroundings(
        config=project.config,
        people=project.people,
        specs=project.specs,
        environment=environment.name if environment else None,
        env=environment.values if environment else {},
    )
    names = [options.name] if options.name else list(project.runbooks())
    checks: list[Check] = []
    paths: dict[str, str] = {}
    found: list[Pinned] = []
    for name in names:
        checks += _of_runbook(project, name, options, around, paths, found)
    own = next((one.reviewed[0] for one in found if one.reviewed and one.reviewed[0].files), None)
    links = projects.used(checks)
    if options.name is None:
        links = list(dict.fromkeys([*projects.configured(project.config), *links]))
    return (
        [
            *_commits(project),
            *projects.checks(project.config, project.policy, project.store_url, links, project.config.channels),
            *checks,
        ],
        paths,
        project.layout.again(own) if own else None,
    )


def _commits(project: Project) -> list[Check]:
    """The commits that runbooks are read from, and how old what is known of them is."""
    from runbook.doctor.checks import PROJECT, Check, Known, Status
    from runbook.hosts.clock import wall
    from runbook.report.reviewed import commit_words

    said = [commit_words(shelf.reviewed, wall()) for shelf in project.shelves]
    return [Check(group=PROJECT, about="library", work=Known(status=Status.OK, text=text)) for text in said]


def _of_runbook(
    project: Project, name: str, options: Options, around: Surroundings, paths: dict[str, str], found: list[Pinned]
) -> list[Check]:
    """The checks of one runbook; one that cannot be used is a finding, unless it is the one that was asked for."""
    from runbook.cli import given
    from runbook.doctor import runbooks
    from runbook.doctor.checks import Check, Known, Status

    try:
        book, pinned = project.runbook(name)
        pinned = project.laid_out(pinned)
    except (DocumentError, UsageError) as error:
        if options.name is not None:
            raise
        file = project.shown(project.runbook_file(name))
        paths[name] = file
        text = error.findings[0].message if isinstance(error, DocumentError) else error.message
        work = Known(status=Status.FINDING, text=f"it cannot be used: {text}", hint=f"runbook lint {file}")
        return [Check(group=name, about="document", work=work)]
    paths[book.name] = pinned.path
    found.append(pinned)
    parameters = given.known(book, options.parameters, options.params_file)
    _, evidence = pinned.loaded(project.specs)
    return runbooks.checks(book, evidence, parameters, around)


def _seconds(text: str) -> float:
    from runbook.document.durations import Duration

    try:
        return float(Duration.parse(text))
    except ValueError as error:
        raise UsageError(f"--within: {error}", hint="such as 30s or 2m") from error
