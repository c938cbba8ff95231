"""Makes the world of each attempt of each step of one run, and says how long an attempt may take."""

from __future__ import annotations

import threading

from runbook.clients.attempts import Attempt
from runbook.core.commands import Announce, Apply, Command, Observe, Page, PlanChange, Preserve
from runbook.hosts.clock import Clock
from runbook.hosts.world import LocalWorld, Surroundings

PROBE = 30.0  # seconds: how long a read may take, unless its step says otherwise
CHANGE = 300.0  # a change, accepted and arrived
LOOK = 30.0  # one look at what became of a change
SENDING = 120.0  # a message, through all its channels


class Worlds:
    """The worlds of one run."""

    def __init__(self, around: Surroundings, clock: Clock) -> None:
        self.around = around
        self.clock = clock

    def of(
        self, command: Command, timeout: float, cancel: threading.Event, attempt: Attempt | None = None
    ) -> LocalWorld:
        """One that ends `timeout` seconds from now, or once `cancel` is set."""
        return LocalWorld(
            self.around,
            timeout=timeout,
            limit=_limit(command) or CHANGE,
            connection=_connection(command),
            cancel=cancel,
            attempt=attempt,
            intent=self.intent_id(command) if isinstance(command, Apply) else None,
        )

    def intent_id(self, command: Apply) -> str:
        """The mark that a change leaves in the world."""
        return f"{self.around.run}/{command.key}"

    def longest(self, command: Command) -> float:
        """Seconds within which a command that keeps its timeout has ended; a change is looked at afterwards."""
        if isinstance(command, Apply):
            return (command.timeout or CHANGE) + LOOK
        if isinstance(command, Preserve):
            return max(0.0, command.deadline - self.clock.now())
        if isinstance(command, Announce | Page):
            return SENDING
        timeout = float(getattr(command, "timeout", None) or PROBE)
        if not isinstance(command, Observe) or command.sent is not None:
            return timeout
        return command.retry.attempts * timeout + _pauses(command)


def _pauses(command: Observe) -> float:
    """The longest that all pauses between tries may be."""
    pauses, delay = 0.0, float(command.retry.delay)
    for _ in range(command.retry.attempts - 1):
        pauses += delay * (1 + command.retry.jitter)
        delay = min(delay * command.retry.backoff, float(command.retry.max_delay))
    return pauses


def _limit(command: Command) -> float | None:
    if isinstance(command, PlanChange):
        return command.limit
    return command.timeout if isinstance(command, Apply) else None


def _connection(command: Command) -> str | None:
    named: str | None = getattr(command, "connection", None)
    return named or (command.change.connection if isinstance(command, Apply) else None)
