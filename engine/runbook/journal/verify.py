"""Does a stream say what was written? Found here: the first record that does not, and in which way.

A chain shows what was changed between its ends. What was cut off its end, or rewritten from some record on, shows
only against something that was noted elsewhere: a checkpoint that somebody kept, the ends of all other streams in the
store's own stream, and signed seals (`trust.py`). Payloads are hashed again too: a chain alone would not notice a
changed one. One that is gone must be named by a record of its stream that says that it was dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from runbook.document.typed import converted
from runbook.journal.canonical import canonical
from runbook.journal.drops import tombstones
from runbook.journal.journal import Journal
from runbook.journal.payloads import inner_references, references
from runbook.journal.port import Checkpoint, PayloadRef
from runbook.journal.problems import Bad, Problem, Verdict, Wrong
from runbook.journal.record import VERSION, genesis, sha256
from runbook.journal.seals import parsed
from runbook.journal.trust import Judge, TrustedKey

Look = Callable[[PayloadRef], Sequence[Wrong]]


def verify_stream(
    records: Iterable[bytes],
    stream: str | None,
    look: Look,
    checkpoint: Checkpoint | None = None,
    seals: Sequence[Checkpoint] = (),
    judge: Judge | None = None,
) -> Verdict:
    """Verify stored bytes, in order from the first record. `stream` None takes the name from the first record.

    `look` says what is wrong with a payload, nothing when it is there and whole. `judge` holds the stream's seals.
    """
    judge = judge or Judge((), ())
    walk = _Walk(stream, look, [*seals, *([checkpoint] if checkpoint else [])], judge)
    pairs = _with_next(walk.heard(records))
    try:
        for raw, following in pairs:
            walk.take(raw, following)
        walk.end()
    except Bad as found:
        bad = _misplaced(found, pairs) if found.problem is Problem.GAP else found
        with suppress(Bad):
            deque(pairs, maxlen=0)  # what was dropped is said at the end
        bad = walk.first(bad)
        return Verdict(walk.stream or "", walk.size, walk.head, bad.problem, bad.seq, str(bad), judge.sealed)
    return Verdict(walk.stream or "", walk.size, walk.head, sealed=judge.sealed, note=walk.note(), dropped=walk.gone)


def verify(
    journal: Journal,
    stream: str | None = None,
    checkpoint: Checkpoint | None = None,
    *,
    seals: Sequence[str] = (),
    keys: Sequence[TrustedKey] = (),
) -> list[Verdict]:
    """Verify one stream or all, with their payloads, against the store's own stream, a checkpoint and seals.

    `seals` are texts that were kept elsewhere; those that the store keeps are looked at too. A checkpoint and a seal
    count for the stream that they name. Without `keys` nobody's signature is checked.
    """
    own = journal.own_stream()
    opened, ends, kept = _recorded(journal, own)
    for text in seals:
        kept.setdefault(parsed(text).stream, []).append(text)
    names = [stream] if stream is not None else sorted({*opened, *journal.names()})
    look = Lookup(journal.payload)
    verdicts = []
    for name in names:
        given = checkpoint if checkpoint is not None and checkpoint.stream == name else None
        judge = Judge(kept.get(name, ()), keys)
        verdict = verify_stream(journal.raw(name), name, look, given, ends.get(name, ()), judge)
        if verdict.size == 0 and verdict.problem in (None, Problem.TRUNCATED):
            verdict = Verdict(name, 0, verdict.head, Problem.VANISHED, 0, f"{name} is gone: no record is left")
        elif verdict.ok and name not in opened:
            verdict = Verdict(
                name, verdict.size, verdict.head, Problem.UNRECORDED, 0, f"{own or 'the store'} never saw {name} begin"
            )
        verdicts.append(verdict)
    return verdicts


def seals_of(journal: Journal, stream: str) -> list[str]:
    """The seals of a stream that the store keeps, oldest first."""
    return _recorded(journal, journal.own_stream())[2].get(stream, [])


class Lookup:
    """Looks at payloads in a store: hashes each once, and follows the references inside."""

    def __init__(self, payload: Callable[[str], bytes | None]) -> None:
        self._payload = payload
        self._good: set[tuple[str, str]] = set()

    def __call__(self, ref: PayloadRef) -> Sequence[Wrong]:
        """What is wrong with this payload and those inside of it; empty when nothing is."""
        if (ref.digest, ref.media) in self._good:
            return ()
        data = self._payload(ref.digest)
        if data is None:
            return (Wrong(Problem.PAYLOAD_MISSING, ref.digest),)
        if "sha256:" + sha256(data) != ref.digest or len(data) != ref.size:
            return (Wrong(Problem.PAYLOAD_CHANGED, ref.digest),)
        wrong = [one for inner in inner_references(data, ref.media) for one in self(inner)]
        if not wrong:
            self._good.add((ref.digest, ref.media))
        return wrong


class _Missing(NamedTuple):
    """A payload that is gone: the record that names it, and the head before that one."""

    seq: int
    digest: str
    head: str


class _Walk:
    def __init__(self, stream: str | None, look: Look, notes: Sequence[Checkpoint], judge: Judge) -> None:
        self.stream = stream
        self.judge = judge
        self.size = 0
        self.head = "" if stream is None else genesis(stream)
        self._at = ""
        self._look = look
        self._promise: dict[str, Any] = {}  # what the first record says about seals
        self._finished = False
        self._notes: dict[int, set[str]] = {}
        self._missing: list[_Missing] = []
        self._dropped: set[str] = set()
        for note in notes:
            self._notes.setdefault(note.size, set()).add(note.head)

    def heard(self, records: Iterable[bytes]) -> Iterator[bytes]:
        """The records, while it is noted what they say was dropped."""
        for raw in records:
            self._dropped.update(tombstone.digest for tombstone in tombstones(raw))
            yield raw

    def missing(self) -> Bad | None:
        """The first payload that is gone, and that nobody has recorded as dropped. Only what is before it verifies."""
        lost = next((one for one in self._missing if one.digest not in self._dropped), None)
        if lost is None:
            return None
        self.size, self.head = lost.seq, lost.head
        said = "missing, and no record says that it was dropped"
        return Bad(Problem.PAYLOAD_MISSING, lost.seq, f"record {lost.seq} names payload {lost.digest}: {said}")

    def first(self, bad: Bad) -> Bad:
        """What is wrong first: this, or a payload that an earlier record names."""
        if bad.seq is None or not any(one.seq < bad.seq for one in self._missing):
            return bad
        return self.missing() or bad

    @property
    def gone(self) -> int:
        """How many payloads are gone, all of them recorded as dropped."""
        return len({one.digest for one in self._missing})

    def take(self, raw: bytes, following: bytes | None) -> None:
        seq = self.size
        fields = _fields(raw, seq)
        if self.stream is None:
            self.stream = str(fields["stream"])
            self.head = genesis(self.stream)
        hashed = sha256(raw)
        self._check_place(fields, seq)
        if fields["prev"] != self.head:
            self._blame(seq, hashed, following)
        if fields["at"] < self._at:
            raise Bad(Problem.TIME, seq, f"record {seq} is dated {fields['at']}, before the one in front of it")
        if b'"payload":' in raw:
            self._check_payloads(fields["data"], seq)
        if any(head != hashed for head in self._notes.get(seq + 1, ())):
            raise Bad(Problem.REWRITTEN, seq, f"record {seq} is another one than was noted when the stream ended there")
        if seq == 0:
            self._promise = _promised(fields["data"])
        self._finished = self._finished or fields["type"] == "run.finished"
        self._held_against_seals(raw, fields["at"], hashed, following)
        self.size, self.head, self._at = seq + 1, hashed, fields["at"]

    def _held_against_seals(self, raw: bytes, at: str, hashed: str, following: bytes | None) -> None:
        """A seal shows that something up to here was changed; where the next record disowns this one, its link says
        more exactly what.
        """
        try:
            self.judge.take(raw, at)
        except Bad:
            if following is None or hashed.encode() in following:
                raise

    def end(self) -> None:
        missing = self.missing()
        if missing is not None:
            raise missing
        longest = max(self._notes, default=0)
        if longest > self.size:
            raise Bad(
                Problem.TRUNCATED,
                self.size,
                f"{longest} records were noted and {self.size} are here: from record {self.size} on they are missing",
            )
        self.judge.end(self.size)
        if self._finished and "key" in self._promise and not self.judge.given:
            raise Bad(
                Problem.UNSEALED,
                None,
                f"its first record says that {self._promise['key']} seals it, and no seal of it is here",
            )

    def note(self) -> str:
        """What of its seals is not as it could be."""
        judge = self.judge
        if judge.unchecked:
            return f"{judge.counted} seals fit; their signatures are not checked without a public key"
        if judge.counted:
            return "" if judge.sealed == self.size else f"sealed up to record {judge.sealed - 1}"
        if "key" in self._promise:
            return "not sealed yet"
        missing = self._promise.get("missing")
        return f"unsigned: {missing}" if missing else ""

    def _check_place(self, fields: dict[str, Any], seq: int) -> None:
        if fields["stream"] != self.stream:
            raise Bad(Problem.STREAM, seq, f"record {seq} belongs to {fields['stream']}")
        if fields["seq"] != seq:
            message = f"record {fields['seq']} stands where record {seq} must be"
            raise Bad(Problem.GAP, seq, message, found=fields["seq"])

    def _blame(self, seq: int, hashed: str, following: bytes | None) -> None:
        """A link is broken: by the record in front, unless the one behind disowns this one too."""
        noted = self._notes.get(seq + 1, {hashed})
        disowned = hashed not in noted or (following is not None and hashed.encode() not in following)
        guilty = seq if seq == 0 or disowned else seq - 1
        beside = f"record {seq} names another hash for it" if guilty < seq else "its links do not hold"
        raise Bad(Problem.CHAIN, guilty, f"record {guilty} is not the one that was written: {beside}")

    def _check_payloads(self, data: Any, seq: int) -> None:
        for problem, digest in (wrong for ref in references(data) for wrong in self._look(ref)):
            if problem is not Problem.PAYLOAD_MISSING:
                what = problem.value.partition("_")[2] or problem.value
                raise Bad(problem, seq, f"record {seq} names payload {digest}: {what}")
            self._missing.append(_Missing(seq, digest, self.head))


def _fields(raw: bytes, seq: int) -> dict[str, Any]:
    try:
        fields = msgspec.json.decode(raw)
        version = fields["v"]
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise Bad(Problem.UNREADABLE, seq, f"record {seq} cannot be read: {error}") from error
    if version != VERSION:
        raise Bad(Problem.VERSION, seq, f"record {seq} is of format {version}; this version knows {VERSION}")
    if not _is_canonical(fields, raw):
        raise Bad(Problem.NOT_CANONICAL, seq, f"record {seq} is spelt otherwise than it was written")
    missing = sorted(_REQUIRED - fields.keys())
    if missing or type(fields["at"]) is not str:
        raise Bad(Problem.UNREADABLE, seq, f"record {seq} has no {', '.join(missing) or 'date'}")
    return dict(fields)


_REQUIRED = {"v", "stream", "seq", "at", "epoch", "actor", "type", "key", "data", "prev"}


def _promised(data: Any) -> dict[str, Any]:
    seal = data.get("seal") if isinstance(data, dict) else None
    return seal if isinstance(seal, dict) else {}


def _misplaced(gap: Bad, rest: Iterator[tuple[bytes, bytes | None]]) -> Bad:
    """Records are not in their places: is the missing one still to come, was the other there before, or is it gone?"""
    expected, found = gap.seq or 0, gap.found
    if isinstance(found, int) and found < expected:
        return Bad(Problem.REPEATED, gap.seq, f"{gap}: it, or another of its place, stood there already")
    with suppress(Bad):
        for raw, _ in rest:
            with suppress(msgspec.DecodeError, KeyError, TypeError):
                if msgspec.json.decode(raw)["seq"] == expected:
                    return Bad(Problem.REORDERED, gap.seq, f"{gap}, which comes later: they were exchanged")
    return gap


def _is_canonical(fields: Any, raw: bytes) -> bool:
    try:
        return canonical(fields) == raw
    except ValueError:
        return False


def _with_next(records: Iterable[bytes]) -> Iterator[tuple[bytes, bytes | None]]:
    iterator = iter(records)
    current = next(iterator, None)
    while current is not None:
        following = next(iterator, None)
        yield current, following
        current = following


def _recorded(journal: Journal, own: str | None) -> tuple[set[str], dict[str, list[Checkpoint]], dict[str, list[str]]]:
    """What the store's own stream says, as far as it can be read: streams, where they ended, and their seals."""
    opened: set[str] = set()
    ends: dict[str, list[Checkpoint]] = {}
    seals: dict[str, list[str]] = {}
    for raw in journal.raw(own) if own else ():
        try:
            record = msgspec.json.decode(raw)
            if record["type"] == "stream.opened":
                opened.add(record["data"]["stream"])
            elif record["type"] == "stream.sealed":
                end = converted(record["data"], Checkpoint)
                ends.setdefault(end.stream, []).append(end)
            elif record["type"] == "seal.made":
                seals.setdefault(record["data"]["stream"], []).append(str(record["data"]["seal"]))
        except (msgspec.MsgspecError, KeyError, TypeError):
            continue  # the verdict about the store's own stream names this record
    return opened, ends, seals
