"""A run that goes on with another runbook, from the command line that drove the first: one command, one end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbook.cli.session import Session
from runbook.errors import Exit, Refused
from runbook.policy.rights import may_run

if TYPE_CHECKING:
    from runbook.core.history import History


def gone_on(session: Session, first: str, past: History, output: str, *, yes: bool) -> Exit | None:
    """Start the run that goes on from a finished one, or go on with it; None where none does.

    The exit code, the report and the JSON object are those of the run that is the last.
    """
    from runbook.hosts.continuing import following

    place = session.place
    next_ = following(place, first, past)
    if next_ is None:
        return None
    if (why := may_run(place.people, place.people.me)) is not None:
        raise Refused(why, hint=f"somebody who may goes on with: runbook resume {first}")
    run = next_.start.run
    book, _ = next_.documents.loaded(place.specs)
    session.say(f"\nrun {first} goes on with {book.name}, as run {run}\n")
    if next_.begun:
        from runbook.cli.resume import Options, resume

        return resume(session, Options(run, yes=yes, output=output))
    from runbook.cli.driving import driven
    from runbook.cli.opening import opening
    from runbook.hosts.continuing import goes_on
    from runbook.hosts.place import Manner

    source = session.project.source()
    opening(session, next_.start, next_.documents, source)
    return driven(
        session,
        run,
        book,
        output,
        lambda desk, view: goes_on(place, next_, lambda: source, Manner(yes=yes), desk, view),
        yes=yes,
    )
