"""`runbook incident assign|note|link`: who does what, what was seen, what belongs to it."""

from __future__ import annotations

from typing import Any, NamedTuple

import click

from runbook.cli.incidents import acted, found, incident_argument, told_option
from runbook.cli.options import examples, output, reason
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError


class Role(NamedTuple):
    """What `assign` was told."""

    incident: str
    role: str
    person: str | None = None
    from_: str | None = None
    relieve: bool = False
    reason: str | None = None
    output: str = "text"


class Words(NamedTuple):
    """What `note` was told."""

    incident: str
    text: str
    output: str = "text"


class Linked(NamedTuple):
    """What `link` was told."""

    incident: str
    what: str
    other: str
    relation: str | None = None
    note: str | None = None
    output: str = "text"


@click.command(
    "assign",
    epilog=examples(
        "incident assign INC-1 commander ana",
        "incident assign INC-1 commander ben --from ana",
        'incident assign INC-1 scribe --relieve --reason "end of shift"',
    ),
)
@incident_argument
@click.argument("role", metavar="ROLE")
@click.argument("person", metavar="[PERSON]", required=False)
@click.option("--from", "from_", metavar="PERSON", help="Who hands the role over; needed where somebody has it.")
@click.option("--relieve", is_flag=True, help="Take the role from whoever has it.")
@reason("Why.")
@output()
@click.pass_obj
def assign_command(session: Session, /, **given: Any) -> int:
    """Give PERSON a role of INC: commander, deputy, scribe, operations, communications, liaison. `me` is you.

    Each has one holder. A role gives no rights; those are the policy's.
    """
    return assign(session, Role(**given))


def assign(session: Session, options: Role) -> Exit:
    """Give, hand over, or relieve."""
    from runbook.incident import acts

    if options.relieve == (options.person is not None):
        raise UsageError("either a PERSON gets the role, or --relieve takes it from whoever has it")
    id_ = found(session, options.incident)
    catalog = session.project.catalogued.document
    if options.person is None:
        came = acts.relieve(session.place, catalog, id_, options.role, reason=options.reason, from_=options.from_)
        return acted(session, came, options.output, f"nobody is {options.role} now")
    came = acts.assign(
        session.place, catalog, id_, options.role, options.person, from_=options.from_, reason=options.reason
    )
    who = came.incident.who(options.role.strip().lower())
    return acted(session, came, options.output, f"{who} is {options.role} now")


@click.command(
    "note", epilog=examples('incident note INC-1 "the provider confirms the outage"', "incident note INC-1 -")
)
@incident_argument
@click.argument("text", metavar="TEXT")
@output()
@click.pass_obj
def note_command(session: Session, /, **given: Any) -> int:
    """Write TEXT down in the record of INC, with your name and the time. TEXT - reads it from stdin."""
    return note(session, Words(**given))


def note(session: Session, options: Words) -> Exit:
    """One record more."""
    from runbook.cli.note import said
    from runbook.incident import acts

    text = said(session, options.text)
    id_ = found(session, options.incident)
    return acted(session, acts.note(session.place, id_, text), options.output, "noted")


@click.command(
    "link",
    epilog=examples(
        "incident link INC-1 run 01jd",
        'incident link INC-1 incident INC-3 --relation "caused by"',
        'incident link INC-1 url https://status.example.com/7 --note "the provider\'s page"',
    ),
)
@incident_argument
@click.argument("what", metavar="WHAT", type=click.Choice(["run", "incident", "drill", "evidence", "url", "ticket"]))
@click.argument("other", metavar="ID")
@told_option("--relation", "What the other is to it: caused by, duplicate of …")
@told_option("--note", "What it is.")
@output()
@click.pass_obj
def link_command(session: Session, /, **given: Any) -> int:
    """Link a run, an incident, a drill, evidence, an address (url) or a ticket to INC. A run joins its timeline."""
    return link(session, Linked(**given))


def link(session: Session, options: Linked) -> Exit:
    """A run joins; two incidents are linked in both records; of all else the name is kept."""
    from runbook.incident import acts

    if options.what == "run" and (options.relation or options.note):
        raise UsageError(
            "a run belongs to the incident, and has no --relation or --note", hint="`runbook note RUN TEXT`"
        )
    id_ = found(session, options.incident)
    if options.what == "run":
        return _joined(session, id_, options)
    other = found(session, options.other) if options.what == "incident" else options.other
    came = acts.link(session.place, id_, options.what, other, relation=options.relation, note=options.note)
    if options.what == "incident" and came.changed:
        back = f"linked from {id_}" + (f" as {options.relation}" if options.relation else "")
        acts.link(session.place, other, "incident", id_, note=back)
    return acted(session, came, options.output, f"linked with {options.what} {other}")


def _joined(session: Session, id_: str, options: Linked) -> Exit:
    from runbook.hosts.lookup import find_run
    from runbook.hosts.past import stream_of
    from runbook.incident import acts

    journal = session.place.journal
    run = find_run(journal, options.other)
    first = next(iter(journal.read(stream_of(run))))
    came = acts.join(session.place, id_, run, first.data.get("runbook"))
    return acted(session, came, options.output, f"run {run} of {first.data.get('runbook')} belongs to it")
