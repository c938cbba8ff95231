"""`runbook run`: start a run of a runbook, by hand, for an alert or with the policy as approver."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.environments import enter, env_option
from runbook.cli.options import (
    examples,
    incident_option,
    option_names,
    output,
    parameter_option,
    params_option,
    reason,
    runbook_argument,
)
from runbook.cli.session import Session
from runbook.errors import Exit, Refused, UsageError

if TYPE_CHECKING:
    from runbook.cli.alerts import Group
    from runbook.cli.plan import PlanFile
    from runbook.document.model import Runbook
    from runbook.hosts.pinned import Pinned, Start
    from runbook.hosts.place import Manner


class Options(NamedTuple):
    """What `run` was asked for; see its help."""

    name: str
    parameters: tuple[str, ...] = ()
    params_file: Path | None = None
    dry_run: bool = False
    yes: bool = False
    auto: bool = False
    alert: str | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    attest: tuple[str, ...] = ()
    reason: str | None = None
    confirm_symptoms: str | None = None
    break_glass: bool = False
    plan: Path | None = None
    incident: str | None = None
    declare: bool | None = None
    plan_to: Path | None = None
    rehearse: str | None = None
    environment: str | None = None
    output: str = "text"


@click.command(
    "run",
    epilog=examples(
        "run high-api-error-rate",
        "run high-api-error-rate -p namespace=staging --option rollback",
        "run high-api-error-rate --auto --alert - < alert.json",
        "run high-api-error-rate --plan plan.json --yes",
    ),
)
@runbook_argument
@parameter_option
@params_option
@env_option("The environment to work in; without it the alert's, else the default one.")
@click.option("-n", "--dry-run", is_flag=True, help="Plan everything, change nothing; as `runbook plan`.")
@click.option("-y", "--yes", is_flag=True, help="Say yes at every gate that you may answer; recorded as such.")
@click.option("--auto", is_flag=True, help="Let the policy say yes, within its limits; the rest asks people.")
@click.option("--alert", metavar="FILE", help="Start for an alert, as Alertmanager sends it; - is stdin.")
@option_names("--option", "only", help_="Try only these options, in this order.")
@option_names("--skip", help_="Leave out this option.")
@click.option("--attest", multiple=True, metavar="ID=VERDICT", help="What you saw where a check cannot: pass or fail.")
@reason("Why, for --attest and --break-glass.")
@click.option("--confirm-symptoms", metavar="REASON", help="You see the symptoms yourself, where they are unknown.")
@click.option("--break-glass", is_flag=True, help="Run what was not reviewed, where the policy asks for this; told.")
@click.option("--plan", metavar="FILE", type=click.Path(path_type=Path), help="Apply only what this plan says.")
@click.option("--rehearse", metavar="SCENARIO", help="Play a scenario in virtual time; nothing is touched.")
@incident_option("The incident that this run belongs to.")
@click.option(
    "--declare/--no-declare",
    default=None,
    help="Declare an incident for it: severity and words from the runbook. Default: as `incidents` in runbook.yaml.",
)
@click.option("--host", type=click.Choice(["local"]), default="local", show_default=True, help="What drives the run.")
@output("jsonl")
@click.pass_obj
def command(session: Session, /, host: str, **given: Any) -> int:
    """Run the runbook NAME (a name in the library, or a file).

    Symptoms are confirmed, triage is read, options are tried in order; each change is shown and waits for a yes.
    Without a terminal nothing prompts: the run suspends with exit code 6 and prints the commands that go on.
    """
    del host  # one so far
    return run(session, Options(**given))


def run(session: Session, options: Options) -> Exit:
    """Start the run and drive it to where it ends or waits."""
    import msgspec

    from runbook.cli.alerts import read_group
    from runbook.cli.unreviewed import held_to_policy

    _sensible(options)
    if options.rehearse is not None:
        from runbook.cli.rehearse import rehearse

        return rehearse(session, options.name, options.rehearse, options.output, options.environment)
    project = session.project
    book, documents = project.runbook(options.name)
    _named_twice(session, book)
    group = read_group(options.alert, book) if options.alert else None
    if group is not None and group.alert is None:
        return _nothing_fires(session, options)
    if group is not None and not group.is_symptom:
        session.say(f"no alert of the group is a symptom of {book.name}; what is measured decides")
    enter(session, options.environment or _planned_in(options), group.alert if group else None)
    _allowed(session, options)
    unreviewed = held_to_policy(session, options, documents)
    start = started_as(session, options, book, documents, group)
    start = msgspec.structs.replace(start, unreviewed=unreviewed)
    return _begun(session, options, book, project.laid_out(documents), start)


def _begun(session: Session, options: Options, book: Runbook, documents: Pinned, start: Start) -> Exit:
    from runbook.cli.driving import driven
    from runbook.cli.opening import opening
    from runbook.core.words import Mode
    from runbook.hosts.claims import AlreadyOpen, look
    from runbook.hosts.local import started

    manner = _manner(session, options, book, start)
    source = session.project.source()
    try:
        if start.mode is not Mode.DRY:
            look(session.place, start, book)
        opening(session, start, documents, source)
        start, manner, later = _belongs(session, options, book, start, manner)
        exit_ = driven(
            session,
            start.run,
            book,
            options.output,
            lambda desk, view: started(session.place, start, documents, source, manner, desk, view),
            yes=options.yes,
        )
    except AlreadyOpen as error:
        if start.alert is None:
            raise
        return _joined(session, options, error.run, start)
    if later:
        from runbook.cli.belonging import reminded

        reminded(session, book, start)
    if options.plan_to is not None:
        from runbook.cli.plan import write_plan

        write_plan(session, start.run, options.plan_to)
    return exit_


def _belongs(
    session: Session, options: Options, book: Runbook, start: Start, manner: Manner
) -> tuple[Start, Manner, bool]:
    """The same, with what the configuration says of incidents where nobody did; whether that is to be said later."""
    from runbook.document.words import Declaring

    if options.declare is not None or session.project.config.incidents.declare is Declaring.NEVER:
        return start, manner, False
    import msgspec

    from runbook.cli.belonging import belonging

    start, declares, later = belonging(session, book, start, asks=not options.yes)
    return start, msgspec.structs.replace(manner, declares=declares), later


def started_as(session: Session, options: Options, book: Runbook, documents: Pinned, group: Group | None) -> Start:
    """How the run is asked for, with every name and value held to the runbook."""
    from runbook.cli import given
    from runbook.core.ids import ulid
    from runbook.core.target import named
    from runbook.core.words import Mode
    from runbook.hosts.clock import wall
    from runbook.hosts.pinned import Start

    alert = group.alert if group else None
    mode = Mode.DRY if options.dry_run else Mode.AUTO if options.auto else Mode.BY_HAND
    only = given.options(book, options.only, "--option")
    skip = given.options(book, options.skip, "--skip")
    if only and not set(only) - set(skip):
        raise UsageError("--option and --skip leave nothing to try", hint="name an option that is not skipped")
    plan = _plan(options)
    before = plan.parameters if plan else {}
    parameters = given.parameters(book, options.parameters, options.params_file, alert, before)
    if plan is not None:
        plan.fits(book.name, documents.runbook, parameters, session.environment)
    here = session.environment
    env = here.values if here is not None else {}
    return Start(
        run=ulid(wall(), os.urandom(10)),
        mode=mode,
        parameters=parameters,
        initiator=session.place.people.me,
        alert=alert,
        alert_group=group.about if group else None,
        environment=here.name if here is not None else None,
        env=env,
        target=named(book, parameters=parameters, alert=alert, env=env),
        incident=_incident(session, options.incident) if options.incident else None,
        only=only,
        skip=skip,
        planned=plan.digests if plan else None,
    )


def _incident(session: Session, name: str) -> dict[str, Any]:
    """An incident that there is."""
    from runbook.cli.incidents import found

    return {"id": found(session, name)}


def _plan(options: Options) -> PlanFile | None:
    """The plan that the run is held to."""
    if options.plan is None:
        return None
    from runbook.cli.plan import read_plan

    return read_plan(options.plan)


def _planned_in(options: Options) -> str | None:
    """Its environment."""
    plan = _plan(options)
    return plan.environment if plan else None


def _manner(session: Session, options: Options, book: Runbook, start: Start) -> Manner:
    from runbook.cli.given import attested
    from runbook.hosts.place import Manner
    from runbook.policy.rights import may_attest

    people = session.place.people
    if (options.attest or options.confirm_symptoms) and (why := may_attest(people, people.me)):
        raise Refused(why)
    declares = None
    if options.declare:
        from runbook.cli.incident_by_run import declaring

        declares = declaring(session, book, start)
    return Manner(
        yes=options.yes,
        declares=declares,
        confirm_symptoms=options.confirm_symptoms,
        attested=attested(book, options.attest, options.reason, people.me),
    )


def _sensible(options: Options) -> None:
    """Flags that contradict each other, said before anything is opened."""
    chosen = [flag for flag, on in (("--dry-run", options.dry_run), ("--auto", options.auto)) if on]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other")
    if options.auto and (options.yes or options.attest or options.confirm_symptoms):
        raise UsageError("--auto leaves every decision to the policy", hint="leave out --yes, --attest and the like")
    if options.declare and (options.incident or options.dry_run or options.rehearse is not None):
        other = "--incident" if options.incident else "--dry-run" if options.dry_run else "--rehearse"
        raise UsageError(f"--declare and {other} exclude each other")
    if options.reason and not options.attest and not options.break_glass:
        raise UsageError("--reason belongs to --attest, or to --break-glass")
    if options.break_glass and not (options.reason or "").strip():
        raise UsageError("breaking the glass needs a reason", hint="add --reason TEXT")


def _allowed(session: Session, options: Options) -> None:
    """Who may start runs, and that a policy stands behind `--auto`. A dry run changes nothing and is everybody's."""
    from runbook.policy.rights import may_run

    if options.auto and session.project.policy is None:
        raise Refused("--auto needs a policy, and this project has none", hint="`policy:` in runbook.yaml names it")
    people = session.project.people
    why = None if options.dry_run else may_run(people, people.me)
    if why is not None:
        raise Refused(why)


def _named_twice(session: Session, book: Runbook) -> None:
    """Say where else a name stands: of several libraries the first one that has it gives it."""
    places = session.project.entries.places.get(("Runbook", book.name), ()) if session.project.shelves else ()
    if len(places) > 1:
        first, *others = (session.project.shown(path) for path in places)
        session.say(f"{book.name} stands in {first} and in {', '.join(others)}; the library's first counts")


def _nothing_fires(session: Session, options: Options) -> Exit:
    session.say("every alert of the group is resolved; nothing was started")
    if options.output != "text":
        session.result({"run": None, "runbook": options.name, "started": False})
    return Exit.OK


def _joined(session: Session, options: Options, run: str, start: Start) -> Exit:
    """An alert whose run is open already joins it."""
    from runbook.cli.driving import ended_with
    from runbook.hosts.guests import join
    from runbook.hosts.lookup import seen

    join(session.place, run, dict(start.alert or {}))
    session.say(f"the alert joins run {run}, which is open; see it with `runbook watch {run}`")
    if options.output != "text":
        history, alive = seen(session.place, run)
        ended_with(session, run, history, None, options.output, Exit.OK, alive=alive)
    return Exit.OK
