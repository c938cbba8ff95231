"""`runbook notify`: tell the team, or customers, how an incident stands; shown first, then recorded, then sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from runbook.cli.incidents import found, incident_argument, visible
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.cli.unread import left_out
from runbook.errors import Exit, Refused, UsageError

if TYPE_CHECKING:
    from runbook.document.model import Channel
    from runbook.incident.history import Incident
    from runbook.incident.letters import Letter
    from runbook.incident.messages import Messages
    from runbook.incident.telling import Result
    from runbook.journal import Unread
    from runbook.messages.outbox import Outbox


_NEXT = "write 15m, 1h30m, or none"
_SOONEST = 60.0  # seconds until the next update at least


class Options(NamedTuple):
    """What `notify` was told; `given` are `NAME=TEXT`."""

    incident: str
    template: str | None = None
    to: tuple[str, ...] = ()
    message: str | None = None
    given: tuple[str, ...] = ()
    public: str | None = None
    next: str | None = None
    status: str | None = None
    dry_run: bool = False
    yes: bool = False
    confidential: bool = False
    output: str = "text"


@click.command(
    "notify",
    epilog=examples(
        "notify INC-1                                   what is due, to the team",
        'notify INC-1 --message "rolling back" --next 15m',
        'notify INC-1 --to status --public "Payments fail for some of you."',
        'notify INC-1 --template can --with condition="disk full" --with actions="purging" --with needs="a DBA"',
    ),
)
@incident_argument
@click.option("--template", metavar="NAME", help="initial, update, resolution, can, or your own.")
@click.option(
    "--to", multiple=True, metavar="CHANNEL", help="Only there. Customers are told only where they are named."
)
@click.option("--message", metavar="TEXT", help="What you want to add, for the team.")
@click.option("--with", "given", multiple=True, metavar="NAME=TEXT", help="A value for the template: next_steps=…")
@click.option("--public", metavar="TEXT", help="What customers are told from now on, in their words.")
@click.option("--next", metavar="DURATION", help="When the next update comes, or `none`. Default: the catalog's.")
@click.option("--status", metavar="WORD", help="On a status page: investigating, identified, monitoring, resolved.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would go where; record and send nothing.")
@click.option("-y", "--yes", is_flag=True, help="Tell customers without asking; needed off a terminal.")
@click.option("--confidential", is_flag=True, help="Tell of a confidential incident that does not name you.")
@output()
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Tell how INC stands, by a template, to channels of the configuration. Without --template by the one that is due.

    What goes where is shown before it goes. What follows an earlier message about INC stands in its thread, or updates
    its incident on the status page. Customers get the incident's public text and nothing else.
    """
    return notify(session, Options(**given))


def notify(session: Session, options: Options) -> Exit:
    """Show, ask, record, send. What another sender left behind goes first: what is said now follows it."""
    from runbook.incident import telling
    from runbook.report.messages import letters_lines

    id_ = found(session, options.incident)
    visible(session, id_, anyway=options.confidential)
    place, compose = session.place, _composer(session, options)
    outbox, results = outbox_of(session), []
    unread: list[Unread] = []
    incident, shown = _looked(session, options, id_, compose, unread)
    left_out(session, unread)  # what that run has said is not known; people are told all the same
    if not options.dry_run:
        _learn(session, shown)
        try:
            results = telling.settle(place, id_, outbox, place.channels, _slow(session))
        except KeyboardInterrupt:
            return _interrupted(session)
        if results:
            incident, shown = _looked(session, options, id_, compose, [])
    if options.output == "text":
        # a console shows it by itself
        previewed = [one for one in shown if options.dry_run or one.channel.type != "console"]
        if previewed:
            session.say(session.masked("\n".join(letters_lines(previewed, session.err_style))))
    if options.dry_run:
        if options.output == "json":
            return session.result({"incident": id_, "dry_run": True, "messages": [_planned(one) for one in shown]})
        session.say("nothing was sent: this is a dry run")
        return Exit.OK
    _confirm(session, id_, shown, yes=options.yes)
    public = incident.public if options.public else None
    try:
        results += telling.tell(place, id_, outbox, compose, shown, public=public, slow=_slow(session))
    except KeyboardInterrupt:
        return _interrupted(session)
    return _ended(session, id_, results, options)


def _looked(
    session: Session, options: Options, id_: str, compose: Any, unread: list[Unread]
) -> tuple[Incident, tuple[Letter, ...]]:
    """The incident as it would be, and what would go; `unread` gets the runs whose records cannot be read."""
    import msgspec

    from runbook.incident import telling

    incident, told = telling.seen(session.place.journal, id_, unread)
    if options.public is not None:
        incident = msgspec.structs.replace(incident, public=_words(options.public, "--public"))
    return incident, compose(incident, told)


def _interrupted(session: Session) -> Exit:
    session.say("\ninterrupted; what has no result yet is taken over by the next `runbook notify` or `incident remind`")
    return Exit.INTERRUPTED


def _slow(session: Session) -> Callable[[Channel], None]:
    from runbook.messages.outbox import LIMIT

    return lambda channel: session.say(f"{channel.name} has not answered yet; it is tried for {LIMIT:.0f}s in all …")


def _composer(session: Session, options: Options) -> Any:
    from runbook.incident.letters import Asked, letters

    place, catalog = session.place, session.project.catalogued.document
    now = place.journal.now()
    asked = Asked(
        template=options.template,
        to=options.to,
        message=None if options.message is None else _words(options.message, "--message"),
        given=_given(options.given),
        next=_next(options.next),
        status=options.status,
        by=place.people.me,
    )

    def compose(incident: Incident, told: Messages) -> tuple[Letter, ...]:
        return letters(incident, told, place.channels, catalog, asked, now, _lookup(session))

    return compose


def _lookup(session: Session) -> Any:
    folder = session.place.project / "templates"

    def lookup(name: str) -> bytes | None:
        path = folder / f"{name}.md"
        return path.read_bytes() if path.is_file() else None

    return lookup


def _learn(session: Session, shown: Sequence[Letter]) -> None:
    """Know the secrets of the channels before anything is shown or recorded, so that they are masked in it too."""
    from contextlib import suppress

    from runbook.doctor.projects import references
    from runbook.errors import WorldError

    for reference in (one for letter in shown for one in references(letter.channel.settings)):
        with suppress(WorldError):  # it is said when the message does not get out
            session.place.secrets.resolve(reference)


def outbox_of(session: Session) -> Outbox:
    """An outbox with this project's secrets; what the console is told goes to stderr."""
    from runbook.messages.outbox import Outbox
    from runbook.messages.outgoing import Means

    place = session.place
    return Outbox(Means(project=place.project, secret=place.secrets.resolve, console=session.say))


def _words(text: str, flag: str) -> str:
    if not text.strip():
        raise UsageError(f"{flag} is empty", hint="leave it out, or say something")
    return text.strip()


def _given(pairs: Sequence[str]) -> Mapping[str, str]:
    values = {}
    for pair in pairs:
        name, is_, text = pair.partition("=")
        if not is_ or not name.strip().isidentifier() or not text.strip():
            raise UsageError(f"--with {pair!r} is not NAME=TEXT", hint='write --with next_steps="a postmortem"')
        values[name.strip()] = text.strip()
    return values


def _next(given: str | None) -> float | str | None:
    from runbook.document.durations import Duration
    from runbook.incident.letters import NONE

    if given is None or given == NONE:
        return given
    try:
        seconds = float(Duration.parse(given))
    except ValueError as error:
        raise UsageError(f"--next {given}: {error}", hint=_NEXT) from error
    if seconds < _SOONEST:
        raise UsageError(f"--next {given} promises an update that nobody can write so soon", hint=_NEXT)
    return seconds


def _confirm(session: Session, id_: str, shown: Sequence[Letter], *, yes: bool) -> None:
    """Customers are asked for: what they have read cannot be taken back."""
    from runbook.document.words import Audience

    customers = [one.channel.name for one in shown if one.channel.audience is Audience.CUSTOMERS and one.kept is None]
    if not customers or yes:
        return
    names = ", ".join(customers)
    if not session.interactive:
        raise UsageError(f"customers would read this through {names}", hint="say --yes, or look with --dry-run")
    session.show(f"Customers will read this through {names}. Send it? yes / no: ")
    if session.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Refused(f"nothing was sent about {id_}", hint="--dry-run shows it again")


def _planned(letter: Letter) -> dict[str, Any]:
    return {
        "channel": letter.channel.name,
        "audience": str(letter.channel.audience),
        "template": letter.template,
        "subject": letter.subject,
        "text": letter.text,
        "withheld": letter.kept.message if letter.kept is not None else None,
    }


def _ended(session: Session, id_: str, results: Sequence[Result], options: Options) -> Exit:
    """Everything told: 0. Something that was asked for by name was kept back: 8. Something did not get out: 4."""
    from runbook.report.messages import result_line, result_object

    statuses = {one.status for one in results}
    named = any(one.status == "suppressed" and one.channel.name in options.to for one in results)
    nobody = statuses == {"suppressed"}
    failed = statuses & {"failed", "unknown", "sending"}
    exit_ = Exit.UNDETERMINED if failed else Exit.BLOCKED if named or nobody else Exit.OK
    for one in results:
        session.say(session.masked(result_line(id_, one, session.err_style)))
    if options.output == "json":
        return session.result({"incident": id_, "messages": [result_object(one) for one in results]}, exit_)
    return exit_
