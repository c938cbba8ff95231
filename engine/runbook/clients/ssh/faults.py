"""Why ssh did not run a command, in its own words and in ours; one row for each.

Everything in the table is said before a session exists, so the command was not started. What is not in it (a connection
that broke, a word of a newer ssh) proves nothing.
"""

from __future__ import annotations

import re
from typing import Final

from runbook.errors import Forbidden, Unreachable, WorldError


class HostKey(WorldError):
    """The host is not known by a pinned key, or shows another one."""

    code = "host-key"


_PIN: Final = "compare the key with the one that the host's owner gives you, then add it to the known_hosts file"
_CHANGED: Final = "was the host made anew? if nobody knows of that, somebody may be in between: do not go on"
_CONNECT: Final = r"^ssh: connect to host .*: "
_TABLE: Final[tuple[tuple[str, type[WorldError], str, str | None], ...]] = (
    (r"REMOTE HOST IDENTIFICATION HAS CHANGED", HostKey, "shows another host key than the pinned", _CHANGED),
    (r"^Host key verification failed", HostKey, "has a key that is not pinned", _PIN),
    (r"^Unable to negotiate with .* no matching", HostKey, "has no key or cipher that we take", None),
    (
        r"UNPROTECTED PRIVATE KEY FILE",
        Forbidden,
        "is not asked: others may read the private key",
        "chmod 600 that file",
    ),
    (
        r"^\S+: Permission denied \(|Too many authentication failures",
        Forbidden,
        "does not let us in",
        "check `user` and `identity` of the ssh connection",
    ),
    (r"^ssh: Could not resolve hostname", Unreachable, "is not known by name", None),
    (_CONNECT + "Connection refused", Unreachable, "refused the connection", None),
    (_CONNECT + "(Connection|Operation) timed out", Unreachable, "did not answer in time", None),
    (_CONNECT, Unreachable, "cannot be reached", None),
    (r"^Connection timed out during banner exchange", Unreachable, "did not answer as an ssh server", None),
    (r"^kex_exchange_identification: ", Unreachable, "did not answer as an ssh server", None),
    (r"^Can't open user config file", WorldError, "is not asked: the connection's config cannot be read", None),
)


def never_started(said: str, host: str) -> WorldError | None:
    """The error that ssh's own words mean; None where they are no proof that nothing was started."""
    for pattern, error, words, hint in _TABLE:
        if re.search(pattern, said.replace("\r", ""), re.MULTILINE):
            return error(f"{host} {words}", hint=hint)
    return None


def last_line(said: str) -> str:
    """What ssh said last."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "ssh said nothing"
