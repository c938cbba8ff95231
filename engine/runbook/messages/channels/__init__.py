"""Where messages go: one module for each type of channel, imported when one is used.

Each has `deliver(settings, message, means) -> None` and raises RunbookError or OSError when the message did
not get out. `send` turns that into a result, because nobody's run stops for a status page that is down.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NamedTuple

from runbook.core.changes import Error
from runbook.document.model import Channel
from runbook.document.suggest import did_you_mean
from runbook.errors import RunbookError, UsageError
from runbook.messages.outgoing import Means, Outgoing

TYPES: dict[str, str] = {
    "console": "runbook.messages.channels.console",
    "file": "runbook.messages.channels.file",
    "webhook": "runbook.messages.channels.webhook",
}


class Sent(NamedTuple):
    """What came of sending a message: `sent`, or `failed` with the reason."""

    status: Literal["sent", "failed"]
    error: Error | None = None


def send(
    channel: Channel,
    text: str,
    *,
    key: str,
    run: str,
    runbook: str,
    repeated: bool,
    project: Path,
    secret: Callable[[Any], str],
    console: Callable[[str], None],
) -> Sent:
    """Send one message through a channel, once; never raises for what the world or the configuration does.

    `key` names the message in all attempts to send it (`<run>:<command's key>`). For `project`, `secret` and
    `console` see `Means`, for the rest `Outgoing`.
    """
    message = Outgoing(text=text, key=key, run=run, runbook=runbook, repeated=repeated)
    means = Means(project=project, secret=secret, console=console)
    try:
        _module(channel.type).deliver(channel.settings, message, means)
    except RunbookError as error:
        return Sent("failed", Error(code=error.code, message=f"channel {channel.name!r}: {error}"))
    except OSError as error:
        return Sent("failed", Error(code="channel", message=f"channel {channel.name!r}: {error}"))
    return Sent("sent")


def _module(type_: str) -> Any:
    if type_ not in TYPES:
        raise UsageError(f"no channel type {type_!r}", hint=did_you_mean(type_, TYPES, what="there are"))
    return import_module(TYPES[type_])
