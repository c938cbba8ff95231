"""Sends what a run has to say: messages through channels, pages to whoever the escalation names.

Delivery never stops a run. After a crash a message to the team is sent again, marked; to customers it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from runbook.core.changes import Error
from runbook.core.commands import Announce, Page
from runbook.document.model import Channel
from runbook.document.words import Audience
from runbook.errors import RunbookError
from runbook.messages.channels import Sent, send
from runbook.messages.outbox import AfterCrash, after_crash
from runbook.messages.templates import Lookup, render


class Messenger:
    """The channels of a project, for one run. `console` prints a line for people.

    `templates` are the ones that the run was started with; without them those in the project's folder.
    """

    def __init__(
        self,
        *,
        run: str,
        runbook: str,
        channels: tuple[Channel, ...],
        project: Path,
        secret: Callable[[Any], str],
        console: Callable[[str], None],
        templates: Lookup | None = None,
    ) -> None:
        self._run = run
        self._runbook = runbook
        self._channels = {channel.name: channel for channel in channels}
        self._project = project
        self._secret = secret
        self._console = console
        self._templates = templates or self._in_the_project
        self._maybe_sent: set[str] = set()

    def resumed(self, keys: set[str]) -> None:
        """These messages were being sent when the last runner ended; they may be out already."""
        self._maybe_sent = keys

    def announce(self, command: Announce) -> dict[str, Any]:
        """Send one message; what `message.sent` records."""
        channel = self._channels.get(command.to)
        said = {"channel": command.to, "template": command.template, "id": command.id, "title": command.title}
        said |= {"phase": command.phase, "audience": str(channel.audience) if channel else None}
        repeated = command.key in self._maybe_sent
        if channel is None:
            return {**said, **_failure(f"there is no channel {command.to!r}; add it under `channels`")}
        if repeated and after_crash(channel.audience) is AfterCrash.UNKNOWN:
            return {**said, "status": "unknown", "repeated": False}
        try:
            text = words(command, self._templates)
        except RunbookError as error:
            return {**said, **_failure(str(error))}
        sent = self._send(channel, text, command.key, repeated=repeated)
        return {**said, "text": text, "repeated": repeated, **_result(sent)}

    def page(self, command: Page) -> dict[str, Any]:
        """Tell the team's channels and the record; on-call schedules and pagers come by name of the escalation."""
        text = f"ESCALATION to {command.to}: {command.message or self._runbook} ({command.reason})"
        text += f"\nSee: runbook log show {self._run}"
        team = [channel for channel in self._channels.values() if channel.audience is Audience.TEAM]
        repeated = command.key in self._maybe_sent
        results = {c.name: self._send(c, text, command.key, repeated=repeated) for c in team}
        reached = any(sent.status == "sent" for sent in results.values())
        return {
            "to": command.to,
            "reason": command.reason,
            "text": text,
            "repeated": repeated,
            "dedup": f"{self._run}/escalation",
            "status": "sent" if reached else "failed",
            "channels": {name: _result(sent) for name, sent in results.items()},
        }

    def _send(self, channel: Channel, text: str, key: str, *, repeated: bool) -> Sent:
        return send(
            channel,
            text,
            key=f"{self._run}:{key}",
            run=self._run,
            runbook=self._runbook,
            repeated=repeated,
            project=self._project,
            secret=self._secret,
            console=self._console,
        )

    def _in_the_project(self, name: str) -> bytes | None:
        path = self._project / "templates" / f"{name}.md"
        return path.read_bytes() if path.is_file() else None


def words(command: Announce, templates: Lookup) -> str:
    """What a message says: its words as they stand, or its template rendered; RunbookError where that fails."""
    if command.words is not None:
        return command.words
    return render(command.template, command.text, command.scope, templates).text


def _failure(message: str) -> Mapping[str, Any]:
    return {"status": "failed", "error": {"code": "channel", "message": message}}


def _result(sent: Sent) -> dict[str, Any]:
    error: Error | None = sent.error
    return {"status": sent.status, "error": msgspec.to_builtins(error) if error else None}
