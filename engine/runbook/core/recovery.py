"""What becomes of a command that has no result when a run is resumed. One row per verb."""

from __future__ import annotations

from enum import StrEnum

from runbook.document.words import Audience, Verb


class OnResume(StrEnum):
    """What the host does with a pending command of a verb."""

    AGAIN = "again"  # a read: done again
    LISTEN = "listen"  # the truth is in the log: listened for again
    SEND_AGAIN = "send_again"  # better twice than never, with the same dedup key
    UNKNOWN = "unknown"  # better never than twice: its result is unknown, go on
    CONFIRM = "confirm"  # look at the world; nothing is sent before that


RECOVERY: dict[Verb, OnResume] = {
    Verb.OBSERVE: OnResume.AGAIN,
    Verb.PLAN: OnResume.AGAIN,
    Verb.PRESERVE: OnResume.AGAIN,
    Verb.NOTE: OnResume.AGAIN,
    Verb.WAIT: OnResume.LISTEN,
    Verb.APPROVE: OnResume.LISTEN,
    Verb.ASK: OnResume.LISTEN,
    Verb.PAGE: OnResume.SEND_AGAIN,
    Verb.ANNOUNCE: OnResume.SEND_AGAIN,
    Verb.APPLY: OnResume.CONFIRM,
    Verb.UNDO: OnResume.CONFIRM,
}


def on_resume(verb: Verb, audience: Audience | None = None) -> OnResume:
    """The row of a verb; a message that customers read is not sent twice."""
    if verb is Verb.ANNOUNCE and audience is Audience.CUSTOMERS:
        return OnResume.UNKNOWN
    return RECOVERY[verb]
