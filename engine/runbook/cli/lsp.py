"""`runbook lsp`: the language server that editors start; speaks on stdin and stdout."""

from __future__ import annotations

import click

from runbook.cli.options import examples
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError


@click.command("lsp", epilog=examples("lsp"))
@click.pass_obj
def command(session: Session) -> int:
    """Serve an editor (Language Server Protocol, on stdin and stdout): findings while you type, completion, hover.

    Editors start it themselves; docs/editors.md says how to tell them. It opens files and nothing else.
    """
    return lsp(session)


def lsp(session: Session) -> Exit:
    """Until the editor says that it is over. UsageError at a terminal, where it would wait for ever."""
    if session.stdin.isatty():
        hint = "docs/editors.md says how to tell yours; at a terminal, `runbook lint` says the same"
        raise UsageError("an editor starts the language server, and speaks to it", hint=hint)
    try:
        from runbook.cli.language_server import LanguageServer
    except ImportError as error:
        raise UsageError(
            "the language server needs the package pygls", hint="pip install 'runbook-engine[lsp]'"
        ) from error
    LanguageServer(session.project).start()
    return Exit.OK
