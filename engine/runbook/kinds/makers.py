"""Which revisions changes of ours made, told from the annotations that controllers and people copy further.

A new ReplicaSet takes over the Deployment's annotations, and those of an older one that is returned to are brought up
to date; a ControllerRevision takes them over when it is made and keeps them. So a mark is that of the first revision
that bears it; but for a rollback, whose change cause names the template that it returned to: that one is meant, also
where it bears no mark, and any other that bears this cause has copied it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from runbook.kinds.deployments import Revision

OURS = "runbook: "  # how the change causes that we set begin
_RETURN = re.compile(OURS + r"from template \S+ to (\S+)")

Noted = tuple[str | None, str | None]  # who rolled something out, and the cause, as annotations have them


def returning(left: str, to: str) -> str:
    """The change cause of a rollback from one template to another, by their hashes."""
    return f"{OURS}from template {left} to {to}"


def told_apart(revisions: Iterable[Revision], workload: Noted) -> Iterator[Revision]:
    """The same revisions, lowest number first; `made_by` and our causes where they are true, None where copied.

    `workload` is what is noted on the object that the revisions are of.
    """
    listed = list(revisions)
    noted = [*((one.made_by, one.change_cause) for one in listed), workload]
    returned = {to: maker for maker, cause in noted if maker and (to := _returned_to(cause))}
    seen: set[str] = set()
    for one in listed:
        to = _returned_to(one.change_cause)
        true = one.made_by is not None and one.made_by not in seen and to in (None, one.hash)
        seen |= {one.made_by} if one.made_by else set()
        ours = (one.change_cause or "").startswith(OURS)
        yield replace(
            one,
            made_by=one.made_by if true else returned.get(one.hash),
            change_cause=None if ours and not true else one.change_cause,
        )


def _returned_to(cause: str | None) -> str | None:
    found = _RETURN.fullmatch(cause or "")
    return found[1] if found else None
