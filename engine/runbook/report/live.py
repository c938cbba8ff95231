"""A running run on a terminal: what happened stays above, what happens now is drawn below it and kept up to date.

Facts are printed once, as in `lines`, so that the scroll-back reads like a log; only the few lines of `frame` are drawn
anew, four times a second, by a thread of rich's. Rounds of checks that say the same as the one before are not printed
again: the frame shows the newest, and the last one is printed when the verification is over.

While somebody is asked something the frame is taken away (`pause`) and put back (`resume`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from runbook.core.commands import Command
from runbook.document.model import Runbook
from runbook.journal.record import Record
from runbook.report.fact import Fact
from runbook.report.frame import Busy, frame
from runbook.report.layout import heading
from runbook.report.safe import columns, shown, wrapped
from runbook.report.story import Story
from runbook.report.style import Style
from runbook.report.times import clock

if TYPE_CHECKING:
    from rich.live import Live

REFRESHES = 4  # a second


class LiveView:
    """A `Watcher` for a terminal; `now` is the host's clock. Use it as a context manager.

    Two threads meet here: the driver's, which brings records, and rich's, which draws. The lock is never held while
    something is printed, because rich holds its own while it asks for the frame.
    """

    def __init__(
        self,
        stream: TextIO,
        style: Style,
        now: Callable[[], float],
        *,
        book: Runbook | None = None,
        since: int = 0,
    ) -> None:
        from rich.console import Console

        self._console = Console(
            file=stream,
            force_terminal=True,
            color_system="standard" if style.colour else None,
            no_color=not style.colour,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )
        self._style = style
        self._now = now
        self._since = since
        self._lock = threading.Lock()
        self._story = Story(book, style.zone)
        self._busy: dict[str, Busy] = {}
        self._held: str | None = None
        self._phase: str | None = None
        self._round: Fact | None = None
        self._repeated: Fact | None = None
        self._live: Live | None = None
        self.asks = False  # somebody is asked here, and sees gates and questions whole

    # --- the frame ----------------------------------------------------------------------------------------

    def __enter__(self) -> LiveView:
        self.resume()
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()

    def pause(self) -> None:
        """Take the frame away; what is printed meanwhile stays where it is."""
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def resume(self) -> None:
        """Draw the frame again, below what was printed."""
        from rich.live import Live

        if self._live is None:
            self._live = Live(
                get_renderable=self._drawn,
                console=self._console,
                refresh_per_second=REFRESHES,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._live.start()

    def _drawn(self) -> Any:
        """The frame, for rich: text in our own colours, which rich reads and cuts to the terminal."""
        from rich.text import Text

        size = self._console.size
        style = self._style._replace(width=size.width)
        with self._lock:
            lines = frame(self._story, self._busy, self._held, self._now(), style)
        text = Text("\n").join(Text.from_ansi(line) for line in lines[: max(1, size.height - 2)])
        text.no_wrap, text.overflow = True, "ellipsis"
        return text

    # --- what happens -------------------------------------------------------------------------------------

    def record(self, record: Record) -> None:
        """Print what there is to tell of a record."""
        past = record.seq < self._since
        with self._lock:
            facts = self._story.take(record, past=past)
            self._busy.pop(record.key or "", None)
            self._held = None if record.type == "change.planned" else self._held
        for fact in () if past else facts:
            self._tell(fact)

    def performing(self, command: Command) -> None:
        """Show that a command is being performed."""
        with self._lock:
            self._story.performing(command)
            self._busy[command.key] = Busy(command, self._now())

    def under(self, heading_: str) -> bool:
        """Whether what is printed now stands under this heading already; from now on it does."""
        stands = self._phase == heading_
        self._phase = heading_
        return stands

    def held(self, what: str) -> None:
        """Show that a target is held by another run."""
        with self._lock:
            self._held = what

    def say(self, text: str) -> None:
        """Text for people beside the records: a message on the console channel, a warning."""
        width = self._style.width
        lines = shown(text, lines=True).split("\n")
        self._print([part.rstrip() for line in lines for part in wrapped(line, width, indent="  | ", hanging="  | ")])

    # --- printing -----------------------------------------------------------------------------------------

    def _tell(self, fact: Fact) -> None:
        if fact.beside is not None and self.asks:
            return
        if fact.round is None:
            if self._repeated is not None and fact.phase is not None:
                repeated, self._repeated = self._repeated, None
                self._put(repeated)
            if fact.phase is not None:
                self._round = None
        elif self._round is not None and (self._round.phase, self._round.round) == (fact.phase, fact.round):
            self._repeated = fact
            return
        else:
            self._round, self._repeated = fact, None
        self._put(fact)

    def _put(self, fact: Fact) -> None:
        style, lines = self._style, []
        if fact.phase is not None and fact.phase != self._phase:
            lines += [""] if self._phase is not None else []
            lines.append(heading(fact.phase, style))
            self._phase = fact.phase
        first, *more = wrapped(fact.text, style.width - 14)
        lines.append(f"  {style.paint(fact.mark.role, fact.mark.sign)} {first}{self._stamp(fact, first)}")
        self._print([*lines, *(f"    {part}" for part in more)])

    def _stamp(self, fact: Fact, text: str) -> str:
        """The time in UTC, at the right edge."""
        gap = self._style.width - 4 - columns(text) - 9
        return " " * gap + self._style.paint("dim", clock(fact.at)) if gap > 0 else ""

    def _print(self, lines: list[str]) -> None:
        """Lines that belong together, at once: messages come from another thread than records."""
        from rich.text import Text

        self._console.print(Text.from_ansi("\n".join(lines)), soft_wrap=True)
