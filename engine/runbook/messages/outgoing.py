"""What a channel is given: the message, and the means to get it out; and what it says when that failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from runbook.errors import WorldError

TRY = 10.0  # seconds that one attempt may take, unless the channel's `timeout` says otherwise


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way.

    `key` is the same in every attempt to send it: who can, drops a second one by it. `repeated` says that it
    may have been sent before. `run`, `runbook` and `incident` are what it is about; `subject` is a line that names it.

    `before` is what the channel gave for the first message about the same thing (`Means.remote` of then): a thread,
    an incident of a status page. `status` is that of the incident (`investigating identified monitoring resolved`),
    None where this message does not change it; `affected` names what is affected, and `level` how badly, in the words
    of `LEVELS`.
    """

    text: str
    key: str
    run: str = ""
    runbook: str = ""
    incident: str | None = None
    subject: str | None = None
    status: str | None = None
    affected: tuple[str, ...] = ()
    level: str | None = None
    before: Mapping[str, Any] | None = None
    repeated: bool = False

    @property
    def about(self) -> str:
        """What later messages about the same thing have in common with it."""
        return self.incident or self.run

    @property
    def marked(self) -> str:
        """The text, with a first line that says so if it may be a second copy."""
        return f"(repeated: you may have read this before)\n{self.text}" if self.repeated else self.text

    @property
    def title(self) -> str:
        """What it is called where a name is wanted: its subject, else the first line that says something."""
        lines = (line.strip(" #*-_") for line in self.text.splitlines())
        return " ".join((self.subject or next(filter(None, lines), self.key)).split())


STATUSES = ("investigating", "identified", "monitoring", "resolved")
LEVELS = ("operational", "degraded", "partial", "major")


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What channels reach the world with.

    `project` is the folder that paths are relative to, `secret` resolves a reference (`{env: NAME}`, …) to
    its value, `console` shows text to whoever watches this run. `timeout` is how long one attempt may take, seconds.
    """

    project: Path
    secret: Callable[[Any], str]
    console: Callable[[str], None]
    timeout: float = TRY


class Undelivered(WorldError):
    """A message did not get out, as far as we know.

    `again`: another attempt may help, at the soonest after `after` seconds where the other side said so.
    `doubt`: it may have got out all the same, because the answer was lost.
    """

    code: ClassVar[str] = "channel"

    def __init__(
        self,
        message: str,
        *,
        again: bool = False,
        doubt: bool = False,
        after: float | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.again = again
        self.doubt = doubt
        self.after = after
