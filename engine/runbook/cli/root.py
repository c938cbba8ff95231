"""The root command: options that stand before every command, and the table of commands.

The table holds module and summary of each command, so that `--help` imports none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import click

from runbook import __version__
from runbook.cli.groups import Group
from runbook.cli.session import Session
from runbook.cli.streams import Masking


class Entry(NamedTuple):
    """Where a command is (`module:attribute`, below this package), and what it does in a line."""

    where: str
    summary: str


COMMANDS: Final[dict[str, dict[str, Entry]]] = {
    "Write runbooks": {
        "init": Entry("init:command", "Make a project: config, policy and a first runbook."),
        "new": Entry("new:command", "Begin a runbook, with scenarios that pass."),
        "lint": Entry("lint:command", "Check documents; every finding with its place and what to do."),
        "fmt": Entry("fmt:command", "Write documents in one style; what they say, and every comment, stays."),
        "test": Entry("test:command", "Play the scenarios of runbooks in virtual time."),
        "diff": Entry("diff:command", "Say what a change of runbooks means, riskiest first."),
        "backtest": Entry("backtest:command", "Hold a runbook against what its Prometheus has seen; before and after."),
        "coverage": Entry("coverage:command", "Hold alert rules beside the library: which alerts have a runbook."),
        "render": Entry(
            "render:command", "Render runbooks as pages: Markdown, HTML, a flow, CACAO; or check such pages."
        ),
        "import": Entry("import_:command", "Draft a runbook of Markdown, of a CACAO playbook or of a Rundeck job."),
        "promote": Entry("promote:command", "Draft a runbook of what was done by hand in a run."),
        "explain": Entry("explain:command", "Say what a runbook will do, or what a kind of step takes and gives."),
        "lsp": Entry("lsp:command", "Serve an editor: findings while you type, completion, hover."),
        "schema": Entry("schema:command", "Print the JSON Schema of a kind of document, for editors."),
    },
    "Run them": {
        "list": Entry("library:list_command", "List the runbooks of this project."),
        "show": Entry("library:show_command", "Show a runbook: symptoms, options, who may approve."),
        "doctor": Entry("doctor:command", "Ask the real world for all that runbooks need; change nothing."),
        "plan": Entry("plan:command", "Plan every option of a runbook exactly; change nothing."),
        "run": Entry("run:command", "Run a runbook; ask before each change."),
        "resume": Entry("resume:command", "Go on with a run after a crash, an approval or a settlement."),
        "undo": Entry("undo:command", "Take back what a finished run changed."),
        "follow-ups": Entry("follow_ups:group", "List what is temporary and still changed; close it."),
        "walk": Entry("walk:command", "Walk through a Markdown runbook step by step; every step is recorded."),
        "exec": Entry("exec:command", "Do something by hand within a run: planned, approved, recorded."),
    },
    "Decide": {
        "approvals": Entry("approvals:command", "List what waits for people, over all open runs."),
        "approve": Entry("approve:approve_command", "Say yes at a gate of a run."),
        "deny": Entry("approve:deny_command", "Say no at a gate of a run."),
        "answer": Entry("answer:command", "Answer a question or a manual step of a run."),
        "abort": Entry("abort:command", "End a run; nothing further is started, nothing is undone."),
        "note": Entry("note:command", "Write something down in the record of a run."),
    },
    "Incidents": {
        "incident": Entry("incident:group", "Declare an incident, say what is known, see it through."),
        "obligations": Entry("obligations:group", "Show what is due by law or contract; judge, answer, file."),
        "notify": Entry("notify:command", "Tell the team, or customers, how an incident stands."),
        "postmortem": Entry("postmortem:command", "Write what an incident's record says, and keep what people wrote."),
        "actions": Entry("actions:group", "What was promised after incidents: add, list, end."),
    },
    "Look": {
        "runs": Entry("runs:command", "List runs, newest first."),
        "watch": Entry("watch:command", "Follow a run from another terminal; never touches it."),
        "log": Entry("log:group", "Show, verify or export the record of a run."),
        "metrics": Entry("metrics:command", "Measure incidents and runs: MTTD, MTTA, MTTM, MTTR, MTBF, options."),
        "audit": Entry("audit:group", "Who approved what, what was out of the ordinary, runs drawn by lot."),
        "seal": Entry("seal:group", "Make and show the keys that seal records, and seal a run now."),
        "store": Entry("store:group", "Check the store, bring its tables forward, or copy it elsewhere."),
        "completion": Entry("completion:command", "Print the completion script of a shell."),
    },
}


class Sections(Group):
    """A group that imports a command when it is typed; its `table` has them by section."""

    table: Mapping[str, Mapping[str, Entry]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        del ctx
        return [name for section in self.table.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; None if there is none."""
        del ctx
        entry = next((section[cmd_name] for section in self.table.values() if cmd_name in section), None)
        if entry is None:
            return None
        module, _, attribute = entry.where.partition(":")
        command: click.Command = getattr(import_module(f"runbook.cli.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and summaries by section, from the table alone."""
        del ctx
        for title, section in self.table.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.summary) for name, entry in section.items()])


class Root(Sections):
    """The commands of `runbook` itself."""

    table = COMMANDS


EPILOG = """\b
Exit codes: 0 ok · 2 usage · 3 invalid · 4 undetermined · 5 not resolved · 6 waiting
            7 refused · 8 blocked · 9 in doubt · 130 interrupted · 1 a bug of ours

\b
Examples:
  runbook                              what waits, and what to type next
  runbook run high-api-error-rate      on call: asks before each change
"""


@click.group(
    cls=Root, invoke_without_command=True, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("-C", "directory", metavar="DIR", type=click.Path(path_type=Path), help="Work as if started in DIR.")
@click.option("--config", metavar="FILE", type=click.Path(path_type=Path), help="Use this runbook.yaml.")
@click.option("--store", metavar="URL", help="Keep the journal here: sqlite:///PATH, or a path.")
@click.option("--no-color", is_flag=True, help="Plain text, as NO_COLOR does.")
@click.version_option(__version__, message="runbook %(version)s")
@click.pass_context
def root(
    ctx: click.Context, directory: Path | None, config: Path | None, store: str | None, no_color: bool
) -> int | None:
    """Runbooks as code that execute: planned exactly, approved, applied once, verified, recorded.

    Without a command: what waits, what is in doubt or interrupted, and what to type next.
    """
    session = Session.opened(directory, config=config, store=store, no_color=no_color, masking=ctx.find_object(Masking))
    ctx.obj = session
    if ctx.invoked_subcommand is not None:
        return None
    from runbook.cli.overview import overview

    return overview(session)
