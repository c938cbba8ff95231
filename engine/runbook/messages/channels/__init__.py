"""Where messages go: one module for each type of channel, imported when one is used.

Each has `deliver(settings, message, means)`, which gives what a later message about the same thing needs to follow
this one (or nothing), and raises RunbookError or OSError when the message did not get out, `Undelivered` where more is
known about that. Besides, where it has them:

    check(settings, means) -> str             would it take a message; nothing is sent
    found(settings, message, means)           did it take this one: a look, after the answer was lost
    PACE                                      seconds between two messages through one channel

`attempt` turns what happens into a result, because nobody's run stops for a status page that is down. Trying again,
order and pace are the outbox's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NamedTuple

from runbook.core.changes import Error
from runbook.document.model import Channel
from runbook.document.suggest import did_you_mean
from runbook.errors import RunbookError, UsageError
from runbook.messages.outgoing import Means, Outgoing, Undelivered

TYPES: dict[str, str] = {
    "console": "runbook.messages.channels.console",
    "file": "runbook.messages.channels.file",
    "webhook": "runbook.messages.channels.webhook",
    "slack": "runbook.messages.channels.slack",
    "email": "runbook.messages.channels.email",
    "statuspage": "runbook.messages.channels.statuspage",
    "cachet": "runbook.messages.channels.cachet",
}


class Sent(NamedTuple):
    """What came of sending a message: `sent`, `failed` with the reason, or `unknown`: it may be out.

    `remote` is what a later message follows this one by, `attempts` how often it was tried. Of an attempt that failed,
    `again`, `doubt` and `after` say what `Undelivered` says.
    """

    status: Literal["sent", "failed", "unknown"]
    error: Error | None = None
    remote: Mapping[str, Any] | None = None
    attempts: int = 1
    again: bool = False
    doubt: bool = False
    after: float | None = None


def attempt(channel: Channel, message: Outgoing, means: Means) -> Sent:
    """Send one message through a channel, once; never raises for what the world or the configuration does."""
    try:
        remote = module(channel.type).deliver(channel.settings, message, means)
    except Undelivered as error:
        failed = _failed(channel, getattr(error.__cause__, "code", error.code), error)
        return failed._replace(again=error.again, doubt=error.doubt, after=error.after)
    except RunbookError as error:
        return _failed(channel, error.code, error)
    except OSError as error:
        return _failed(channel, "channel", error)
    return Sent("sent", remote=remote)


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
    """One attempt to send a text. `key` names it in all attempts; for the rest see `Outgoing` and `Means`."""
    message = Outgoing(text=text, key=key, run=run, runbook=runbook, repeated=repeated)
    return attempt(channel, message, Means(project=project, secret=secret, console=console))


def found(channel: Channel, message: Outgoing, means: Means) -> Sent | None:
    """What a look says about a message whose answer was lost: `sent`, or None where nobody can tell."""
    look = getattr(module(channel.type), "found", None)
    if look is None:
        return None
    try:
        remote = look(channel.settings, message, means)
    except (RunbookError, OSError):
        return None
    return None if remote is None else Sent("sent", remote=remote)


def module(type_: str) -> Any:
    """The module of a type of channel; UsageError for one that there is not."""
    if type_ not in TYPES:
        raise UsageError(f"no channel type {type_!r}", hint=did_you_mean(type_, TYPES, what="there are"))
    return import_module(TYPES[type_])


def _failed(channel: Channel, code: str, error: Exception) -> Sent:
    return Sent("failed", Error(code=code, message=f"channel {channel.name!r}: {error}"))
