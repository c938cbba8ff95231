"""Whether a connection leads where a change was planned for: its configuration may be another while a run waits.

For kinds whose client says in its `identity` where it leads. (Of clients in `clients.PINNED` the host asks it itself.)
"""

from __future__ import annotations

from runbook.core.changes import Change
from runbook.kinds.protocol import World


def elsewhere(change: Change, identity: str, world: World) -> str | None:
    """Why a change must be neither sent nor looked for through a connection to `identity`; None where it may.

    A change comes back as the journal keeps it, without what is secret: a database may be called what its password is.
    """
    if change.target.connection in (identity, _as_kept(identity, world)):
        return None
    return f"it was planned for {change.target.connection}, and the connection leads to {identity} now"


def _as_kept(identity: str, world: World) -> str:
    mask = world.mask()
    return (mask.feed(identity.encode()) + mask.close()).decode()
