"""The journal: append-only streams of hash-chained records over any store.

One implementation for all stores, so that chain, fences, masking and seals are the same everywhere. A stream has
at most one runner, who holds its lease, and any number of guests. The store has a stream of its own,
`store/<id>`, that records the opening of every other stream, and its size and head once it is sealed: a stream
that vanishes, or is cut after its end, shows. What is appended to a sealed stream is sealed in its turn.

Secrets are taken out here, on the way in: of records and payloads, of what a runner says about itself and of the
notes on locks.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

import msgspec

from runbook.core.dropped import Tombstone
from runbook.core.ids import ulid
from runbook.core.masking import Masker
from runbook.errors import BrokenChain, Bug, Fenced, Refused, StoreError, UsageError
from runbook.journal import drops
from runbook.journal.canonical import canonical
from runbook.journal.encoding import sayable
from runbook.journal.payloads import HYDRATED, OURS, nothing_gone
from runbook.journal.port import Busy, Claim, Head, Lease, LockInfo, PayloadRef, Row, Store, Transaction
from runbook.journal.record import Actor, Draft, LaterFormat, Record, decode, genesis, sha256, stamp
from runbook.journal.skimming import Skim, Unread, skimmed
from runbook.journal.storable import storable
from runbook.journal.writer import Writer

_PAGE = 256  # records read at a time
_ENGINE = Actor(kind="engine", id="store")


class StreamInfo(msgspec.Struct, frozen=True):
    """A stream in a list. Payloads of `first` and `last` are left as references."""

    stream: str
    size: int
    head: str
    opened_at: str
    sealed: bool
    first: Record
    last: Record


class Journal:
    """Streams of records in a store. Times are wall seconds of `clock`; secrets of `masker` never get in."""

    def __init__(self, store: Store, *, clock: Callable[[], float], masker: Masker | None = None) -> None:
        self._store = store
        self._clock = clock
        self.masker = masker or Masker()
        self._walls: dict[str, float] = {}
        self._own = ""
        self._dropped: dict[str, tuple[int, dict[str, Tombstone]]] = {}

    # streams

    def open_stream(self, stream: str, first: Draft, *more: Draft, epoch: int) -> Record:
        """Begin a stream with its first record, and those that follow at once. Raises Refused when it exists."""
        with self._store.transaction() as tx:
            return self._begin(tx, stream, (first, *more), epoch)

    def open_next(self, prefix: str, counter: str, drafts: Callable[[], Sequence[Draft]]) -> str:
        """Begin a stream called by the next number of a counter, with these records; gives its name.

        `drafts` is asked within the transaction, in which nobody else writes: what it raises keeps the stream from
        beginning, and takes no number.
        """
        with self._store.transaction() as tx:
            first = drafts()
            stream = f"{prefix}{tx.next_number(counter)}"
            self._begin(tx, stream, first, 0)
        return stream

    @contextmanager
    def writing(self, stream: str, lease: Lease | None = None, *, relaxed: bool = False) -> Iterator[Writer]:
        """One durable transaction, alone in the stream; without a lease, as a guest.

        A `relaxed` one need not be on the disk when it ends as long as it has written nothing but `RELAXED` records,
        from which nothing follows that could not be found out again; whatever else it writes makes it durable.

        Raises Fenced when the lease is not the newest, and StoreError when the store cannot write: nothing of
        the transaction is kept then, nor when the body raises.
        """
        with self._store.transaction(relaxed=relaxed) as tx:
            if lease is not None:
                _fence(tx, lease)
            writer = self._writer(tx, stream, lease)
            if writer.size == 0:
                raise UsageError(f"the store has no {stream}", hint="`runbook runs` lists what it has")
            self._walls[stream] = writer.watch(self._walls.get(stream))
            seen = None if lease is None else lease.seen
            try:
                yield writer
            except BaseException:
                if lease is not None:
                    lease.seen = seen
                raise
            if writer.ends or (writer.appended and tx.sealed(stream)):
                self._seal(tx, writer)
        if relaxed and not writer.relaxed:
            self._store.sync()

    @property
    def loose(self) -> bool:
        """Whether something that was written may not be on the disk yet."""
        return self._store.loose

    def sync(self) -> None:
        """Make durable what relaxed transactions have written."""
        self._store.sync()

    def read(self, stream: str, after: int = -1) -> Iterator[Record]:
        """The records with a higher `seq`, in order. Raises BrokenChain at the first that does not follow."""
        before = genesis(stream) if after < 0 else None
        for row in self._rows(stream, after):
            after += 1
            record = self._decoded(stream, row)
            if record.seq != after or record.stream != stream or (before is not None and record.prev != before):
                raise _broken(stream, after, "does not follow the one before it")
            before = record.hash
            yield record

    def raw(self, stream: str, after: int = -1) -> Iterator[bytes]:
        """The stored bytes of each record with a higher `seq`, in order, unchecked."""
        for row in self._rows(stream, after):
            yield row.raw

    def head(self, stream: str) -> Head | None:
        """The newest record's `seq` and hash; None when there is no such stream."""
        row = self._store.last(stream)
        return None if row is None else Head(row.seq, sha256(row.raw))

    def streams(self, prefix: str = "", unread: list[Unread] | None = None) -> list[StreamInfo]:
        """All streams whose names begin so, newest first.

        One whose first or last record is none goes to `unread`; where there is no such list, BrokenChain.
        """
        listed = []
        for stream, first, last, sealed in self._store.spans(prefix):
            try:
                one, end = self._decoded(stream, first, limit=-1), self._decoded(stream, last, limit=-1)
            except (BrokenChain, LaterFormat) as error:
                if unread is None:
                    raise
                unread.append(Unread(stream, getattr(error, "seq", last.seq), error.message))
                continue
            listed.append(StreamInfo(stream, end.seq + 1, end.hash, one.at, sealed, one, end))
        return listed

    def skim(
        self, prefix: str, types: Collection[str] | None = None, unread: list[Unread] | None = None
    ) -> Iterator[Skim]:
        """What the records of all streams whose names begin so say, stream by stream; not whether they are whole.

        Of these types, if any are given. Many times faster than `read` of each. A stream with bytes that are no record,
        or without one of its records, goes to `unread`; where there is no such list, BrokenChain.
        """
        return skimmed(self._store, prefix, types, partial(self._found, lru_cache(self.payload)), unread)

    def unreadable(self, stream: str) -> Unread | None:
        """The first record of a stream that does not verify; None where all of them do."""
        try:
            for _ in self.read(stream):
                pass
        except BrokenChain as error:
            return Unread.of(error)
        return None

    def names(self, prefix: str = "") -> list[str]:
        """The names of all streams that begin so, newest first; reads no record."""
        return [span.stream for span in self._store.spans(prefix)]

    def sizes(self, prefix: str = "") -> dict[str, int]:
        """How many records each of these streams has; reads no more than the list of them."""
        return {span.stream: span.last.seq + 1 for span in self._store.spans(prefix)}

    def note(self, type_: str, data: dict[str, Any]) -> None:
        """Append to the stream about all others; one transaction of its own, from any thread."""
        with self._store.transaction() as tx:
            self._note(tx, type_, storable(data, self.masker))

    def own_stream(self) -> str | None:
        """`store/<id>`, the stream about all others; None in a store that nothing was written to."""
        return next((span.stream for span in self._store.spans("store/")), None)

    def changed(self, stream: str) -> int:
        """A number that moves with every commit to a stream, by this or another process, and costs microseconds.

        Read it inside of `writing`, after the last append: from then on it moves with what others write. Read
        after the commit, it may already count a record that nobody here has seen.
        """
        return self._store.changed(stream)

    def wakes(self, stream: str, wake: Callable[[], None]) -> None:
        """Have this called, from any thread, soon after others commit to a stream, where the store tells; else look."""
        self._store.wakes(stream, wake)

    def now(self) -> float:
        """The time that the next record would get, in seconds since 1970, UTC."""
        return self._clock()

    # runners

    def lease(self, stream: str, holder: dict[str, Any]) -> Lease:
        """Become the stream's runner; `holder` is shown to whoever comes second. Raises Busy with theirs.

        The caller appends `lease.taken`. The lease ends with `release` or with this process.
        """
        claim = self._store.claim(stream)
        if claim is None:
            other = self._holder(stream)
            patience = self._store.patience
            dead = f"; if that process is gone, try again in {patience:.0f} s" if patience else ""
            raise Busy(
                f"{stream} is run by {_introduced(other)}",
                holder=other,
                hint=f"`runbook watch {stream.partition('/')[2]}` shows it{dead}",
            )
        try:
            said = {**storable(holder, self.masker), "since": stamp(self._clock())}
            with self._store.transaction() as tx:
                epoch = tx.epoch(stream) + 1
                tx.set_epoch(stream, epoch, canonical(sayable(said, self._put)))
        except BaseException:
            claim.release()
            raise
        return Lease(stream, epoch, claim)

    def holder(self, stream: str) -> dict[str, Any] | None:
        """What the stream's live runner said about itself; None when nobody runs it."""
        return self._holder(stream) if self._store.claimed(stream) else None

    # payloads

    def put(self, data: bytes, media: str) -> PayloadRef:
        """Keep bytes beside the records, masked; the reference may stand anywhere in a record's data.

        In the transaction of that record: until it is written, nothing else keeps anybody from dropping what nobody
        names.
        """
        if media in OURS:
            raise Bug(f"{media} is the encoder's own; use application/json")
        return self._put(self.masker.bytes(data), media)

    def get(self, digest: str) -> bytes:
        """A payload, checked against its digest (`sha256:<hex>`). Raises StoreError when it is not there whole."""
        return _whole(digest, self.payload(digest))

    def payload(self, digest: str) -> bytes | None:
        """A payload as it lies there, unchecked; None when there is none."""
        return self._store.get(digest.removeprefix("sha256:"))

    def dropped(self, stream: str) -> Mapping[str, Tombstone]:
        """What the stream says was dropped of its payloads, by digest."""
        last = self._store.last(stream)
        size = 0 if last is None else last.seq + 1
        known = self._dropped.get(stream)
        if known is None or known[0] != size:
            known = self._dropped[stream] = (size, drops.dropped(self.raw(stream)))
        return known[1]

    def record_drops(self, chosen: Callable[[], Mapping[str, Sequence[dict[str, Any]]]], why: drops.Why) -> list[str]:
        """Record in each stream what will be dropped of its payloads; gives the streams. Nothing is dropped yet.

        `chosen` says what, by stream (`drops.entry`); it is asked within the transaction, in which nobody else writes.
        """
        with self._store.transaction() as tx:
            wanted = chosen()
            for stream, entries in wanted.items():
                writer = self._writer(tx, stream, None)
                for draft in drops.drafts(entries, why):
                    writer.append(draft)
                self._seal(tx, writer)
        return list(wanted)

    def payloads(self) -> list[str]:
        """The digests (`sha256:<hex>`) of all payloads that lie there, whether a record names them or not."""
        return ["sha256:" + digest for digest in self._store.payloads()]

    def record_unnamed(self, chosen: Callable[[], Sequence[dict[str, Any]]], why: drops.Why) -> int:
        """Record, in the stream about all others, what will be dropped that no record names; how many. None is yet.

        `chosen` says what (`drops.entry`); it is asked within the transaction, in which nobody else writes.
        """
        with self._store.transaction() as tx:
            entries = chosen()
            for draft in drops.drafts(entries, why):
                self._note(tx, draft.type, storable(draft.data, self.masker), draft.actor)
        return len(entries)

    def drop(self, chosen: Callable[[], Iterable[str]]) -> int:
        """Drop payloads whose dropping is recorded; how many lay there. Again, it finishes what was cut short.

        `chosen` says which, by digest; it is asked within the transaction, in which nobody else writes.
        """
        with self._store.transaction() as tx:
            return sum(tx.drop(digest.removeprefix("sha256:")) for digest in chosen())

    def key(self, run: str) -> bytes:
        """32 bytes for HMACs over this run's secrets: the same in every process, and in no record."""
        return hmac.digest(self._store.secret(), b"runbook-run-key/v1\n" + run.encode(), "sha256")

    # locks and counters

    def take_locks(self, names: Sequence[str], owner: str, info: dict[str, Any]) -> tuple[LockInfo, ...]:
        """Take all of these locks, or none: empty when taken, else the locks that others hold.

        What this owner holds already is no obstacle. Locks outlive the process: a run that crashed still owns
        its targets until it is finished or aborted.
        """
        wanted = set(names)
        with self._store.transaction() as tx:
            held = {lock.name: lock for lock in tx.locks() if lock.name in wanted}
            others = tuple(lock for _, lock in sorted(held.items()) if lock.owner != owner)
            if not others:
                since, masked = stamp(self._clock()), storable(info, self.masker)
                for name in sorted(wanted - held.keys()):
                    tx.add_lock(LockInfo(name, owner, since, masked))
        return others

    def release_locks(self, owner: str) -> None:
        """Let go of all locks of this owner."""
        with self._store.transaction() as tx:
            tx.drop_locks(owner)

    @property
    def shared(self) -> bool:
        """Whether anybody who may write to the store could write as anybody."""
        return self._store.shared

    @property
    def format(self) -> int:
        """Of which version the store's tables are."""
        return self._store.format

    def migrate(self) -> None:
        """Bring the store's tables forward to this version's, all or nothing.

        Refused while anything is being run: an older version could not record any more what it has done.
        """
        outdated = self._store.format < self._store.newest
        for span in self._store.spans("") if outdated else ():
            if not span.sealed and (holder := self.holder(span.stream)) is not None:
                raise Refused(
                    f"{span.stream} is run by {_introduced(holder)}, which could not go on with it afterwards",
                    hint="wait for it, or abort it; then migrate",
                )
        self._store.migrate()

    def check_writable(self) -> None:
        """StoreError where nothing could be recorded: it is read-only, or of another format."""
        self._store.check_writable()

    def warnings(self) -> list[str]:
        """What of the store's own settings should be otherwise."""
        return self._store.warnings()

    def locks(self) -> list[LockInfo]:
        """All locks that are held, by name."""
        return self._store.locks()

    def next_number(self, name: str) -> int:
        """The next number of a counter, from 1; never the same twice, with gaps after a crash."""
        with self._store.transaction() as tx:
            return tx.next_number(name)

    def number(self, name: str) -> int:
        """The newest number that a counter has given out; 0 before the first."""
        return self._store.counters().get(name, 0)

    def close(self) -> None:
        """Let the store go; leases end."""
        self._store.close()

    # inside

    def _begin(self, tx: Transaction, stream: str, drafts: Sequence[Draft], epoch: int) -> Record:
        if tx.last(stream) is not None:
            raise Refused(f"{stream} exists already", hint="nothing was written")
        if epoch > tx.epoch(stream):
            tx.set_epoch(stream, epoch, b"")
        writer = self._writer(tx, stream, Lease(stream, epoch, Claim(_nothing)))
        first, *_ = [writer.append(draft) for draft in drafts]
        self._note(tx, "stream.opened", {"stream": stream})
        return first

    def _writer(self, tx: Transaction, stream: str, lease: Lease | None) -> Writer:
        decoded = partial(self._decoded, stream)
        return Writer(tx, stream, lease, clock=self._clock, masker=self.masker, put=self._put, decoded=decoded)

    def _put(self, data: bytes, media: str) -> PayloadRef:
        digest = sha256(data)
        self._store.put(digest, data)
        return PayloadRef("sha256:" + digest, len(data), media)

    def _found(self, payload: Callable[[str], bytes | None], stream: str, seq: int, digest: str) -> bytes | Tombstone:
        """A payload that a record names, or what stands for it; many may name the same."""
        data = payload(digest)
        tombstone = self.dropped(stream).get(digest) if data is None else None
        return _named(stream, seq, digest, data) if tombstone is None else tombstone

    def _rows(self, stream: str, after: int) -> Iterator[Row]:
        while rows := self._store.rows(stream, after, _PAGE):
            yield from rows
            after = rows[-1].seq

    def _decoded(self, stream: str, row: Row, limit: float = HYDRATED) -> Record:
        def get(digest: str) -> bytes | Tombstone:
            data = self.payload(digest)
            if data is None and (tombstone := gone(digest)) is not None:
                return tombstone
            return _named(stream, row.seq, digest, data)

        def gone(digest: str) -> Tombstone | None:
            return self.dropped(stream).get(digest)

        try:
            return decode(row.raw, row.position, get, limit, gone if limit >= 0 else nothing_gone)
        except ValueError as error:
            raise _broken(stream, row.seq, str(error)) from error

    def _seal(self, tx: Transaction, writer: Writer) -> None:
        self._note(tx, "stream.sealed", {"stream": writer.stream, "size": writer.size, "head": writer.head})
        tx.seal(writer.stream)

    def _note(self, tx: Transaction, type_: str, data: dict[str, Any], actor: Actor = _ENGINE) -> None:
        """Append to the store's own stream, which begins with its own opening."""
        self._own = self._own or self.own_stream() or ""
        own = self._own or "store/" + ulid(self._clock(), os.urandom(10))
        writer = self._writer(tx, own, None)
        if writer.size == 0:
            writer.append(Draft("stream.opened", None, {"stream": own}, _ENGINE))
        writer.append(Draft(type_, None, data, actor))

    def _holder(self, stream: str) -> dict[str, Any]:
        said = self._store.holder(stream)
        return dict(msgspec.json.decode(said)) if said else {}


def _fence(tx: Transaction, lease: Lease) -> None:
    newest = tx.epoch(lease.stream)
    if lease.released:
        raise Bug(f"written to {lease.stream} under a lease that was given back")
    if lease.epoch != newest:
        raise Fenced(
            f"this runner of {lease.stream} (epoch {lease.epoch}) was replaced (epoch {newest})",
            hint="it has written nothing more; the newer runner goes on",
        )


def _whole(digest: str, data: bytes | None) -> bytes:
    if data is None or "sha256:" + sha256(data) != digest:
        what = "is missing from" if data is None else "was changed in"
        raise StoreError(f"payload {digest} {what} the store", hint="`runbook log verify` says where it is used")
    return data


def _named(stream: str, seq: int, digest: str, data: bytes | None) -> bytes:
    """A payload that a record names; BrokenChain where it is not there whole."""
    if data is None or "sha256:" + sha256(data) != digest:
        what = "is missing" if data is None else "was changed"
        raise _broken(stream, seq, f"names payload {digest}, which {what}")
    return data


def _broken(stream: str, seq: int, what: str) -> BrokenChain:
    name = stream.partition("/")[2]
    hint = f"nothing was done with it; `runbook log verify {name}` says what is wrong"
    return BrokenChain(f"record {seq} of {stream} {what}", stream=stream, seq=seq, hint=hint)


def _introduced(holder: dict[str, Any]) -> str:
    known = [f"{name} {holder[name]}" for name in ("user", "host", "pid", "since") if holder.get(name)]
    return ", ".join(known) or "somebody else"


def _nothing() -> None:
    """What releasing a lease means that was never claimed."""
