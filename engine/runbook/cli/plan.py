"""`runbook plan`: what every option would change now, exactly; and that as a file which `run --plan` is held to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.environments import env_option
from runbook.cli.options import examples, option_names, output, parameter_option, params_option, runbook_argument
from runbook.cli.session import Session
from runbook.errors import Exit, Refused, RunbookError, UsageError

if TYPE_CHECKING:
    from runbook.core.history import History
    from runbook.document.model import Environment

FORMAT = 1


class Options(NamedTuple):
    """What `plan` was asked for."""

    name: str
    parameters: tuple[str, ...] = ()
    params_file: Path | None = None
    alert: str | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    file: Path | None = None
    environment: str | None = None
    output: str = "text"


@click.command(
    "plan",
    epilog=examples(
        "plan high-api-error-rate",
        "plan high-api-error-rate --option rollback -o plan.json",
        "plan high-api-error-rate --env all",
    ),
)
@runbook_argument
@parameter_option
@params_option
@env_option("The environment to plan in; `all`: in each, one after the other.")
@click.option("--alert", metavar="FILE", help="Plan for an alert, as Alertmanager sends it; - is stdin.")
@option_names("--option", "only", help_="Plan only these options, in this order.")
@option_names("--skip", help_="Leave out this option.")
@click.option("-o", "file", metavar="FILE", type=click.Path(path_type=Path), help="Write the plan, for run --plan.")
@output("jsonl")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Plan every option of the runbook NAME from today's state; change nothing, send nothing, take no lock.

    Steps that depend on an earlier change are listed with what they wait for. Exit code 4: something could not be read.
    """
    return plan(session, Options(**given))


def plan(session: Session, options: Options) -> Exit:
    """A dry run; its plan into a file if asked for."""
    from runbook.cli import run
    from runbook.document.environments import EVERY

    if options.environment == EVERY:
        return _everywhere(session, options)

    start = run.Options(
        name=options.name,
        parameters=options.parameters,
        params_file=options.params_file,
        dry_run=True,
        alert=options.alert,
        only=options.only,
        skip=options.skip,
        plan_to=options.file,
        environment=options.environment,
        output=options.output,
    )
    return run.run(session, start)


def _everywhere(session: Session, options: Options) -> Exit:
    """One plan for each environment. What cannot be planned in one is said, and does not keep the others back.

    As JSON one object that holds the runs; the exit code is the highest of all.
    """
    if options.file is not None:
        raise UsageError("-o writes one plan, and --env all makes several", hint="name one environment")
    if options.alert == "-":
        raise UsageError("stdin can be read once, and --env all plans several times", hint="name a file: --alert FILE")
    environments = session.project.config.environments
    if not environments:
        raise UsageError("the configuration has no environments", hint="leave out --env, or add `environments`")
    if options.output != "json":
        return max(_in_one(session, options, environment) for environment in environments)
    with session.keeping() as plans:
        worst = max(_in_one(session, options, environment) for environment in environments)
    return session.result({"plans": plans}, worst)


def _in_one(session: Session, options: Options, environment: Environment) -> Exit:
    from runbook.report.layout import heading
    from runbook.report.safe import shown

    if options.output == "text":
        session.print(heading(f"Environment {environment.name}", session.out_style))
    try:
        return plan(session, options._replace(environment=environment.name))
    except RunbookError as error:
        session.say(shown(f"{environment.name}: {error}", lines=True))
        if options.output != "text":
            told = {"code": error.code, "message": error.message, "hint": error.hint}
            session.write({"environment": environment.name, "error": told})
        return error.exit


def write_plan(session: Session, run: str, path: Path) -> None:
    """The plan of a finished dry run, as a file."""
    from runbook.hosts.lookup import seen

    data = planned(seen(session.place, run)[0])
    try:
        path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the plan cannot be written: {path}: {error.strerror}") from error
    session.say(f"wrote {path}; apply exactly this with `runbook run {data['runbook']} --plan {path}`")


def planned(history: History) -> dict[str, Any]:
    """What a dry run found: for each option the digest that its first gate will have, and the changes behind it."""
    from runbook.core.addresses import parts
    from runbook.core.canonical import digest

    options: dict[str, dict[str, Any]] = {}
    for row in history.rows.values():
        where = parts(row.path)
        if len(where) != 3 or where[0] != "resolution" or row.change is None or row.digest is None:
            continue
        option = options.setdefault(where[1], {"digest": "", "changes": []})
        change = {"step": row.id, "summary": row.change.summary, "target": str(row.change.target), "digest": row.digest}
        option["changes"].append(change)
    for option in options.values():
        option["digest"] = digest([change["digest"] for change in option["changes"]])
    document = history.started["documents"]["runbook"]
    return {
        "format": FORMAT,
        "runbook": history.runbook,
        "document": document["sha256"],
        "parameters": dict(history.started["parameters"]),
        "environment": history.environment,
        "options": options,
    }


class PlanFile(NamedTuple):
    """A plan as `run` needs it: the digest of each option's first gate, and what it was made for."""

    runbook: str
    document: str
    parameters: Mapping[str, Any]
    digests: Mapping[str, str]
    environment: str | None = None

    def fits(
        self, runbook: str, document: bytes, parameters: Mapping[str, Any], environment: Environment | None = None
    ) -> None:
        """Refused when it was made for anything else than what is about to be run."""
        hint = "make a new one with `runbook plan`, and look at it"
        if self.runbook != runbook:
            raise UsageError(f"the plan is one of {self.runbook}, not of {runbook}")
        if self.document != hashlib.sha256(document).hexdigest():
            raise Refused(f"{runbook} has changed since it was planned", hint=hint)
        if dict(self.parameters) != dict(parameters):
            raise Refused("the plan was made with other parameters", hint=hint)
        if self.environment != (environment.name if environment is not None else None):
            raise Refused(f"the plan was made in {self.environment or 'no environment'}", hint=hint)


def read_plan(path: Path) -> PlanFile:
    """The plan in a file that `plan -o` wrote; UsageError for any other."""
    from runbook.bootstrap import read

    try:
        data = json.loads(read(path))
        if data["format"] != FORMAT:
            raise ValueError(f"its format is {data['format']}")
        digests = {str(id_): str(option["digest"]) for id_, option in data["options"].items()}
        where = data.get("environment")
        return PlanFile(str(data["runbook"]), str(data["document"]), dict(data["parameters"]), digests, where)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} is no plan: {error}", hint="make one with `runbook plan NAME -o FILE`") from error
