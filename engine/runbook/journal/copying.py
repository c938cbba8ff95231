"""A store brought to another place, whole: records as they stand, payloads, locks, epochs, counters, the secret.

The copy is made in one transaction of a store that is empty, and is verified before it counts; the old store stays as
it is. Runs that wait go on from the new one. A run whose runner lives would be recorded in both, so there must be none.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from runbook.core.dropped import Tombstone
from runbook.errors import BrokenChain, Refused, StoreError
from runbook.journal.drops import dropped
from runbook.journal.payloads import inner_references, references
from runbook.journal.port import PayloadRef, Row, Store
from runbook.journal.record import sha256

_PAGE = 256


class Copied(NamedTuple):
    """What was brought over."""

    streams: int
    records: int
    payloads: int
    dropped: int = 0  # payloads that are gone, and recorded as dropped: the record of that comes along


def copy(source: Store, target: Store) -> Copied:
    """Bring everything over, and look at it there.

    Refused where the target holds anything or a run is being run; BrokenChain or StoreError where something does not
    arrive as it was. Nothing is kept in the target then.
    """
    if source.format != source.newest:
        raise Refused(
            f"the store to copy is of format {source.format}, and this version's is {source.newest}",
            hint="nothing was copied; bring an older one forward first (`runbook store migrate`), and copy a newer one "
            "with the version that wrote it",
        )
    names = [span.stream for span in source.spans("")]
    if target.spans(""):
        raise Refused("the store to copy to is not empty", hint="nothing was copied; name a new file or database")
    for name in names:
        if source.claimed(name):
            raise Refused(
                f"{name} is being run, so its record is not complete", hint="wait for it, or abort it; then copy"
            )
    moved = _Payloads(source, target)
    records = 0
    with target.transaction() as tx:
        for name, row in heapq.merge(*(_rows(source, name) for name in names), key=lambda one: one[1].position or 0):
            moved.named_in(name, row.raw)
            tx.insert(name, row.seq, row.raw)
            records += 1
        with source.transaction() as from_:
            for name in names:
                tx.set_epoch(name, from_.epoch(name), source.holder(name))
                if from_.sealed(name):
                    tx.seal(name)
        for lock in source.locks():
            tx.add_lock(lock)
        tx.take_over(source.secret(), source.counters())
        for name in names:
            _same(source, target, name)
    return Copied(len(names), records, len(moved.done), len(moved.dropped - moved.done))


def _rows(store: Store, stream: str) -> Iterator[tuple[str, Row]]:
    after = -1
    while rows := store.rows(stream, after, _PAGE):
        yield from ((stream, row) for row in rows)
        after = rows[-1].seq


def _same(source: Store, target: Store, name: str) -> None:
    for (_, old), (_, new) in zip(_rows(source, name), _rows(target, name), strict=True):
        if (old.seq, old.raw) != (new.seq, new.raw):
            raise BrokenChain(f"record {old.seq} of {name} did not arrive as it was", stream=name, seq=old.seq)


class _Payloads:
    """Brings over each payload that is named, and what those name, once; none that the stream says was dropped."""

    def __init__(self, source: Store, target: Store) -> None:
        self._source = source
        self._target = target
        self._of_stream: dict[str, dict[str, Tombstone]] = {}
        self._whole: set[str] = set()  # with all that they name
        self.done: set[str] = set()
        self.dropped: set[str] = set()

    def named_in(self, stream: str, raw: bytes) -> None:
        """All that a record names. A record that cannot be read names nothing, and stays as it is."""
        if b'"payload":' not in raw:
            return
        try:
            found = references(msgspec.json.decode(raw).get("data"))
        except (msgspec.DecodeError, AttributeError):
            return
        if stream not in self._of_stream:
            self._of_stream[stream] = dropped(row.raw for _, row in _rows(self._source, stream))
        for ref in found:
            self._bring(ref, self._of_stream[stream])

    def _bring(self, ref: PayloadRef, gone: Mapping[str, Tombstone]) -> bool:
        """Whether all of it has come."""
        digest = ref.digest.removeprefix("sha256:")
        if digest in self._whole:
            return True
        if ref.digest in gone:
            self.dropped.add(digest)
            return False
        data = self._source.get(digest)
        if data is None:
            return False  # it is missing there too: verifying says so, here as there
        if sha256(data) != digest:
            raise StoreError(
                f"payload {ref.digest} is not what it was; nothing was copied", hint="`runbook log verify`"
            )
        self.done.add(digest)
        self._target.put(digest, data)
        inside = [self._bring(inner, gone) for inner in inner_references(data, ref.media)]
        if all(inside):
            self._whole.add(digest)
        return digest in self._whole
