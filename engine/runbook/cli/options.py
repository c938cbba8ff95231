"""Options that several commands share, and how their examples look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def examples(*lines: str) -> str:
    """The end of a command's help: lines as they follow `runbook`; one that begins with `$ ` as it is typed."""
    word = "Example" if len(lines) == 1 else "Examples"
    typed = (line[2:] if line.startswith("$ ") else f"runbook {line}" for line in lines)
    return "\b\n" + f"{word}:\n" + "\n".join(f"  {line}" for line in typed)


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


def complete_incidents(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Ids of incidents, for completion: read from the local store, never from the network."""
    del param
    from runbook.cli.completing import incidents

    return incidents(ctx, incomplete)


def complete_parameters(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """`NAME=`, for completion."""
    del param
    from runbook.cli.completing import parameters

    return parameters(ctx, incomplete)


def complete_options(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of options, for completion."""
    del param
    from runbook.cli.completing import options

    return options(ctx, incomplete)


key_option = click.option(
    "--key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Sign with this SSH key; else with the first that the policy lists for you.",
)
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
run_argument = click.argument("run", metavar="RUN", shell_complete=complete_runs)
runbook_argument = click.argument("name", metavar="NAME", shell_complete=complete_runbooks)
parameter_option = click.option(
    "-p",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=complete_parameters,
    help="Set a parameter; typed as the runbook says.",
)
params_option = click.option(
    "--params", "params_file", metavar="FILE", type=click.Path(path_type=Path), help="Parameters, JSON or YAML."
)


def incident_option(help_: str) -> Callable[[Function], Function]:
    """`--incident ID`."""
    return click.option("--incident", metavar="ID", shell_complete=complete_incidents, help=help_)


def option_names(flag: str, *names: str, help_: str) -> Callable[[Function], Function]:
    """A flag that names options of the runbook, as often as needed."""
    return click.option(flag, *names, multiple=True, metavar="NAME", shell_complete=complete_options, help=help_)
