"""Which commands are believed when they claim only to read.

`effect: read` on a command is its author's claim. It is believed where the whole argv matches an entry of the
policy's `commands.read`; `*` stands for exactly one element, whatever is in it, an option too.
"""

from __future__ import annotations

from collections.abc import Sequence

from runbook.document.model import Policy


def believed_read(policy: Policy | None, argv: Sequence[str]) -> bool:
    """True where the policy lists this argv, element by element. Without a policy nothing is believed."""
    return policy is not None and any(_matches(entry, argv) for entry in policy.commands.read)


def _matches(entry: Sequence[str], argv: Sequence[str]) -> bool:
    return len(entry) == len(argv) and all(word in ("*", given) for word, given in zip(entry, argv, strict=True))
