"""What a run has to say: messages through channels, pages to whoever the escalation names.

Delivery never stops a run, nor holds it up: what is to be said is composed and recorded first, then put into the
outbox, and what came of it is recorded when it is known. After a crash a message to the team is sent again, marked; one
to customers is not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from runbook.core.commands import Announce, Page
from runbook.document.model import Channel
from runbook.document.words import Audience
from runbook.errors import RunbookError
from runbook.hosts.correspondence import Correspondence
from runbook.messages.channels import Sent
from runbook.messages.outbox import Outbox, Posted
from runbook.messages.outgoing import Means, Outgoing
from runbook.messages.templates import Lookup, render

SENDING = "sending"  # the status of what is not known yet; a record with the same key follows

_KINDS = {"initial": "initial", "update": "update", "resolved": "resolution"}  # what built-in templates are about
_STATUSES = {"initial": "investigating", "resolved": "resolved"}  # what they say on a status page


class Sending:
    """A message, or a page, on its way. `said` is what its record says besides what came of it."""

    def __init__(self, said: Mapping[str, Any], posted: Mapping[str, Posted], *, page: bool = False) -> None:
        self._said = said
        self._posted = posted
        self._page = page

    def result(self, timeout: float) -> dict[str, Any] | None:
        """What its record holds; None if that is not known within so many seconds."""
        until = time.monotonic() + timeout
        for posted in self._posted.values():
            if posted.result(max(0.0, until - time.monotonic())) is None:
                return None
        return self.so_far()

    def so_far(self) -> dict[str, Any]:
        """What its record holds as far as it is known; with the status `sending` while something is not."""
        results = {name: _result(posted.result(0)) for name, posted in self._posted.items()}
        if not self._page:
            return {**self._said, **next(iter(results.values()), {})}
        statuses = {one["status"] for one in results.values()}
        status = SENDING if SENDING in statuses else "sent" if "sent" in statuses else "failed"
        return {**self._said, "status": status, "channels": results}


class Messenger:
    """The channels of a project, for one run. `console` prints a line for people.

    `templates` are the ones that the run was started with; without them those in the project's folder. `about` knows
    the incident that it belongs to, and what was said before.
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
        about: Correspondence,
    ) -> None:
        self._run = run
        self._runbook = runbook
        self._channels = {channel.name: channel for channel in channels}
        self._project = project
        self._templates = templates or self._in_the_project
        self._about = about
        self._outbox = Outbox(Means(project=project, secret=secret, console=console))
        self._maybe_sent: set[str] = set()

    def resumed(self, keys: set[str]) -> None:
        """These messages were being sent when the last runner ended; they may be out already."""
        self._maybe_sent = keys

    def letter(self, command: Announce) -> dict[str, Any] | None:
        """What is recorded of a message before it is sent; None where nothing will be, which `post` accounts for."""
        channel = self._channels.get(command.to)
        if channel is None or self._about.withheld(channel) is not None:
            return None
        try:
            text = words(command, self._templates)
        except RunbookError:
            return None
        due = command.scope.get("next_update")
        kind = _KINDS.get(command.template or "")
        said = {"message": command.key, **_about(command, channel), "kind": kind}
        said["text"] = self._about.marked(text, channel)
        return said | {"next_update": due if isinstance(due, str) else None}

    def post(self, command: Announce | Page, given_up: threading.Event) -> Sending:
        """Put it into the outbox, after all that was put there before; at once. `given_up`: try no further."""
        if isinstance(command, Page):
            return self._paged(command, given_up)
        channel = self._channels.get(command.to)
        said = _about(command, channel)
        if channel is None:
            return _unsent(said, "failed", f"there is no channel {command.to!r}; add it under `channels`")
        why = self._about.withheld(channel)
        if why is not None:
            return _unsent(said, "suppressed", why[1], why[0])
        try:
            text = words(command, self._templates)
        except RunbookError as error:
            return _unsent(said, "failed", str(error))
        message = self._outgoing(command.key, text, channel, command.template)
        said |= {"text": text, "repeated": message.repeated}
        return Sending(said, {channel.name: self._outbox.post(channel, message, given_up)})

    def _paged(self, command: Page, given_up: threading.Event) -> Sending:
        """Tell the team's channels and the record; on-call schedules and pagers come by name of the escalation."""
        text = f"ESCALATION to {command.to}: {command.message or self._runbook} ({command.reason})"
        text += f"\nSee: runbook log show {self._run}"
        said = {
            "to": command.to,
            "reason": command.reason,
            "message": command.message,
            "text": text,
            "repeated": command.key in self._maybe_sent,
            "dedup": f"{self._run}/escalation",
        }
        posted = {
            channel.name: self._outbox.post(
                channel, self._outgoing(command.key, self._about.marked(text, channel), channel), given_up
            )
            for channel in self._team()
        }
        return Sending(said, posted, page=True)

    def _team(self) -> Iterator[Channel]:
        for channel in self._channels.values():
            if channel.audience is Audience.TEAM and self._about.withheld(channel) is None:
                yield channel

    def _outgoing(self, key: str, text: str, channel: Channel, template: str | None = None) -> Outgoing:
        return Outgoing(
            text=text,
            key=f"{self._run}:{key}",
            run=self._run,
            runbook=self._runbook,
            incident=self._about.incident,
            status=_STATUSES.get(template or ""),
            before=self._about.before(channel.name),
            repeated=key in self._maybe_sent,
        )

    def _in_the_project(self, name: str) -> bytes | None:
        path = self._project / "templates" / f"{name}.md"
        return path.read_bytes() if path.is_file() else None


def words(command: Announce, templates: Lookup) -> str:
    """What a message says: its words as they stand, or its template rendered; RunbookError where that fails."""
    if command.words is not None:
        return command.words
    return render(command.template, command.text, command.scope, templates).text


def _about(command: Announce, channel: Channel | None) -> dict[str, Any]:
    return {
        "channel": command.to,
        "template": command.template,
        "id": command.id,
        "title": command.title,
        "phase": command.phase,
        "audience": str(channel.audience) if channel else None,
    }


def _unsent(said: Mapping[str, Any], status: str, why: str, code: str = "channel") -> Sending:
    return Sending({**said, "status": status, "error": {"code": code, "message": why}}, {})


def _result(sent: Sent | None) -> dict[str, Any]:
    if sent is None:
        return {"status": SENDING, "error": None}
    error = msgspec.to_builtins(sent.error) if sent.error else None
    return {"status": sent.status, "error": error, "attempt": sent.attempts, "remote": sent.remote}
