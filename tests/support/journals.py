"""Journals, drafts and odd data for tests of whatever stands on the journal."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from runbook.core.masking import Masker
from runbook.journal import Actor, Draft, Journal, PayloadRef
from runbook.journal.memory import MemoryStore
from runbook.journal.record import Record, decode, encode, sha256

ANA = Actor(kind="person", id="ana")


class Ticks:
    """A wall clock that a test moves by hand."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Shelf:
    """Payloads in a dict: the smallest thing that a record can be encoded against."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, data: bytes, media: str) -> PayloadRef:
        self.kept[digest := "sha256:" + sha256(data)] = data
        return PayloadRef(digest, len(data), media)

    def record(self, data: Any, masker: Masker | None = None) -> Record:
        """The record that comes of this data."""
        raw = encode(
            draft("note.added", data),
            stream="run/1",
            seq=0,
            at="2026-11-23T03:00:00.000000Z",
            epoch=0,
            prev="0" * 64,
            masker=masker or Masker(),
            put=self.put,
        )
        return decode(raw, None, self.kept.__getitem__)


def draft(type_: str = "note.added", data: Any = None, key: str | None = None) -> Draft:
    """A draft by Ana."""
    return Draft(type_, key, {} if data is None else data, ANA)


def in_memory(clock: Any = None) -> Journal:
    """A fresh journal in memory."""
    return Journal(MemoryStore(), clock=clock or Ticks())


def begun(journal: Journal, stream: str = "run/1", notes: int = 0) -> Journal:
    """The journal with a stream in it that has `notes` records after its first."""
    journal.open_stream(stream, draft("run.started", {"runbook": "cache"}), epoch=1)
    for number in range(notes):
        with journal.writing(stream) as writer:
            writer.append(draft("note.added", {"number": number}))
    return journal


def ended(journal: Journal, stream: str = "run/1") -> None:
    """Append one more record, and seal the stream with it."""
    with journal.writing(stream) as writer:
        writer.append(draft("note.added", {"n": "last"}))
        writer.seal()


def same(one: Any, other: Any) -> bool:
    """Equal, of the same types, and NaN like NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other or (one != one and other != other)


class Awkward:
    """An object whose `repr` fails."""

    def __repr__(self) -> str:
        raise RuntimeError("not now")


texts = st.text(st.characters(codec=None, exclude_categories=())) | st.just("\ud83d\ude00")
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**3000), 2**3000)
    | st.floats()
    | st.sampled_from([-0.0, 12.0, 1e16, 1e20, 1e21, 1e-5, 1e-7, 5e-324, 2.0**53, 2.0**60])
    | texts
    | st.binary()
    | st.datetimes()
    | st.decimals()
    | st.builds(Awkward)
    | st.just(object())
)
lookalikes = st.fixed_dictionaries({"payload": scalars, "size": scalars, "media": scalars})
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(texts | st.integers() | st.binary() | st.none() | st.booleans(), inner)
        | st.fixed_dictionaries({"payload": inner, "size": inner, "media": inner})
        | st.sets(st.integers() | texts | st.floats() | st.binary())
    ),
    max_leaves=30,
)
