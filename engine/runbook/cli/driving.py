"""One run driven from a command line: who sits there, what is shown, and how it ends.

`run`, `resume`, `undo` and `abort` differ in how a run is begun; from here on they are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runbook.cli.interrupts import answered
from runbook.cli.session import Session
from runbook.cli.watching import View
from runbook.core.words import Mode, RunOutcome
from runbook.errors import Exit
from runbook.hosts.clock import wall
from runbook.hosts.lookup import seen
from runbook.hosts.ports import exit_of
from runbook.hosts.said import Desk, Nobody
from runbook.hosts.undoing import noted
from runbook.report.final import report

if TYPE_CHECKING:
    from pathlib import Path

    from runbook.core.history import History
    from runbook.document.model import Runbook
    from runbook.hosts.ports import Ended

Drive = Callable[[Desk, View], "Ended"]
Tell = Callable[["History"], None]


def driven(
    session: Session,
    run: str,
    book: Runbook | None,
    output: str,
    drive: Drive,
    *,
    past: History | None = None,
    alone: bool = False,
    yes: bool = False,
    tell: Tell | None = None,
    walk: bool = False,
    key: Path | None = None,
) -> Exit:
    """Drive a run to where it ends or waits, and say how it stands; what is `past` is not told again.

    `alone`: ask nobody, terminal or not. `yes`: gates are answered without being shown at a desk. `tell` says how a
    finished run stands where text is asked for. `walk`: it is a Markdown document that somebody walks through. `key`
    signs what is noted of it in other runs.
    """
    view = View(session, book, wall, since=past.size if past else 0, records=output == "jsonl")
    if session.interactive and not alone and not yes:
        view.asks()
    at_desk = _desk(session, run, view, book if walk else None, alone=alone)
    with view.shown(), at_desk as desk, answered(view.say, lambda: view.asking, lambda: view.changing):
        ended = drive(desk, view)
    exit_ = exit_of(ended)
    history, alive = seen(session.place, run, past)
    marked(session, run, history, key)
    if tell is not None and output == "text" and history.finished is not None:
        tell(history)
        return exit_
    if history.continued is not None and not alone:
        from runbook.cli.continuing import gone_on

        followed = gone_on(session, run, history, output, yes=yes)
        if followed is not None:
            return followed
    ended_with(session, run, history, book, output, exit_, alive=alive)
    return exit_


def marked(session: Session, run: str, history: History, key: Path | None = None) -> None:
    """Say in the runs that this one is about what it took back, or how what was done by hand has ended; once."""
    whys = [noted(session.place, history, run, key)]
    if history.started.get("within"):
        from runbook.hosts import adhoc

        whys.append(adhoc.noted(session.place, history, run, key))
    for why in filter(None, whys):
        session.say(why)


def ended_with(
    session: Session, run: str, history: History, book: Runbook | None, output: str, exit_: Exit, *, alive: bool
) -> None:
    """The report of a finished run is data; of an open one it is talk: what to type next. JSON is one object."""
    if output != "text":
        from runbook.report.run_json import run_object

        session.write(run_object(history, run, alive=alive, exit_=exit_))
    if history.finished is None:
        session.say("\n" + report(history, run, session.err_style, wall(), alive=alive, book=book))
    elif output == "text":
        session.say("")
        session.print(_told(session, run, history, book))
        _incident(session, history)


def _incident(session: Session, history: History) -> None:
    """A run that helped does not end its incident: that is somebody's word."""
    id_ = (history.started.get("incident") or {}).get("id")
    over = history.finished is not None and history.outcome in (RunOutcome.RESOLVED, RunOutcome.NOT_NEEDED)
    if id_ is not None and over and not history.started.get("within"):
        session.say(f"{id_} is as it was; when it is over: runbook incident resolve {id_}")


def _told(session: Session, run: str, history: History, book: Runbook | None) -> str:
    """What came of a finished run, or what a dry run found."""
    if book is not None and history.started.get("mode") == Mode.DRY:
        from runbook.report.plan import plan_text

        return plan_text(history, book, session.out_style, people=session.place.people)
    return report(history, run, session.out_style, wall(), book=book)


@contextmanager
def _desk(session: Session, run: str, view: View, walked: Runbook | None, *, alone: bool) -> Iterator[Desk]:
    """The terminal where there is one with somebody at it; else nobody. `walked` is the runbook of a walk."""
    if alone or not session.interactive:
        yield Nobody()
        return
    from runbook.cli.desk import TerminalDesk
    from runbook.cli.keyboard import Keyboard

    keyboard = Keyboard(session.stdin.fileno(), session.show)
    desk = TerminalDesk(keyboard, view, session.place.people, run, style=session.err_style, say=session.say, now=wall)
    blocks = None
    if walked is not None:
        from runbook.cli.walking import walk_desk

        desk, blocks = walk_desk(session, run, view, walked, keyboard)
    try:
        yield desk
    finally:
        if blocks is not None:
            blocks.over()
        desk.close()
        keyboard.close()
