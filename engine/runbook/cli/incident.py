"""`runbook incident`: all that can be said of an incident. The commands are listed here, and imported when typed."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

from runbook.cli.options import examples
from runbook.cli.root import Entry
from runbook.errors import UsageError

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


class Incidents(click.Group):
    """A group that imports a command when it is typed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        del ctx
        return [name for section in COMMANDS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; None if there is none."""
        del ctx
        entry = next((section[cmd_name] for section in COMMANDS.values() if cmd_name in section), None)
        if entry is None:
            return None
        module, _, attribute = entry.where.partition(":")
        command: click.Command = getattr(import_module(f"runbook.cli.{module}"), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; UsageError with the nearest one."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from runbook.document.suggest import did_you_mean

            near = did_you_mean(args[0], self.list_commands(ctx))
            hint = near or "`runbook incident --help` lists them"
            raise UsageError(f"there is no command 'incident {args[0]}'", hint=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and summaries by section, from the table alone."""
        del ctx
        for title, section in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.summary) for name, entry in section.items()])


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
