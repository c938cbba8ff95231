"""Tables that are not of this version's format: they are read, and not written to; why, and what to do about it.

A store tells its format. An older one is brought forward by `runbook store migrate`, all at once; there is no way back.
"""

from __future__ import annotations

from typing import NamedTuple

from runbook.errors import StoreError


class Refusal(NamedTuple):
    """Why nothing is written to a store, and what to do; `older`: its tables could be brought forward."""

    why: str
    hint: str
    older: bool = False

    @property
    def error(self) -> StoreError:
        """As it is raised where something should be written."""
        return StoreError(f"cannot write to the store: {self.why}", hint=self.hint)


def refusal(store: str, found: int, newest: int) -> Refusal | None:
    """Why tables of format `found` are not written to by a version whose own is `newest`; None for its own."""
    if found > newest:
        return Refusal(
            f"{store} was written by a newer version of runbook (format {found}, here {newest})",
            "use that version; reading, `log verify` and `log export` work with this one",
        )
    if found < newest:
        return Refusal(
            f"{store} is of an older version of runbook (format {found}, here {newest})",
            "bring it forward with `runbook store migrate`; there is no way back, so keep a copy",
            older=True,
        )
    return None
