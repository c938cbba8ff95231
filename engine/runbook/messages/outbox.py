"""Gets messages out while everything else goes on: a lane for each channel, in order, at its pace, tried again.

    what surely did not get out    tried again, with growing pauses of which a random share is waited (full jitter: many
                                   senders do not come back at the same moment), or when the other side says
    what may have got out          to the own team again, marked: they would rather read it twice than not at all. To
                                   customers not: a second "we are investigating" reads like a second incident. Where
                                   the channel can be looked at, a look decides, else it is `unknown`
    what never will                a refused token, a channel that is not there: said at once

One limit covers all attempts. Whoever posts has recorded the message before, and records what comes of it; a channel
that hangs holds up nobody but the messages behind it.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from runbook.core.changes import Error
from runbook.document.model import Channel
from runbook.document.words import Audience
from runbook.messages import channels
from runbook.messages.channels import Sent
from runbook.messages.outgoing import Means, Outgoing

LIMIT = 60.0  # seconds for all attempts at one message, from when it was posted
FIRST, MOST = 1.0, 15.0  # seconds: the longest first pause, and the longest of all


class Posted:
    """A message in the outbox. Once `given_up` is set it is not tried again, and what there is is what came of it."""

    def __init__(self, channel: Channel, message: Outgoing, given_up: threading.Event) -> None:
        self.channel = channel
        self.message = message
        self.since = time.monotonic()
        self.given_up = given_up
        self._sent: Sent | None = None
        self._over = threading.Event()

    def result(self, timeout: float | None = None) -> Sent | None:
        """What came of it; None if that is not known within so many seconds."""
        return self._sent if self._over.wait(timeout) else None

    def ended(self, sent: Sent) -> None:
        """Say what came of it."""
        self._sent = sent
        self._over.set()


class Outbox:
    """The outbox of one process. `roll` gives a random share from 0 to 1."""

    def __init__(self, means: Means, *, limit: float = LIMIT, roll: Callable[[], float] = random.random) -> None:
        self._means = means
        self._limit = limit
        self._roll = roll
        self._lanes: dict[str, _Lane] = {}
        self._firsts: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._lost: dict[tuple[str, str], Outgoing] = {}
        self._lock = threading.Lock()

    def post(self, channel: Channel, message: Outgoing, given_up: threading.Event | None = None) -> Posted:
        """Have it sent after what was posted to this channel before; at once, never raises."""
        posted = Posted(channel, message, given_up or threading.Event())
        with self._lock:
            lane = self._lanes.get(channel.name)
            if lane is None:
                lane = self._lanes[channel.name] = _Lane(channel.name, self._delivered)
        lane.put(posted)
        return posted

    def _delivered(self, posted: Posted, paced: Callable[[float], None]) -> Sent:
        """Send it after the first about the same thing, which may have got out only a moment ago."""
        channel, message = posted.channel, posted.message
        thread = channel.name, message.about
        if message.before is None:
            message = msgspec.structs.replace(message, before=self._before(channel, thread))
        sent = self._tried(posted, message, paced)
        if sent.remote is not None and message.before is None:
            self._firsts[thread] = sent.remote
        elif sent.status == "unknown" and message.before is None:
            self._lost.setdefault(thread, message)
        return sent

    def _before(self, channel: Channel, thread: tuple[str, str]) -> Mapping[str, Any] | None:
        """The first message about a thing; one whose answer was lost may be there by now."""
        lost = self._lost.get(thread)
        if thread not in self._firsts and lost is not None:
            there = channels.found(channel, lost, self._means)
            if there is not None and there.remote is not None:
                self._firsts[thread] = there.remote
        return self._firsts.get(thread)

    def _tried(self, posted: Posted, message: Outgoing, paced: Callable[[float], None]) -> Sent:
        channel = posted.channel
        customers = channel.audience is Audience.CUSTOMERS
        if message.repeated and customers:
            return channels.found(channel, message, self._means) or Sent("unknown", attempts=0)
        attempts, doubted = 0, False
        while True:
            paced(getattr(channels.module(channel.type), "PACE", 0.0))
            attempts += 1
            sent = channels.attempt(channel, message, self._means)._replace(attempts=attempts)
            if sent.doubt:
                doubted = True
                there = channels.found(channel, message, self._means)
                if there is not None:
                    return there._replace(attempts=attempts)
                message = msgspec.structs.replace(message, repeated=True)
            if sent.status == "sent":
                return sent
            if doubted:
                sent = sent._replace(status="unknown")
            if not sent.again or (doubted and customers):
                return sent
            pause = self._pause(attempts, sent.after)
            if time.monotonic() - posted.since + pause > self._limit:
                return _given_up(sent, f"given up after {_times(attempts)}")
            if posted.given_up.wait(pause):
                return _given_up(sent, f"interrupted after {_times(attempts)}")

    def _pause(self, attempts: int, after: float | None) -> float:
        share = self._roll()
        if after is not None:
            return after + share * FIRST
        return share * float(min(MOST, FIRST * 2 ** (attempts - 1)))


class _Lane:
    """One channel: its messages in order, one at a time, by a thread that lives as long as there are any."""

    def __init__(self, name: str, deliver: Callable[[Posted, Callable[[float], None]], Sent]) -> None:
        self._name = name
        self._deliver = deliver
        self._waiting: deque[Posted] = deque()
        self._lock = threading.Lock()
        self._works = False
        self._last = float("-inf")

    def put(self, posted: Posted) -> None:
        with self._lock:
            self._waiting.append(posted)
            if not self._works:
                self._works = True
                # a daemon: a channel that never answers must not keep the process from ending
                threading.Thread(target=self._work, name=f"messages to {self._name}", daemon=True).start()

    def _next(self) -> Posted | None:
        with self._lock:
            self._works = bool(self._waiting)
            return self._waiting.popleft() if self._works else None

    def _work(self) -> None:
        while (posted := self._next()) is not None:
            try:
                sent = self._deliver(posted, self._paced)
            except BaseException as error:  # noqa: BLE001 - said, whatever it is: somebody waits for it
                sent = Sent("failed", Error(code="bug", message=f"{type(error).__name__}: {error}"))
            posted.ended(sent)

    def _paced(self, pace: float) -> None:
        """No sooner after the last one than the channel takes it."""
        wait = self._last + pace - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._last = time.monotonic()


def _given_up(sent: Sent, why: str) -> Sent:
    error = sent.error or Error(code="channel", message="")
    return sent._replace(error=Error(code=error.code, message=f"{error.message} ({why})"))


def _times(attempts: int) -> str:
    return "one attempt" if attempts == 1 else f"{attempts} attempts"
