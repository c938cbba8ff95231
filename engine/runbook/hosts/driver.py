"""The loop of every host: read a record, take it, perform what is new.

    ┌────────────── one transaction ───────────────┐
    │ what guests wrote → results → what follows   │ → perform → results …
    │ (intents, gates opened, decisions, due waits)│
    └──────────────────────────────────────────────┘

One thread writes and feeds, so the order of records is the order in which the machine saw them. An intent stands in
the journal before its effect is begun. What is handed out and under way is the `Work`, whose targets are in `Holds`;
what the run waits for where there is none, `standstill.py` says. Nothing here knows a kind, a policy or a terminal:
`Hands` perform, `Gatekeeper` judges, `Desk` asks, `Watcher` shows.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from runbook.core.commands import Apply
from runbook.core.dropped import needed
from runbook.core.machine import Machine
from runbook.core.procedure import Finished
from runbook.core.signing import Sieve
from runbook.errors import Exit, Fenced
from runbook.hosts.actors import ENGINE
from runbook.hosts.books import Books
from runbook.hosts.clock import Clock
from runbook.hosts.gatekeeper import Gatekeeper
from runbook.hosts.holds import Holds
from runbook.hosts.news import News
from runbook.hosts.ports import Ended, Event, Hands, Held, Hold, Result, Signal, Suspended, Watcher, Woken
from runbook.hosts.said import Desk, Leave, Said
from runbook.hosts.scribe import Append, Scribe
from runbook.hosts.spoken import drafted
from runbook.hosts.standstill import at_people, suspended, timers
from runbook.hosts.work import Work
from runbook.journal.journal import Journal
from runbook.journal.port import Lease, StoreFull
from runbook.journal.record import Actor, Draft, Record
from runbook.journal.writer import GUESTS, Writer

TICK = 0.05  # seconds between two looks at what other processes wrote
MOMENT = 0.0005  # seconds in which a step gets going; showing things meanwhile would hold it up
SETTLED = 0.5  # seconds after which reads are brought to the disk even if nothing else is


class Driver:
    """Drives one run from where its journal is to its end, or until nothing can be done without people.

    `successor` makes the id of a run that goes on from this one; None where runs do not go on, as in a rehearsal.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        stream: str,
        lease: Lease,
        machine: Machine,
        hands: Hands,
        gatekeeper: Gatekeeper,
        desk: Desk,
        clock: Clock,
        watcher: Watcher,
        hold: Hold,
        successor: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.journal = journal
        self.stream = stream
        self.lease = lease
        self.machine = machine
        self.hands = hands
        self.gatekeeper = gatekeeper
        self.desk = desk
        self.clock = clock
        self._successor = successor
        self.books = Books(machine, gatekeeper)
        self._sieve: Sieve[Record] = Sieve()
        self._scribe = Scribe(
            machine=machine, gatekeeper=gatekeeper, desk=desk, clock=clock, hands=hands, books=self.books
        )
        self._news = News(watcher)
        self._holds = Holds(hold, clock.now, self._news)
        self._work = Work(
            machine=machine,
            books=self.books,
            hands=hands,
            desk=desk,
            holds=self._holds,
            news=self._news,
            sure=self._sure,
            deliver=self.deliver,
        )
        self.events: SimpleQueue[Event] = SimpleQueue()
        self._seen = -1
        self._changed = -1
        self._stopping: Suspended | None = None
        self._left: set[str] = set()  # gates and questions that people here let wait
        self._loose_since: float | None = None  # since when records wait for the next commit that reaches the disk

    # --- the loop -----------------------------------------------------------------------------------------

    def replay(self) -> Finished | None:
        """Bring the machine to where the journal is; begins nothing. Gives how the run ended, if it has."""
        for record in self.journal.read(self.stream):
            if record.dropped:
                raise needed(f"going on with {self.stream}", record.dropped[0].tombstone)
            self._take(record)
        self._news.show()
        self.clock.catch_up(self.machine.now)
        finished: Finished | None = self.machine.value if self.books.finished else None
        return finished

    def resumed(self, data: dict[str, Any], actor: Actor) -> None:
        """This runner has taken the run over: record it, and look what became of changes without a result."""
        with self.journal.writing(self.stream, self.lease) as writer:
            for record in writer.tail(self._seen):
                self._take(record)
            self._append(writer, "lease.taken", None, {"epoch": self.lease.epoch})
            self._append(writer, "run.resumed", None, data, actor)
        self._work.reopened()

    def drive(self) -> Ended:
        """Go on until the run is finished or suspended."""
        self.journal.wakes(self.stream, lambda: self.events.put(Woken()))
        ended = self.turn([])
        while ended is None:
            ended = self.turn(self._next_events())
        return ended

    def turn(self, events: list[Event]) -> Ended | None:
        """Write what has come in and all that follows, begin what is new; how the run ended, if it has."""
        self._write(events)
        self._work.begin()
        ended = self._ended()
        if ended is not None:
            self._news.show()
        return ended

    def interrupt(self, exit_: Exit) -> None:
        """Called from a signal handler: stop soon and leave the run resumable."""
        self.events.put(Signal(exit_))

    def deliver(self, event: Result | Held | Said) -> None:
        """Hand in a result or a person's word, from any thread."""
        self.events.put(event)

    def _next_events(self) -> list[Event]:
        """What has come in; waits for the next thing, and looks at the store now and then."""
        events = self._awaited(MOMENT if self._work.under_way else 0.0)
        self._news.show()
        while not events:
            until = min(timers(self.machine, self.books, self._holds), default=None)
            if until is not None and until <= self.clock.now():
                return []
            if not self._work.under_way and self.clock.skip_to(until):
                return []
            events = self._awaited(self._patience(until))
            if not events:
                self._settle()
            if not events and self._changed != self.journal.changed(self.stream):
                return []
        return events

    def _settle(self) -> None:
        """Nothing was kept from the disk for longer than a moment."""
        if self._loose_since is not None and self.clock.now() - self._loose_since > SETTLED:
            self.journal.sync()
            self._loose_since = None

    def _awaited(self, seconds: float) -> list[Event]:
        """All that has come in, or the first that comes in within so many seconds."""
        events: list[Event] = []
        with suppress(Empty):
            events.append(self.events.get(timeout=seconds))
            while True:
                events.append(self.events.get_nowait())
        return events

    def _patience(self, until: float | None) -> float:
        if until is None:
            return TICK
        return min(TICK, max(0.0, until - self.clock.now()))

    # --- writing ------------------------------------------------------------------------------------------

    def _write(self, events: list[Event]) -> None:
        """One transaction: what others wrote, what came in, and everything that follows from it."""
        sent = self._work.sent
        try:
            self._transact(events)
        except StoreFull as full:
            if full.again:
                self._rescue(sent, events)
            raise

    def _transact(self, events: list[Event]) -> None:
        """Reads alone need not be on the disk before what follows begins: they are done again if they are lost."""
        relaxed = all(isinstance(event, Result) and event.type == "step.observed" for event in events)
        with self.journal.writing(self.stream, self.lease, relaxed=relaxed) as writer:
            for record in writer.tail(self._seen):
                self._take(_by_guest(record))
            if writer.clock_jump is not None:
                self._append(writer, "clock.jumped", None, {"seconds": writer.clock_jump})
            for event in events:
                self._fold(writer, event)
            self._follow(writer)
            self._changed = self.journal.changed(self.stream)
        if not self.journal.loose:
            self._loose_since = None
        elif self._loose_since is None:
            self._loose_since = self.clock.now()

    def _rescue(self, sent: set[str], events: list[Event]) -> None:
        """The disk is full and a reserve was freed: record what has reached the world, and nothing that follows.

        The machine has gone on with records that were not kept, so this driver is of no use after it.
        """
        came = {event.key: event for event in events if isinstance(event, Result) and event.key in sent}
        while sent - came.keys():
            event = self.events.get()
            if isinstance(event, Result) and event.key in sent:
                came[event.key] = event
            elif isinstance(event, Signal):
                self.hands.hurry()
        with self.journal.writing(self.stream, self.lease) as writer:
            writer.tail(self._seen)
            for result in came.values():
                writer.append(Draft(result.type, result.key, result.data, ENGINE), at=self.clock.now())

    def _append(self, writer: Writer, type_: str, key: str | None, data: dict[str, Any], actor: Actor = ENGINE) -> None:
        self._take(writer.append(Draft(type=type_, key=key, data=data, actor=actor), at=self.clock.now()))

    def _take(self, record: Record) -> None:
        """Fold one record in, live and replay alike."""
        self._seen = record.seq
        if record.seq == 0:
            self._work.todo += self.machine.start(record.time)
        for each in self._sieve.take(record):
            self._fed(each)
        self._news.record(record)

    def _fed(self, record: Record) -> None:
        closed = self.books.notice(record)
        if closed is not None:
            self._closed(closed)
        self._work.todo += self.machine.take(record)
        for command in self.machine.withdrawn:
            self._closed(command.key)
            self.hands.withdraw(command.key)
        self.machine.withdrawn.clear()

    def _closed(self, key: str) -> None:
        self._holds.forget(key)
        if self.books.close(key):
            self.desk.closed(key)

    def _fold(self, writer: Writer, event: Event) -> None:
        """One thing that came in becomes a record."""
        if isinstance(event, Result):
            self._performed(writer, event)
        elif isinstance(event, Held):
            self._news.held(event.what)
        elif isinstance(event, Leave):
            self._left.add(event.key)
        elif isinstance(event, Signal):
            self._signalled(event)
        elif not isinstance(event, Woken):
            draft = drafted(event, self.books)
            if draft is not None:
                self._take(writer.append(draft, at=self.clock.now()))

    def _performed(self, writer: Writer, result: Result) -> None:
        command = self._work.came(result)
        if command is None:
            return
        if result.key in self.books.owed:
            self._append(writer, result.type, None, {"owed": result.key, **result.data})
        elif result.key in self.books.unsent and result.key not in self.machine.pending:
            self._append(writer, result.type, result.key, result.data)
        elif result.key in self.machine.pending:
            digest = self.machine.pending[result.key].digest
            self._append(writer, result.type, result.key, {"command": digest, **result.data})
        if result.again and isinstance(command, Apply) and result.key in self.machine.pending:
            self._work.todo.append(command)

    # --- what follows -------------------------------------------------------------------------------------

    def _follow(self, writer: Writer) -> None:
        """Everything that needs no performing, until nothing more follows."""
        append = partial(self._append, writer)
        while True:
            before = writer.size
            self._scribe.judge(append, list(self._sieve.unjudged.values()))
            for command in self._work.todo:
                self._scribe.prepare(append, command, stopping=self._work.stopping)
            self._work.todo = [command for command in self._work.todo if command.key in self.machine.pending]
            self._scribe.follows(append)
            if self._over():
                self._finish(writer, append)
            if writer.size == before:
                return

    def _finish(self, writer: Writer, append: Append) -> None:
        """The end. Its locks are nobody's from now on, or those of the run that goes on from here."""
        finished: Finished = self.machine.value
        successor = self._successor() if finished.continued is not None else None
        self._scribe.finish(append, successor)
        writer.seal()
        if successor is None or finished.continued is None:
            writer.release_locks(self.stream)
            return
        family, _, run = self.stream.partition("/")
        held = {"run": successor, "runbook": finished.continued.runbook, "continued_from": run}
        writer.hand_over_locks(self.stream, f"{family}/{successor}", held)

    def _over(self) -> bool:
        """Whether nothing is left to do but to say so."""
        left = self._work.under_way or self._work.todo or self.books.owed or self.books.unsent
        return self.machine.done and not left and not self.books.finished

    def _sure(self) -> None:
        """Before anything is sent: nobody else may have taken over, nor may a power cut forget what led to it."""
        if not self.lease.lives:
            raise _held_up(self.stream)
        if self.journal.loose:
            self.journal.sync()

    # --- the end ------------------------------------------------------------------------------------------

    def _ended(self) -> Ended | None:
        if self.books.finished:
            finished: Finished = self.machine.value
            return finished
        if not self.events.empty() or self._work.under_way:
            return None
        if self._stopping is not None:
            return self._stopping
        if self._work.todo and not self._holds.waiting:
            return None
        return suspended(self.machine, self._holds, self.desk, self._left)

    def _signalled(self, signal: Signal) -> None:
        """A second one hurries. Changes and messages in flight are finished, reads only when the terminal hung up.

        At a gate a Ctrl-C simply lets the run wait.
        """
        if self._stopping is not None:
            self.hands.hurry()
            return
        if at_people(self.machine) and signal.exit is Exit.INTERRUPTED:
            self._stopping = Suspended(Exit.WAITING, "people are asked")
        else:
            self._stopping = Suspended(signal.exit, "interrupted")
        self._work.stop(reads=signal.exit is not Exit.HANGUP)


def _held_up(stream: str) -> Fenced:
    """A process that was stopped, a machine that slept, a store out of reach: whoever took over must not be met."""
    return Fenced(
        f"this runner of {stream} was held up so long that another may have taken over; what it intended was not sent",
        hint=f"`runbook resume {stream.partition('/')[2]}` goes on, and looks at the world first",
    )


def _by_guest(record: Record) -> Record:
    """What others write beside a live runner is a guest's word; a record that only a runner writes was forged."""
    if record.epoch == 0 and record.type in GUESTS:
        return record
    raise Fenced(
        f"record {record.seq} of {record.stream} is a {record.type} that this runner, the only one, did not write",
        hint="somebody writes to the store past runbook: nothing further is done; see who may write to it",
    )
