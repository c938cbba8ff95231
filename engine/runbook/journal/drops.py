"""The record that says that payloads were dropped, `payloads.dropped`: written, and read again.

It stands in every stream that names the payload, so that each is whole by itself: it is chained and sealed there, goes
with an export, and is copied. It names what is gone in full, never in a payload of its own: a long list is several
records.

    {"reason": …, "rule": …, "count": 2, "payloads": [{"digest": "sha256:…", "size": …, "media": …, "shape": …}, …]}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from runbook.core.dropped import Tombstone
from runbook.document.typed import converted
from runbook.journal.payloads import shape_of
from runbook.journal.port import PayloadRef
from runbook.journal.record import Actor, Draft

TYPE = "payloads.dropped"
REASON = 500  # characters of a reason: all of it stands in the place of each value
_MOST = 40  # payloads in one record, so that it stays below the size of one
_MARK = b'"type":"payloads.dropped"'


class Why(NamedTuple):
    """By whom payloads are dropped, by which rule (`retention`, `older than 30d`, `redaction`), and for what reason."""

    actor: Actor
    rule: str
    reason: str


def entry(ref: PayloadRef, data: bytes) -> dict[str, Any]:
    """How a payload is named that is about to go."""
    return {"digest": ref.digest, "size": ref.size, "media": ref.media, "shape": shape_of(data, ref.media)}


def drafts(entries: Sequence[dict[str, Any]], why: Why) -> Iterator[Draft]:
    """The records that name all of these."""
    for start in range(0, len(entries), _MOST):
        some = list(entries[start : start + _MOST])
        said = {"reason": why.reason, "rule": why.rule, "count": len(some), "payloads": some}
        yield Draft(TYPE, None, said, why.actor)


def tombstones(raw: bytes) -> list[Tombstone]:
    """What a stored record says was dropped; nothing for any other, nor for one that cannot be read."""
    if _MARK not in raw:
        return []
    try:
        record = msgspec.json.decode(raw)
        if record["type"] != TYPE:
            return []
        why = {"at": record["at"], "reason": record["data"]["reason"], "by": record["actor"]["id"]}
        return [converted({**why, **one}, Tombstone) for one in record["data"]["payloads"]]
    except (msgspec.MsgspecError, KeyError, TypeError):
        return []  # whoever verifies the stream names this record


def dropped(raws: Iterable[bytes]) -> dict[str, Tombstone]:
    """What the records of a stream say was dropped, by digest."""
    return {tombstone.digest: tombstone for raw in raws for tombstone in tombstones(raw)}
