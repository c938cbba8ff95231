"""`runbook completion`: what makes the Tab key know commands, runbooks and runs."""

from __future__ import annotations

import click

from runbook.cli.options import examples
from runbook.cli.session import Session
from runbook.errors import Exit

SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    epilog=examples(
        "completion bash > ~/.local/share/bash-completion/completions/runbook",
        "completion fish > ~/.config/fish/completions/runbook.fish",
    ),
)
@click.argument("shell", type=click.Choice(SHELLS), metavar="[bash|zsh|fish]")
@click.pass_obj
def command(session: Session, shell: str) -> int:
    """Print the completion script of a shell. It reads local files only, never the network."""
    return completion(session, shell)


def completion(session: Session, shell: str) -> int:
    """The script, as click makes it."""
    from click.shell_completion import get_completion_class

    from runbook.cli.root import root

    script = get_completion_class(shell)
    assert script is not None  # noqa: S101 - one of SHELLS, all of which click knows
    session.print(script(root, {}, "runbook", "_RUNBOOK_COMPLETE").source())
    return Exit.OK
