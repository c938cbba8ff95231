"""What is seen of a run while it goes: the live view on a terminal, lines elsewhere, records as JSON Lines besides.

A screen that is gone never ends a run: the record is in the journal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from runbook.cli.session import Session

if TYPE_CHECKING:
    from runbook.core.commands import Command
    from runbook.document.model import Runbook
    from runbook.journal import Record
    from runbook.report.lines import Lines
    from runbook.report.live import LiveView

GONE = (OSError, ValueError)  # the terminal, or the file that stood for it


class View:
    """A `Watcher` over the session's streams. Records before `since` are folded in, and not told."""

    def __init__(
        self,
        session: Session,
        book: Runbook | None,
        now: Callable[[], float],
        *,
        since: int = 0,
        records: bool = False,
    ) -> None:
        self._session = session
        self._since = since
        self._records = records
        self.by_hand: dict[str, Mapping[str, Any]] = {}  # what was done by hand, as the newest note about it says
        self._asking = threading.Event()
        self._waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._changing: set[str] = set()  # keys of changes that are under way
        self._lock = threading.Lock()
        self._live: LiveView | None = None
        self._screen: Lines | LiveView
        if session.err_style.live:
            from runbook.report.live import LiveView

            self._screen = self._live = LiveView(session.stderr, session.err_style, now, book=book, since=since)
        else:
            from runbook.report.lines import Lines

            actions = session.environ.get("GITHUB_ACTIONS") == "true"
            self._screen = Lines(session.stderr, session.err_style, book=book, since=since, actions=actions)

    @contextmanager
    def shown(self) -> Iterator[View]:
        """Own the screen, and what the project prints, for as long as the run is driven here."""
        self._session.console = self.say
        try:
            with self._live or nullcontext():
                yield self
        finally:
            self._session.console = self._session.say

    def asks(self) -> None:
        """Gates and questions are shown whole by the desk that asks about them."""
        if self._live is not None:
            self._live.asks = True

    def under(self, heading: str) -> bool:
        """Whether what is shown now stands under this heading already; what follows does."""
        return self._live is not None and self._live.under(heading)

    @property
    def asking(self) -> bool:
        """Whether somebody is being asked something now."""
        return self._asking.is_set()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the screen to somebody who asks something; what happens meanwhile is shown afterwards."""
        self._asking.set()
        if self._live is not None:
            self._live.pause()
        try:
            yield
        finally:
            if self._live is not None:
                self._live.resume()
            self._asking.clear()
            self._caught_up()

    @property
    def changing(self) -> bool:
        """Whether something is being changed now."""
        return bool(self._changing)

    def record(self, record: Record) -> None:
        """Show a record."""
        self._changing.discard(record.key or "")
        if record.type == "note.added" and record.data.get("about") == "exec":
            self.by_hand[str(record.data.get("exec"))] = record.data
        self._shown(lambda: self._screen.record(record))
        if self._records and record.seq >= self._since:
            from runbook.report.run_json import event_object

            self._session.write(event_object(record))

    def performing(self, command: Command) -> None:
        """Show that something is being done."""
        from runbook.core.commands import Apply

        if isinstance(command, Apply):
            self._changing.add(command.key)
        self._shown(lambda: self._screen.performing(command))

    def held(self, what: str) -> None:
        """Show that a target is held by another run."""
        self._shown(lambda: self._screen.held(what))

    def say(self, text: str) -> None:
        """Show text beside the records."""
        self._shown(lambda: self._screen.say(text))

    def _shown(self, show: Callable[[], None]) -> None:
        """In order, and never into the line that somebody is typing."""
        self._waiting.put(show)
        self._caught_up()

    def _caught_up(self) -> None:
        with self._lock:
            while not self._asking.is_set() and not self._waiting.empty():
                with suppress(*GONE):
                    self._waiting.get()()
