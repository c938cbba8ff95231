"""What the Tab key offers: names in the project and runs in its store. Silent where anything is amiss."""

from __future__ import annotations

from typing import Any

import click

from runbook.cli.session import Session
from runbook.errors import RunbookError


def runbooks(ctx: click.Context, incomplete: str) -> list[str]:
    """Names of runbooks that begin so."""
    try:
        return [name for name in _session(ctx).project.runbooks() if name.startswith(incomplete)]
    except RunbookError:
        return []


def runs(ctx: click.Context, incomplete: str) -> list[str]:
    """Ids of runs that begin so, newest first; a store that is not there is not made for this."""
    try:
        session = _session(ctx)
        if not store_exists(session):
            return []
        return [name.partition("/")[2] for name in session.project.journal.names(f"run/{incomplete}")]
    except RunbookError:
        return []


def incidents(ctx: click.Context, incomplete: str) -> list[str]:
    """Ids of incidents that begin so, newest first; a store that is not there is not made for this."""
    try:
        session = _session(ctx)
        if not store_exists(session):
            return []
        found = session.project.journal.names(f"incident/{incomplete.upper()}")
        return [name.partition("/")[2] for name in found]
    except RunbookError:
        return []


def regimes(ctx: click.Context, incomplete: str) -> list[str]:
    """Names of regimes that begin so."""
    return [name for name in _addresses(ctx) if "." not in name and name.startswith(incomplete)]


def reports(ctx: click.Context, incomplete: str) -> list[str]:
    """Reports, each with its regime, that begin so."""
    return [name for name in _addresses(ctx) if "." in name and name.startswith(incomplete)]


def _addresses(ctx: click.Context) -> list[str]:
    """Regimes and their reports, as they are typed."""
    try:
        known = _session(ctx).project.obligations.regimes
    except RunbookError:
        return []
    found = [known.named(name).regime for name in known.names]
    return [*known.names, *(f"{regime.name}.{report.id}" for regime in found for report in regime.reports)]


def parameters(ctx: click.Context, incomplete: str) -> list[str]:
    """`NAME=` of the runbook that was typed before."""
    return [f"{name}=" for name in _book(ctx, "parameters") if name.startswith(incomplete)]


def options(ctx: click.Context, incomplete: str) -> list[str]:
    """Names of the options of the runbook that was typed before."""
    return [option.id for option in _book(ctx, "resolution") if option.id.startswith(incomplete)]


def environments(ctx: click.Context, incomplete: str) -> list[str]:
    """Names of the project's environments that begin so."""
    try:
        return [one.name for one in _session(ctx).project.config.environments if one.name.startswith(incomplete)]
    except RunbookError:
        return []


def _book(ctx: click.Context, what: str) -> Any:
    name = ctx.params.get("name") or next(iter(ctx.args), None)  # an option without its value ends the parsing early
    try:
        return getattr(_session(ctx).project.runbook(name)[0], what) if name else ()
    except RunbookError:
        return ()


def store_exists(session: Session) -> bool:
    """Whether the project's store has been made; looking must not make one."""
    from pathlib import Path

    url = session.project.store_url
    try:
        return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()
    except OSError:  # a folder that is closed to us: opening the store says so
        return True


def _session(ctx: click.Context) -> Session:
    """The session as the options before the command have it; callbacks have not run while completing."""
    parameters = ctx.find_root().params
    return Session.opened(
        parameters.get("directory"), config=parameters.get("config"), store=parameters.get("store"), no_color=True
    )
