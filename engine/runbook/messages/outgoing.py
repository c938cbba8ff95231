"""What a channel is given: the message, and the means to get it out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way.

    `key` is the same in every attempt to send it: who can, drops a second one by it. `repeated` says that it
    may have been sent before.
    """

    text: str
    key: str
    run: str
    runbook: str
    repeated: bool = False

    @property
    def marked(self) -> str:
        """The text, with a first line that says so if it may be a second copy."""
        return f"(repeated: you may have read this before)\n{self.text}" if self.repeated else self.text


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What channels reach the world with.

    `project` is the folder that paths are relative to, `secret` resolves a reference (`{env: NAME}`, …) to
    its value, `console` shows text to whoever watches this run.
    """

    project: Path
    secret: Callable[[Any], str]
    console: Callable[[str], None]
