"""`runbook` alone: what waits, what was left in doubt, what is interrupted, and what to type next."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from runbook.cli.session import Session
from runbook.cli.unread import left_out, missed
from runbook.errors import BrokenChain, Exit, RunbookError

if TYPE_CHECKING:
    from runbook.journal import Unread


def overview(session: Session) -> Exit:
    """The state of things, most urgent first; a friendly start where there is nothing yet."""
    from runbook.cli.completing import store_exists
    from runbook.cli.finding import Runs
    from runbook.cli.obligations import pressing
    from runbook.hosts.clock import wall
    from runbook.report.follow_ups import TITLE, follow_ups_text
    from runbook.report.layout import heading
    from runbook.report.next_steps import waiting
    from runbook.report.tables import Waiting, approvals_text
    from runbook.report.where import where_text

    unread: list[Unread] = []
    incidents = _incidents(session, unread) if store_exists(session) else []
    if incidents:
        session.print("\n".join([heading("Incidents", session.out_style), *(f"  {line}" for line in incidents), ""]))
    duties = pressing(session, unread) if store_exists(session) else []
    if duties:
        lines = [f"  {line}" for line in duties]
        session.print("\n".join([heading("Obligations", session.out_style), *lines, "  runbook obligations", ""]))
    runs = Runs(session.project.journal, unread) if store_exists(session) else None
    found = sorted(runs.open() if runs else (), key=lambda open_: (not open_.history.doubts, -open_.history.started_at))
    waits = [
        Waiting(
            o.run,
            o.history.runbook,
            waiting(o.history, o.run, alive=o.alive, now=wall()),
            where_text(o.history.environment, o.history.target),
        )
        for o in found
    ]
    left = list(runs.unstarted()) if runs else []
    waits = [*(Waiting(run, runbook, [one]) for run, runbook, one in left), *waits]
    if any(each.waits for each in waits):
        session.print(approvals_text(waits, session.out_style, wall()))
    running = [open_ for open_ in found if not waiting(open_.history, open_.run, alive=open_.alive)]
    for open_ in running:
        session.print(f"running: {open_.history.runbook}, see `runbook watch {open_.run}`")
    due = runs.follow_ups() if runs else []
    if due:
        session.print("\n".join([*([""] if found else []), heading(TITLE, session.out_style)]))
        session.print(follow_ups_text(due, session.out_style, wall()))
    if not found and not left and not unread:
        _start(session, "nothing else waits" if due or incidents or duties else "nothing waits")
    return left_out(session, unread)


def _incidents(session: Session, unread: list[Unread]) -> list[str]:
    """One line for each incident that is not resolved, the worst first; what cannot be read goes to `unread`."""
    from runbook.cli.incidents import sees
    from runbook.hosts.clock import wall
    from runbook.incident import telling
    from runbook.incident.cadence import next_due
    from runbook.incident.desk import every
    from runbook.incident.words import Status
    from runbook.report.incident import open_line

    found = [one for one in every(session.project.journal, unread) if one.status is not Status.RESOLVED]
    if not found:
        return []
    found.sort(key=lambda one: one.started)
    due: dict[str, float | None] = {}
    with suppress(RunbookError):  # a catalog that cannot be used is not what somebody wants to hear of now
        catalog = session.project.catalogued.document
        found.sort(key=lambda one: catalog.rank(one.severity))
        for one in found:
            try:
                due[one.id] = next_due(one, telling.seen(session.project.journal, one.id, unread)[1], catalog)
            except BrokenChain as error:
                missed(unread, error)
    return [open_line(one, wall(), told=sees(session, one), due=due.get(one.id)) for one in found]


def _start(session: Session, waits: str) -> None:
    """What to type where nothing waits."""
    from runbook.report.safe import shown

    books = session.project.runbooks()
    if books:
        session.print(f"{waits}, nothing is in doubt")
        lines = [shown(f"runbook run {next(iter(books))}"), "runbook list", "runbook runs"]
    elif session.project.config_path:
        session.print(f"{waits}; the library is empty")
        lines = ["runbook explain", "runbook lint"]
    else:
        session.print("there is no project here (no runbook.yaml)")
        lines = ["runbook init", "runbook --help"]
    session.print("\n".join(f"  {line}" for line in lines))
