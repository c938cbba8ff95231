"""`runbook incident update|severity|classify`: what an incident is, as far as is known now."""

from __future__ import annotations

from typing import Any, NamedTuple

import click

from runbook.cli.incidents import acted, found, incident_argument, told_option
from runbook.cli.options import examples, output, reason
from runbook.cli.session import Session
from runbook.errors import Exit


class Options(NamedTuple):
    """Which incident, and what is said of it; `name` is a severity or a type."""

    incident: str
    name: str = ""
    fields: dict[str, Any] = {}  # noqa: RUF012 - never changed
    reason: str | None = None
    output: str = "text"


@click.command(
    "update",
    epilog=examples(
        'incident update INC-1 --impact "no payment goes through" --affected "all customers"',
        "incident update INC-1 --war-room https://meet.example.com/inc-1",
    ),
)
@incident_argument
@told_option("--title", "What users notice, in a few words.")
@told_option("--impact", "What it means for them.")
@told_option("--affected", "Who or what is affected.")
@told_option("--service", "The service that it is about.")
@told_option("--environment", "Where: production, staging.")
@told_option("--war-room", "Where those who work on it meet: an address.")
@told_option("--public", "What customers are told, in their words.")
@click.option("--tlp", metavar="MARK", help="RED, AMBER+STRICT, AMBER, GREEN or CLEAR.")
@click.option("--user-facing/--not-user-facing", default=None, help="Whether users notice it.")
@click.option("--confidential/--not-confidential", default=None, help="Need to know only; ending it needs a reason.")
@reason("Why.")
@output()
@click.pass_obj
def update_command(session: Session, /, incident: str, reason: str | None, output: str, **fields: Any) -> int:
    """Say what is known now; each change is recorded. An empty text takes one away."""
    given = {name: value for name, value in fields.items() if value is not None}
    return update(session, Options(incident, fields=given, reason=reason, output=output))


def update(session: Session, options: Options) -> Exit:
    """Set fields."""
    from runbook.incident import acts

    id_ = found(session, options.incident)
    came = acts.update(session.place, id_, options.fields, options.reason)
    return acted(
        session, came, options.output, f"updated {', '.join(name.replace('_', ' ') for name in options.fields)}"
    )


@click.command("severity", epilog=examples('incident severity INC-1 SEV1 --reason "payments fail as well"'))
@incident_argument
@click.argument("name", metavar="SEVERITY")
@reason("Why; it stands in the timeline.", required=True)
@output()
@click.pass_obj
def severity_command(session: Session, /, **given: Any) -> int:
    """Change the severity of INC. If unsure, take the higher: nobody argues about it while it lasts."""
    return severity(session, Options(**given))


def severity(session: Session, options: Options) -> Exit:
    """Another severity."""
    from runbook.incident import acts

    id_ = found(session, options.incident)
    came = acts.severity(session.place, session.project.catalogued.document, id_, options.name, str(options.reason))
    return acted(session, came, options.output, f"is {came.incident.severity} now")


@click.command("classify", epilog=examples('incident classify INC-1 Security --reason "an unknown key was used"'))
@incident_argument
@click.argument("name", metavar="TYPE")
@reason("Why; it stands in the timeline.", required=True)
@output()
@click.pass_obj
def classify_command(session: Session, /, **given: Any) -> int:
    """Change the type of INC: it says who responds, and whether it is confidential."""
    return classify(session, Options(**given))


def classify(session: Session, options: Options) -> Exit:
    """Another type, with what comes with it."""
    from runbook.incident import acts
    from runbook.report.incident import class_lines

    catalog = session.project.catalogued.document
    id_ = found(session, options.incident)
    came = acts.classify(session.place, catalog, id_, options.name, str(options.reason))
    exit_ = acted(session, came, options.output, f"is of type {came.incident.type} now")
    if came.changed and options.output == "text":
        session.say("\n".join(class_lines(came.incident, catalog, session.err_style)))
    return exit_
