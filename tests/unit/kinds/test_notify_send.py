"""`notify.send` names a channel and a message; the core announces it."""

from __future__ import annotations

from runbook.document.words import Effect, Role
from runbook.kinds import notify_send


def test_a_message_reads_on_one_line_and_whole_by_hand() -> None:
    """The plan shows a glimpse, the page the text."""
    inputs = {"to": "incidents", "message": "Rolling back\n" + "x" * 100}
    assert notify_send.describe(inputs).startswith("tell incidents: Rolling back xxx")
    assert len(notify_send.describe(inputs)) == 60
    assert notify_send.by_hand(inputs) == "tell incidents: " + inputs["message"]


def test_it_is_a_notice() -> None:
    """It needs no gate, and is not performed by a function of its own."""
    assert (notify_send.SPEC.role, notify_send.SPEC.effect) == (Role.NOTICE, Effect.NOTIFY)
    assert not hasattr(notify_send, "apply")
