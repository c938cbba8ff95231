"""Many streams in one pass over the store, for lists and statistics of ten thousand of them.

A record is read for what it says, not for whether the chain holds: neither hashed nor held against the one before it
(`log verify` does). Records of types that nobody asked for are not decoded, and payloads are only looked up in records
that name one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cached_property, partial
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from runbook.core.dropped import Lost, Tombstone
from runbook.errors import BrokenChain
from runbook.journal.payloads import Get
from runbook.journal.port import Row, Store
from runbook.journal.record import Actor, LaterFormat, check_format, opened, seconds

Found = Callable[[str, int, str], bytes | Tombstone]

_PAGE = 4096  # records read at a time


class Skimmed(msgspec.Struct, frozen=True, dict=True):
    """What a record says, as `core.records.Written` asks for it."""

    v: int
    seq: int
    at: str
    epoch: int
    actor: Actor
    type: str
    key: str | None
    data: dict[str, Any]
    dropped: tuple[Lost, ...] = ()

    @cached_property
    def time(self) -> float:
        """`at` in seconds since 1970, UTC."""
        return seconds(self.at)


class Skim(NamedTuple):
    """One stream: how many records it has, and those that were asked for."""

    stream: str
    size: int
    records: list[Skimmed]


class Unread(NamedTuple):
    """A stream that cannot be read, and is left out: at which record, and why."""

    stream: str
    seq: int
    problem: str

    @classmethod
    def of(cls, error: BrokenChain) -> Unread:
        """What an error says that reading one ended with."""
        return cls(error.stream, error.seq, error.message)


class _Typed(msgspec.Struct):
    type: str


_RECORD = msgspec.json.Decoder(Skimmed)
_TYPE = msgspec.json.Decoder(_Typed)


def skimmed(
    store: Store, prefix: str, types: Collection[str] | None, get: Found, unread: list[Unread] | None = None
) -> Iterator[Skim]:
    """All streams whose names begin so, by name; None asks for records of all types.

    `get` finds what a record names: its stream, `seq` and the payload's digest. A stream that cannot be read goes to
    `unread`, and the others are given; without it, BrokenChain or LaterFormat.
    """
    for stream, rows in groupby(_rows(store, prefix), key=lambda found: found[0]):
        size, records = 0, []
        try:
            for _, row in rows:
                _follows(stream, row, size)
                size += 1
                if types is None or _decoded(_TYPE, stream, row).type in types:
                    records.append(_record(stream, row, partial(get, stream, row.seq)))
        except (BrokenChain, LaterFormat) as error:
            if unread is None:
                raise
            seq = error.seq if isinstance(error, BrokenChain) else size - 1
            unread.append(Unread(stream, seq, error.message))
        else:
            yield Skim(stream, size, records)


def _rows(store: Store, prefix: str) -> Iterator[tuple[str, Row]]:
    after = (prefix, -1)
    while page := store.sweep(prefix, after, _PAGE):
        yield from page
        stream, row = page[-1]
        after = (stream, row.seq)


def _record(stream: str, row: Row, get: Get) -> Skimmed:
    record: Skimmed = _decoded(_RECORD, stream, row)
    check_format(record.v)
    if b'"payload":' not in row.raw:
        return record
    data, dropped = opened(record.data, get)
    return msgspec.structs.replace(record, data=data, dropped=dropped)


def _follows(stream: str, row: Row, size: int) -> None:
    if row.seq != size:
        raise _broken(stream, size, f"record {size} of {stream} is missing")


def _decoded(decoder: Any, stream: str, row: Row) -> Any:
    try:
        return decoder.decode(row.raw)
    except msgspec.DecodeError as error:
        message = f"record {row.seq} of {stream}: these bytes are no record: {error}"
        raise _broken(stream, row.seq, message) from error


def _broken(stream: str, seq: int, message: str) -> BrokenChain:
    hint = f"nothing was done with it; `runbook log verify {stream.partition('/')[2]}` says what is wrong"
    return BrokenChain(message, stream=stream, seq=seq, hint=hint)
