"""What a command leaves out because its record cannot be read. The rest is shown; the command ends with 3.

That something is missing is never taken for nothing being there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runbook.errors import BrokenChain, Exit

if TYPE_CHECKING:
    from runbook.cli.session import Session
    from runbook.journal import Unread


def missed(unread: list[Unread], error: BrokenChain) -> None:
    """One more that cannot be read."""
    from runbook.journal import Unread

    unread.append(Unread.of(error))


def left_out(session: Session, unread: Sequence[Unread]) -> Exit:
    """Say by name what was left out; INVALID then, else OK."""
    if not unread:
        return Exit.OK
    from runbook.report.unread import unread_lines

    for line in unread_lines(unread):
        session.say(line)
    return Exit.INVALID
