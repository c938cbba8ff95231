"""`runbook incident declare`: from flags, or by questions where somebody sits there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.incidents import acted, told_option, when, when_options
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.cli.unread import left_out
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from runbook.document.catalog import Catalog
    from runbook.incident.acts import Came
    from runbook.incident.declaring import Declaration
    from runbook.journal import Unread


class Options(NamedTuple):
    """What `declare` was told; see its help."""

    title: str | None = None
    severity: str | None = None
    type: str | None = None
    service: str | None = None
    environment: str | None = None
    affected: str | None = None
    impact: str | None = None
    user_facing: bool | None = None
    confidential: bool | None = None
    tlp: str | None = None
    war_room: str | None = None
    public: str | None = None
    commander: str | None = None
    impact_started: str | None = None
    detected: str | None = None
    at: str | None = None
    source: str | None = None
    output: str = "text"


@click.command(
    "declare",
    epilog=examples(
        'incident declare --severity SEV1 --type Service --title "Checkout is down" --service checkout',
        'incident declare --severity SEV2 --title "API is slow" --at "20m ago" --source "first alert"',
        "incident declare                     asks, on a terminal",
    ),
)
@told_option("--title", "What users notice, in a few words.")
@click.option("--severity", metavar="NAME", help="How bad it is, as the catalog says: SEV1. If unsure, the higher.")
@click.option("--type", metavar="NAME", help="What it is, as the catalog says: Service, Security, Data …")
@told_option("--service", "The service that it is about.")
@told_option("--environment", "Where: production, staging.")
@told_option("--affected", "Who or what is affected.")
@told_option("--impact", "What that means for them.")
@click.option("--user-facing/--not-user-facing", default=None, help="Whether users notice it.")
@click.option("--confidential/--not-confidential", default=None, help="Need to know only. Default: as its type is.")
@click.option("--tlp", metavar="MARK", help="RED, AMBER+STRICT, AMBER, GREEN or CLEAR.")
@told_option("--war-room", "Where those who work on it meet: an address.")
@told_option("--public", "What customers are told, in their words.")
@click.option("--commander", metavar="NAME", help="Who leads; `me` is you.")
@click.option("--impact-started", metavar="TIME", help="When it began to hurt; needs --source.")
@click.option("--detected", metavar="TIME", help="When it was noticed; needs --source.")
@when_options
@output()
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Declare an incident. Title and severity are needed; a terminal asks for what is not said."""
    return declare(session, Options(**given))


def declare(session: Session, options: Options) -> Exit:
    """One incident more, and what to do first."""
    from runbook.incident.declaring import declare as declared

    words = session.project.catalogued
    said = _declaration(session, _asked(session, options, words.document))
    came = declared(session.place, words.document, words.data, said)
    come = came._replace(told=(*came.told, *_same(session, came)))
    exit_ = acted(session, come, options.output, f"declared, {came.incident.severity}: {came.incident.title}")
    if options.output == "text":
        _then(session, come, words.document)
        session.print(came.incident.id)
    return exit_


def _asked(session: Session, options: Options, catalog: Catalog) -> Options:
    """The options with what is needed; UsageError where nobody can be asked for it."""
    missing = [flag for flag in ("title", "severity") if getattr(options, flag) is None]
    if not missing:
        return options
    if not session.interactive or options.output == "json":
        flags = " and ".join(f"--{flag}" for flag in missing)
        raise UsageError(f"an incident needs {flags}", hint='runbook incident declare --severity SEV2 --title "…"')
    from runbook.cli.incident_questions import asked

    return options._replace(**asked(session, catalog, options._asdict()))


def _declaration(session: Session, options: Options) -> Declaration:
    from runbook.incident.declaring import Declaration

    times = {
        name: when(session, text, options.source, flag=f"--{name.replace('_', '-')}")
        for name, text in (("impact_started", options.impact_started), ("detected", options.detected))
        if text is not None
    }
    only_times = options.at is None and bool(times)
    return Declaration(
        title=str(options.title),
        severity=str(options.severity),
        type=options.type,
        service=options.service,
        environment=options.environment,
        affected=options.affected,
        impact=options.impact,
        user_facing=options.user_facing,
        confidential=options.confidential,
        tlp=options.tlp,
        war_room=options.war_room,
        public=options.public,
        roles={} if options.commander is None else {"commander": options.commander},
        times=times,
        when=when(session, options.at, None if only_times else options.source),
    )


def _same(session: Session, came: Came) -> list[str]:
    """Others of the same service at the same time: perhaps it is one of them."""
    from runbook.incident.desk import every
    from runbook.incident.order import overlapping

    if came.incident.service is None:
        return []
    unread: list[Unread] = []
    others = overlapping(came.incident, every(session.place.journal, unread))
    left_out(session, unread)  # it is declared all the same: a script that sees a failure would declare it again
    return [
        f"{one.id} of {one.service} ({one.status}) overlaps with it; is it the same? "
        f"runbook incident link {came.incident.id} incident {one.id}"
        for one in others
        if not one.confidential
    ]


def _then(session: Session, came: Came, catalog: Catalog) -> None:
    """What a tired person types next."""
    from runbook.report.incident import first_steps

    session.say("\n".join(first_steps(came.incident, catalog, session.err_style)))
