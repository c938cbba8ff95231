"""`runbook incident`: all that can be said of an incident. The commands are listed here, and imported when typed."""

from __future__ import annotations

from typing import Final

import click

from runbook.cli.options import examples
from runbook.cli.root import Entry, Sections

COMMANDS: Final[dict[str, dict[str, Entry]]] = {
    "Begin and look": {
        "declare": Entry("incident_declare:command", "Declare an incident."),
        "list": Entry("incident_show:list_command", "List incidents, newest first."),
        "show": Entry("incident_show:show_command", "Show an incident: status, roles, times, what belongs to it."),
        "timeline": Entry("incident_timeline:command", "Tell all that happened, in order, with its runs."),
        "catalog": Entry("incident_catalog:command", "Print the catalog: severities, types, targets."),
    },
    "While it lasts": {
        "update": Entry("incident_change:update_command", "Say what is known now: impact, affected, war room …"),
        "severity": Entry("incident_change:severity_command", "Change its severity, with a reason."),
        "classify": Entry("incident_change:classify_command", "Change its type, with a reason."),
        "assign": Entry("incident_people:assign_command", "Give somebody a role, hand it over, or relieve."),
        "note": Entry("incident_people:note_command", "Write something down."),
        "link": Entry("incident_people:link_command", "Link a run, an incident, evidence, an address, a ticket."),
        "remind": Entry("incident_remind:command", "Send the reminders that are due: of updates, of deadlines."),
        "time": Entry("incident_ends:time_command", "Say when something happened, or correct it."),
    },
    "Towards its end": {
        "mitigate": Entry("incident_ends:mitigate_command", "It does not hurt any more."),
        "resolve": Entry("incident_ends:resolve_command", "It is over."),
        "reopen": Entry("incident_ends:reopen_command", "It hurts again."),
        "report": Entry("incident_report:report_command", "Write all of it as one HTML page."),
    },
    "Elsewhere": {
        "export": Entry("incident_export:command", "Take out its records and those of its runs, to be verified."),
        "import": Entry("incident_import:command", "Take in past incidents: CSV, JSON, PagerDuty."),
    },
}


class Incidents(Sections):
    """The commands of `runbook incident`."""

    table = COMMANDS


@click.group(
    "incident",
    cls=Incidents,
    epilog=examples(
        'incident declare --severity SEV1 --type Service --title "Checkout is down"',
        "incident assign INC-1 commander ana",
        "incident show INC-1",
    ),
)
def group() -> None:
    """Declare an incident, say what is known of it, and see it through."""
