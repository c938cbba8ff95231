"""Options that several commands share, and how their examples look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def examples(*lines: str) -> str:
    """The end of a command's help."""
    word = "Example" if len(lines) == 1 else "Examples"
    return "\b\n" + f"{word}:\n" + "\n".join(f"  runbook {line}" for line in lines)


def output(*more: str) -> Callable[[Function], Function]:
    """`--output text|json`, and what else this command can."""
    return click.option(
        "--output",
        type=click.Choice(["text", "json", *more]),
        default="text",
        show_default=True,
        help="Text for people, JSON for scripts; to stdout.",
    )


def reason(help_: str, *, required: bool = False) -> Callable[[Function], Function]:
    """`--reason TEXT`."""
    return click.option("--reason", metavar="TEXT", required=required, help=help_)


def complete_runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Ids of runs, for completion: read from the local store, never from the network."""
    del param
    from runbook.cli.completing import runs

    return runs(ctx, incomplete)


def complete_runbooks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of runbooks, for completion."""
    del param
    from runbook.cli.completing import runbooks

    return runbooks(ctx, incomplete)


run_argument = click.argument("run", metavar="RUN", shell_complete=complete_runs)
runbook_argument = click.argument("name", metavar="NAME", shell_complete=complete_runbooks)
