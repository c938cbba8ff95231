"""`runbook obligations extend`: that an authority gave more time for a report, or that this does not hold any more."""

from __future__ import annotations

from typing import Any, NamedTuple

import click

from runbook.cli.incidents import found, incident_argument, when, when_options
from runbook.cli.obligations import report_argument
from runbook.cli.obligations_say import standing, told
from runbook.cli.options import examples, output, reason
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError


class Options(NamedTuple):
    """Which report of which incident; until when and who gave it, or `withdraw` with a reason."""

    incident: str
    report: str
    until: str | None = None
    by: str | None = None
    reference: str | None = None
    withdraw: bool = False
    at: str | None = None
    source: str | None = None
    reason: str | None = None
    output: str = "text"


@click.command(
    "extend",
    epilog=examples(
        "obligations extend INC-1 sec_8k.filing --until 2026-12-24T17:30-05:00 \\\n"
        '    --by "Attorney General" --reference 26-4711',
        'obligations extend INC-1 sec_8k.filing --withdraw --reason "it was granted for another filing"',
    ),
)
@incident_argument
@report_argument
@click.option("--until", metavar="TIME", help="Until when it may be filed: 2026-12-24T17:30-05:00.")
@click.option("--by", metavar="AUTHORITY", help="Who gave the time.")
@click.option("--reference", metavar="TEXT", help="The number under which it can be found there.")
@click.option("--withdraw", is_flag=True, help="It does not hold any more; needs --reason.")
@when_options
@reason("Why it does not hold any more, or ends earlier than what was said before.")
@output()
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Say that an authority gave more time for REPORT. Whether it may is not judged; who did stands in the record.

    The deadline of the rule stays beside it. --at says when it was given, --source who says so.
    """
    return extend(session, Options(**given))


def extend(session: Session, options: Options) -> Exit:
    """One extension more, or one less; the report is told with all of its deadlines."""
    from runbook.incident.moments import ahead
    from runbook.incident.obligations import extending

    _whole(options)
    id_, rules, place = found(session, options.incident), session.project.obligations, session.place
    if options.withdraw:
        case = extending.withdraw(place, id_, rules, options.report, str(options.reason))
        words = "the extension of {} does not hold any more"
    else:
        granted = extending.Granted(
            until=ahead(str(options.until), place.journal.now()),
            authority=str(options.by),
            at=when(session, options.at, options.source),
            reference=options.reference,
            reason=options.reason,
        )
        case = extending.extend(place, id_, rules, options.report, granted)
        words = "{} is extended"
    one = standing(session, case, options.report)
    return told(session, options.output, id_, words.format(one.address), [one])


def _whole(options: Options) -> None:
    """UsageError where flags are missing, or do not go together."""
    grants = [options.until, options.by, options.reference, options.at, options.source]
    if options.withdraw and any(value is not None for value in grants):
        raise UsageError("--withdraw takes back what was granted", hint="it goes with --reason alone")
    if options.withdraw and options.reason is None:
        raise UsageError("--withdraw does not say why", hint="add --reason TEXT: it stands in the record")
    missing = [flag for flag, value in (("--until TIME", options.until), ("--by AUTHORITY", options.by)) if not value]
    if missing and not options.withdraw:
        raise UsageError(f"an extension needs {' and '.join(missing)}", hint="`runbook obligations extend --help`")
