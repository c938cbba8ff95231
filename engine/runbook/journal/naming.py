"""Which record names which payload, over the whole store: what one must know before a payload is dropped.

One payload may be named by many streams, because it is kept under its digest. The index is brought up to date by
reading only what was written since; so it can be made before the store is locked, and completed while it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from runbook.core.dropped import Path, Tombstone
from runbook.journal.drops import tombstones
from runbook.journal.journal import Journal
from runbook.journal.payloads import OURS, places
from runbook.journal.port import PayloadRef
from runbook.journal.record import seconds

_OPENED = b'"type":"run.started"'
_ENDED = b'"type":"run.finished"'
_BELONGS = ("within", "takes_back", "continued_from")  # of a run's first record: another run's id


class Place(NamedTuple):
    """Where a payload is named: the record, where in its data, and as what."""

    stream: str
    seq: int
    type: str
    key: str | None
    path: Path
    ref: PayloadRef


class Stream:
    """What is known of a stream: its size, what it says was dropped, and of a run its start and its end.

    `ended` is when a run's end was recorded, in seconds since 1970; None for one that is open, and for other streams.
    `heir` is the id of the run that goes on from it, `incident` that of the incident that it began in, and `of` are the
    streams of the runs that it goes on from, takes back, or was done by hand within.
    """

    def __init__(self) -> None:
        self.size = 0
        self.dropped: dict[str, Tombstone] = {}
        self.mode = ""
        self.ended: float | None = None
        self.outcome = ""
        self.heir: str | None = None
        self.incident: str | None = None
        self.of: set[str] = set()


class Naming:
    """The index: `streams` by name, and by digest the `places` that name a payload, dropped or not."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._inside: dict[tuple[str, str], list[tuple[Path, PayloadRef]]] = {}
        self.streams: dict[str, Stream] = {}
        self.places: dict[str, list[Place]] = {}

    def update(self) -> None:
        """Take in what was written since."""
        for name, size in self._journal.sizes().items():
            stream = self.streams.setdefault(name, Stream())
            if size > stream.size:
                for raw in self._journal.raw(name, stream.size - 1):
                    self._take(name, stream, raw)

    def needing(self, digest: str) -> set[str]:
        """The streams that name a payload, and do not say that it was dropped."""
        named = {place.stream for place in self.places.get(digest, ())}
        return {name for name in named if digest not in self.streams[name].dropped}

    def unfinished(self) -> list[str]:
        """Payloads that every stream that names them says were dropped, and that are there still."""
        said = {digest for stream in self.streams.values() for digest in stream.dropped}
        return sorted(d for d in said if not self.needing(d) and self._journal.payload(d) is not None)

    def _take(self, name: str, stream: Stream, raw: bytes) -> None:
        stream.size += 1
        for tombstone in tombstones(raw):
            stream.dropped[tombstone.digest] = tombstone
        if b'"payload":' not in raw and _OPENED not in raw and _ENDED not in raw:
            return
        try:
            record = msgspec.json.decode(raw)
            seq, type_, key, data = int(record["seq"]), str(record["type"]), record["key"], record["data"]
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            return  # it names nothing that could be read; whoever verifies the stream says what is wrong with it
        if isinstance(data, dict):
            self._run(stream, type_, str(record.get("at")), data)
        for path, ref in self._all(places(data)):
            self.places.setdefault(ref.digest, []).append(Place(name, seq, type_, key, path, ref))

    def _run(self, stream: Stream, type_: str, at: str, data: dict[str, Any]) -> None:
        if type_ == "run.started":
            stream.mode = str(data.get("mode", ""))
            incident = data.get("incident")
            stream.incident = incident.get("id") if isinstance(incident, dict) else None
            stream.of = {f"run/{data[name]}" for name in _BELONGS if data.get(name)}
        elif type_ == "run.finished":
            stream.ended, stream.outcome = seconds(at), str(data.get("outcome", ""))
            stream.heir = (data.get("continued") or {}).get("run")

    def _all(self, found: list[tuple[Path, PayloadRef]]) -> Iterator[tuple[Path, PayloadRef]]:
        """These, and those inside of them."""
        for path, ref in found:
            yield path, ref
            yield from self._all([((*path, *inner), one) for inner, one in self._within(ref)])

    def _within(self, ref: PayloadRef) -> list[tuple[Path, PayloadRef]]:
        if ref.media not in OURS:
            return []
        if (ref.digest, ref.media) not in self._inside:
            data = self._journal.payload(ref.digest)
            try:
                tree = [] if data is None else places(msgspec.json.decode(data))
            except msgspec.DecodeError:
                tree = []
            self._inside[ref.digest, ref.media] = tree
        return self._inside[ref.digest, ref.media]
