"""`runbook obligations [INC]`: what is due by law or by contract. The other commands are imported when typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from runbook.cli.incidents import anyway_option, found, sees, visible
from runbook.cli.options import complete_incidents, examples, output
from runbook.cli.root import Entry, Sections
from runbook.cli.session import Session
from runbook.cli.unread import left_out
from runbook.errors import Exit

if TYPE_CHECKING:
    from runbook.incident.history import Incident
    from runbook.incident.obligations.standing import Obligation
    from runbook.journal import Unread
    from runbook.report.style import Style

SHOW: Final = "show"
COMMANDS: Final[dict[str, dict[str, Entry]]] = {
    "Look": {
        SHOW: Entry("obligations:show_command", "Show what is due; the same without this word."),
        "explain": Entry("obligations_explain:command", "Say what a regime asks, or list all regimes."),
    },
    "Decide, and when it counts from": {
        "judge": Entry("obligations_say:judge_command", "Say whether a regime, or a report of it, applies."),
        "anchor": Entry("obligations_say:anchor_command", "Say when something was that times count from."),
        "extend": Entry("obligations_extend:command", "Say that an authority gave more time for a report."),
    },
    "File": {
        "answer": Entry("obligations_say:answer_command", "Say one of the things that a report must say."),
        "draft": Entry("obligations_draft:command", "Draft a report of the record and the answers."),
        "file": Entry("obligations_say:file_command", "Say that a report was filed."),
        "waive": Entry("obligations_say:waive_command", "Say that nobody will file a report, and why."),
    },
}


class Obligations(Sections):
    """A group whose first word may be an incident."""

    table = COMMANDS

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Without a word, with an incident or with an option of `show`, it is `show`."""
        first = args[0] if args else ""
        if first not in ("--help", "-h") and (first[:1] in ("", "-") or _is_one(first)):
            args = [SHOW, *args]
        return super().parse_args(ctx, args)


def complete_regimes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of regimes, for completion."""
    del param
    from runbook.cli.completing import regimes

    return regimes(ctx, incomplete)


def complete_reports(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Reports with their regimes, for completion."""
    del param
    from runbook.cli.completing import reports

    return reports(ctx, incomplete)


report_argument = click.argument("report", metavar="REPORT", shell_complete=complete_reports)


def _is_one(word: str) -> bool:
    """Whether a word is meant as an incident, known or not."""
    return word.upper().removeprefix("INC-").isdigit() or word.upper().startswith("INC-")


@click.group(
    "obligations",
    cls=Obligations,
    subcommand_metavar="[INC] | COMMAND [ARGS]...",
    epilog=examples("obligations", "obligations INC-1", "obligations explain gdpr"),
)
def group() -> None:
    """Show what incidents oblige to by law or by contract, the nearest deadline first.

    Of INC, or over all that are not over. Not legal advice: the tool counts, people judge.
    """


class Options(NamedTuple):
    """Of which incident; None: of all that have something open."""

    incident: str | None = None
    confidential: bool = False
    output: str = "text"


@click.command(SHOW, epilog=examples("obligations", "obligations INC-1", "obligations --output json"))
@click.argument("incident", metavar="[INC]", required=False, shell_complete=complete_incidents)
@anyway_option
@output()
@click.pass_obj
def show_command(session: Session, /, **given: Any) -> int:
    """Show what INC obliges to, or, without INC, what is open over all incidents. The nearest deadline first."""
    return show(session, Options(**given))


def show(session: Session, options: Options) -> Exit:
    """The page, or the objects."""
    return _one(session, options) if options.incident is not None else _all(session, options)


def _one(session: Session, options: Options) -> Exit:
    from runbook.hosts.clock import wall
    from runbook.incident.obligations.cases import case_of
    from runbook.incident.obligations.standing import forgotten, obligations
    from runbook.report.obligations import obligations_text

    id_ = found(session, str(options.incident))
    journal, rules, now = session.project.journal, session.project.obligations, wall()
    incident = visible(session, id_, anyway=options.confidential)
    case = case_of(journal, incident)
    for name in forgotten(case, rules.regimes):
        session.say(f"! '{name}' was judged, and is no regime of this project any more; its deadlines are not counted")
    mine = obligations(case, rules.regimes, rules.here, now)
    if options.output == "json":
        return _objects(session, mine, now)
    session.print(obligations_text(incident, mine, zoned(session, session.out_style), now))
    return Exit.OK


def _all(session: Session, options: Options) -> Exit:
    from runbook.cli.completing import store_exists
    from runbook.hosts.clock import wall
    from runbook.incident.obligations.cases import cases_of
    from runbook.incident.obligations.standing import OPEN, State, obligations
    from runbook.incident.words import Status
    from runbook.report.obligations import across_text

    now = wall()
    unread: list[Unread] = []
    rows: list[tuple[Incident, list[Obligation]]] = []
    for incident, case in cases_of(session.project.journal, unread) if store_exists(session) else ():
        over = incident.status is Status.RESOLVED
        if (over and not case.said.judgements and not case.broken) or not sees(
            session, incident, anyway=options.confidential
        ):
            continue
        rules = session.project.obligations
        mine = [one for one in obligations(case, rules.regimes, rules.here, now) if one.state in OPEN or one.partly]
        if over:
            mine = [one for one in mine if one.state is not State.UNDECIDED]
        if mine:
            rows.append((incident, mine))
    if options.output == "json":
        return _objects(session, [one for _, mine in rows for one in mine], now, unread)
    text = across_text(rows, zoned(session, session.out_style), now)
    if text:
        session.print(text)
    elif not unread:
        session.say("no incident obliges to anything that is open")
    return left_out(session, unread)


def pressing(session: Session, unread: list[Unread]) -> list[str]:
    """One line for each report whose time runs, the nearest first, for `runbook` alone."""
    from runbook.hosts.clock import wall
    from runbook.incident.obligations.cases import cases_of
    from runbook.incident.obligations.standing import TICKING, obligations, urgency
    from runbook.report.obligations import pressing_line

    now, style = wall(), session.out_style
    found: list[Obligation] = []
    for incident, case in cases_of(session.project.journal, unread):
        if (case.said.judgements or case.broken) and sees(session, incident):
            rules, style = session.project.obligations, zoned(session, session.out_style)
            found += [one for one in obligations(case, rules.regimes, rules.here, now) if one.state in TICKING]
    return [pressing_line(one, style, now) for one in sorted(found, key=urgency)]


def _objects(session: Session, mine: list[Obligation], now: float, unread: Sequence[Unread] = ()) -> Exit:
    from runbook.incident.obligations.standing import urgency
    from runbook.report.obligations import NOT_ADVICE
    from runbook.report.obligations_json import obligation_object
    from runbook.report.unread import unread_object

    rows = [obligation_object(one, now) for one in sorted(mine, key=urgency)]
    told = {"obligations": rows, "notice": NOT_ADVICE, **unread_object(unread)}
    return session.result(told, left_out(session, unread))


def zoned(session: Session, style: Style) -> Style:
    """Times in the zone that days are counted in, where the project names one; else in the reader's."""
    if session.project.config.obligations.zone is None:
        return style
    return style._replace(zone=session.project.obligations.here.zone)
