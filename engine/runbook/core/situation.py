"""What a procedure may know of its run besides the results of its commands.

The machine keeps these up to date from records: `now`, `alerts`, `away` (seconds without a runner, summed) and
`resumed` (when the last runner took over), `doubted` (a change was in doubt once). The procedure sets `closing` once
only the end is left, which an abort cannot stop any more. Everything else is fixed at the start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from runbook.core.words import Mode
from runbook.document.words import Verb


class Situation:
    """The run as its procedure sees it. Times are seconds since the epoch, UTC."""

    def __init__(
        self,
        *,
        run: str,
        mode: Mode,
        parameters: Mapping[str, Any],
        alert: Mapping[str, Any] | None = None,
        incident: Mapping[str, Any] | None = None,
        env: Mapping[str, Any] | None = None,
        environment: str | None = None,
        target: Mapping[str, str] | None = None,
        initiator: str = "",
        only: tuple[str, ...] = (),
        skip: tuple[str, ...] = (),
    ) -> None:
        self.run = run
        self.mode = mode
        self.parameters = parameters
        self.incident = incident
        self.env = env or {}
        self.environment = environment
        self.target = target or {}
        self.initiator = initiator
        self.only = only
        self.skip = skip
        self.alerts: list[Mapping[str, Any]] = [alert] if alert else []
        self.started = 0.0
        self.now = 0.0
        self.away = 0.0
        self.resumed = 0.0
        self.doubted = False
        self.closing = False
        self._counts: Counter[tuple[str, Verb]] = Counter()

    def key(self, path: str, verb: Verb) -> str:
        """The next key of a path and verb: `path:verb#n`."""
        self._counts[path, verb] += 1
        return f"{path}:{verb}#{self._counts[path, verb]}"
