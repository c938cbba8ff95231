"""Which environment a command works in: chosen for a run that begins, recorded of one that is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from runbook.errors import UsageError

if TYPE_CHECKING:
    from runbook.cli.session import Session
    from runbook.hosts.place import Place

Function = TypeVar("Function", bound=Callable[..., Any])


def env_option(help_: str) -> Callable[[Function], Function]:
    """`--env NAME`."""
    return click.option("--env", "environment", metavar="NAME", shell_complete=_complete, help=help_)


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    del param
    from runbook.cli.completing import environments

    return environments(ctx, incomplete)


def enter(session: Session, name: str | None, alert: Mapping[str, Any] | None) -> None:
    """Work in the environment that is named, else in the alert's, else in the default one."""
    from runbook.document.environments import EVERY, chosen

    if name == EVERY:
        raise UsageError(f"--env {EVERY} is for `lint`, `plan` and `doctor`; a run takes place in one environment")
    session.enter(chosen(session.project.config, name, alert.get("labels") if alert else None))


def place_of(session: Session, run: str) -> Place:
    """Where a run that is there takes place: in the environment of its record, as the configuration has it today."""
    from runbook.document.environments import recorded
    from runbook.hosts.past import stream_of

    first = next(iter(session.project.journal.read(stream_of(run))))
    session.enter(recorded(session.project.config, first.data))
    return session.place
