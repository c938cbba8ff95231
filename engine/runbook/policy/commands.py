"""Which commands are believed when they claim only to read.

`effect: read` on a command is its author's claim. It is believed where the whole argv matches an entry of the policy's
`commands.read`, element by element:

    *            one element, whatever is in it, an option too
    --name=*     one element that begins with `--name=`, whatever the value
    other words  as they stand, stars within them included

A list is about commands on this machine. What is run on another one is believed only where an entry names its host;
a `*` in a host stands for a part of its name between two dots. What a step adds to the environment may change what is
run (`PATH`, `GIT_SSH_COMMAND`), so it is believed only with variables that the entry names.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from runbook.document.argvs import ANY, is_any_value
from runbook.document.model import CommandEntry, Policy


def believed_read(
    policy: Policy | None, argv: Sequence[str], host: str | None = None, env: Collection[str] = ()
) -> bool:
    """True where the policy lists this argv, for that host or, with None, for this machine. Without a policy never.

    `env` are the names of the variables that the step sets.
    """
    return policy is not None and any(_matches(_entry(one), argv, host, env) for one in policy.commands.read)


def _entry(given: Sequence[str] | CommandEntry) -> CommandEntry:
    return given if isinstance(given, CommandEntry) else CommandEntry(argv=tuple(given))


def _matches(entry: CommandEntry, argv: Sequence[str], host: str | None, env: Collection[str]) -> bool:
    if len(entry.argv) != len(argv) or not _there(entry.host, host) or not set(env) <= set(entry.env):
        return False
    return all(_stands_for(word, given) for word, given in zip(entry.argv, argv, strict=True))


def _stands_for(word: str, given: str) -> bool:
    if is_any_value(word):
        return given.startswith(word[:-1])
    return word in (ANY, given)


def _there(where: str | None, host: str | None) -> bool:
    """Whether a host is one of those that an entry names, upper and lower case alike."""
    if where is None or host is None:
        return where is host
    wanted, given = where.lower().split("."), host.lower().split(".")
    return len(wanted) == len(given) and all(map(_is_called, wanted, given))


def _is_called(label: str, given: str) -> bool:
    before, star, after = label.partition(ANY)
    fits = given.startswith(before) and given.endswith(after) and len(given) >= len(before) + len(after)
    return fits if star else label == given
