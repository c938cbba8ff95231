"""What is meant to be there for a while only: an option that is `temporary` leaves a follow-up where it left changes.

Noted at the end of the run, however it ended, so that a list of what is due needs nothing but the record.
"""

from __future__ import annotations

from runbook.core.commands import Flow
from runbook.core.context import Done, Run
from runbook.document.model import Option


def noted(run: Run) -> Flow:
    """Note what is still changed by options that are temporary; gives how many follow-ups there are."""
    count = 0
    for option in run.book.resolution:
        left = [done for done in run.done if done.option == option.id]
        if option.temporary is not None and left:
            yield from _noted(run, option, option.temporary, left)
            count += 1
    return count


def _noted(run: Run, option: Option, lasts: float, left: list[Done]) -> Flow:
    """Due counts from the first of the changes: so long it may be as it is now."""
    since = min(done.at for done in left)
    undoable = any(done.change.undo is not None for done in left)
    yield from run.note(
        f"resolution/{option.id}",
        "follow_up",
        option=option.id,
        changes=[
            {"key": done.key, "path": done.path, "summary": done.change.summary, "target": str(done.change.target)}
            for done in left
        ],
        since=round(since, 3),
        due=round(since + lasts, 3),
        undo=f"runbook undo {run.situation.run}" if undoable else None,
    )
