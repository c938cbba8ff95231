"""What `store prune` and `log redact` do alike: ask before anything goes, let it go, and seal what says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runbook.errors import RunbookError, UsageError
from runbook.report.amounts import counted
from runbook.report.safe import shown

if TYPE_CHECKING:
    from runbook.cli.session import Session
    from runbook.hosts.retention import Done

_YES = ("y", "yes")


def reasoned(text: str) -> str:
    """A reason as it is recorded; UsageError for one that is longer than what stands in its place."""
    from runbook.journal.drops import REASON

    said = " ".join(text.split())
    if not said:
        raise UsageError("the reason is empty", hint='say why: --reason "a token was printed"')
    if len(said) > REASON:
        raise UsageError(f"the reason is longer than {REASON} characters", hint="name a ticket that says the rest")
    return said


def agreed(session: Session, *, yes: bool) -> bool:
    """Whether it may go now: somebody said yes. Off a terminal that is `--yes`, else UsageError."""
    if yes:
        return True
    if not session.interactive:
        raise UsageError(
            "nothing was dropped: without a terminal nobody can be asked",
            hint="look at it with --dry-run, then say --yes",
        )
    from runbook.cli.keyboard import Keyboard

    keyboard = Keyboard(session.stdin.fileno(), session.show)
    keyboard.forget()
    try:
        word = keyboard.line("drop them? Nothing brings them back. yes or no: ")
    finally:
        keyboard.close()
    if (word or "").lower() in _YES:
        return True
    session.say("nothing was dropped")
    return False


def sealed(session: Session, stream: str | None) -> None:
    """Seal the stream with what it says now, where this project seals. What does not work is told."""
    sealing = session.project.sealing()
    if sealing is None or stream is None:
        return
    from runbook.hosts.sealing import sealed_now

    try:
        seal, _ = sealed_now(sealing, stream)
    except RunbookError as error:
        session.say(f"warning: {shown(stream)} is not sealed with it: {shown(error.message)}")
    else:
        session.say(f"sealed {shown(stream)} up to record {seal.size - 1}")


def tell(session: Session, done: Done) -> None:
    """What was done."""
    where = f"; recorded in {counted(len(done.streams), 'run')}, by digest, with the reason" if done.streams else ""
    unnamed = f"; {done.unnamed} that no record named, recorded in the store's own stream" if done.unnamed else ""
    session.say(f"dropped {counted(done.payloads, 'payload')}{where}{unnamed}")
