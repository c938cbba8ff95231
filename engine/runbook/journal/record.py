"""One record: its fields, its bytes, its hash, and what chains it to the record before it.

The hash of a record is the SHA-256 of exactly the bytes that are stored, in lower-case hexadecimal; each record
holds the hash of the one before it, the first a hash of its stream's name. A record is built, encoded, and then
decoded from those bytes: what a reader gets and what the writer gets are the same by construction.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import msgspec

from runbook.core.dropped import Lost, Tombstone, lost
from runbook.core.masking import Masker
from runbook.errors import Bug, StoreError
from runbook.journal.canonical import canonical, plainly
from runbook.journal.encoding import fitted, sayable
from runbook.journal.payloads import HYDRATED, Get, Gone, as_reference, hydrated, is_reference, nothing_gone, unpacked
from runbook.journal.port import Put
from runbook.journal.storable import walked

VERSION = 1
LIMIT = 16 * 1024  # bytes of one record

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Bytes = bytes


class Actor(msgspec.Struct, frozen=True):
    """Who did it. `kind` is `person`, `engine`, `policy` or `alert`; `via` says how we know them."""

    kind: str
    id: str
    via: str = "os"
    subject: str | None = None


class Draft(msgspec.Struct, frozen=True):
    """A record before it has a place. `data` may hold anything: see `storable`."""

    type: str
    key: str | None
    data: dict[str, Any]
    actor: Actor


class Record(msgspec.Struct, frozen=True, dict=True):
    """A record as stored. `data` is hydrated: small payloads stand as their values, large ones as `PayloadRef`.

    `dropped` says what of it stands for nothing any more, because its payload was dropped.
    """

    v: int
    stream: str
    seq: int
    at: str
    epoch: int
    actor: Actor
    type: str
    key: str | None
    data: dict[str, Any]
    prev: str
    bytes: _Bytes
    hash: str
    position: int | None = None
    dropped: tuple[Lost, ...] = ()

    @cached_property  # asked for by everybody who folds records
    def time(self) -> float:
        """`at` in seconds since 1970, UTC."""
        return seconds(self.at)


def genesis(stream: str) -> str:
    """What stands in `prev` of a stream's first record."""
    return sha256(b"runbook-journal/v1\n" + stream.encode())


def sha256(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def stamp(time: float) -> str:
    """Seconds since 1970 as `at` is written: UTC, microseconds, `Z`. Such stamps sort as text."""
    text = (_EPOCH + timedelta(microseconds=round(time * 1_000_000))).isoformat(timespec="microseconds")
    return text.removesuffix("+00:00") + "Z"


def seconds(at: str) -> float:
    """The inverse of `stamp`."""
    return (datetime.fromisoformat(at) - _EPOCH).total_seconds()


def encode(draft: Draft, *, stream: str, seq: int, at: str, epoch: int, prev: str, masker: Masker, put: Put) -> bytes:
    """The record's bytes; payloads it needs have been put when this returns. Never raises on `data`."""
    data, plain = walked(draft.data, masker)
    if not plain:
        data = sayable(data, put)
    record = {
        "v": VERSION,
        "stream": stream,
        "seq": seq,
        "at": at,
        "epoch": epoch,
        "actor": msgspec.to_builtins(draft.actor),
        "type": draft.type,
        "key": draft.key,
        "data": data,
        "prev": prev,
    }
    try:
        raw = plainly(record) if plain else canonical(record)
    except UnicodeEncodeError:
        record["data"] = data = sayable(data, put)
        raw = canonical(record)
    if len(raw) > LIMIT:
        room = LIMIT - (len(raw) - len(canonical(data)))
        record["data"] = fitted(data, room, put)
        raw = canonical(record)
    if len(raw) > LIMIT:
        raise Bug(f"the frame of a {draft.type} record alone is larger than {LIMIT} bytes")
    return raw


def decode(raw: bytes, position: int | None, get: Get, limit: float = HYDRATED, gone: Gone = nothing_gone) -> Record:
    """The record in these bytes, its payloads of up to `limit` bytes as the values that they stand for.

    Raises ValueError for bytes that are no record, StoreError for one of a format that this program cannot read.
    """
    dropped: tuple[Lost, ...] = ()
    try:
        fields = msgspec.json.decode(raw)
        check_format(fields["v"])
        if b'"payload":' in raw:
            fields["data"], dropped = opened(fields["data"], get, limit, gone)
        fields["actor"] = Actor(**fields["actor"])
        return Record(**fields, bytes=raw, hash=sha256(raw), position=position, dropped=dropped)
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise ValueError(f"these bytes are no record: {error}") from error


class LaterFormat(StoreError):
    """A record of a format that this program cannot read."""


def check_format(version: int) -> None:
    """LaterFormat for a record of a format that this program cannot read."""
    if version != VERSION:
        raise LaterFormat(
            f"a record of format {version}, and this version of runbook reads format {VERSION}",
            hint="use the version of runbook that wrote it, or a newer one",
        )


def opened(data: Any, get: Get, limit: float = HYDRATED, gone: Gone = nothing_gone) -> tuple[Any, tuple[Lost, ...]]:
    """A record's data with the values that its references stand for, and what of it was dropped.

    References to more than `limit` bytes stay.
    """
    met: list[object] = []

    def fetched(digest: str) -> bytes | Tombstone:
        found = get(digest)
        met.extend([found] if isinstance(found, Tombstone) else ())
        return found

    def buried(digest: str) -> Tombstone | None:
        found = gone(digest)
        met.extend([found] if found is not None else ())
        return found

    if is_reference(data):  # all of it went out, because it has too many small parts: a record's data is a dict
        ref = as_reference(data)
        value = unpacked(fetched(ref.digest), ref.media, fetched)
    else:
        value = hydrated(data, fetched, limit, buried)
    return value, tuple(lost(value)) if met else ()
