"""Does a stream say what was written? Found here: the first record that does not, and in which way.

A chain shows what was changed between its ends. What was cut off its end, or rewritten from some record on, shows
only against something that was noted elsewhere: a checkpoint that somebody kept, or the seals that the store's
own stream holds about all others. Payloads are hashed again too: a chain alone would not notice a changed one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from runbook.document.typed import converted
from runbook.journal.canonical import canonical
from runbook.journal.journal import Journal
from runbook.journal.payloads import inner_references, references
from runbook.journal.port import Checkpoint, PayloadRef
from runbook.journal.record import VERSION, genesis, sha256


class Problem(StrEnum):
    """What is wrong with a record, a payload or a whole stream."""

    UNREADABLE = "unreadable"  # no JSON object, or a field of a record is missing
    VERSION = "version"  # of a format that this program does not know
    NOT_CANONICAL = "not_canonical"  # another spelling than RFC 8785's: not what was written
    STREAM = "stream"  # belongs to another stream
    GAP = "gap"  # records were removed, added or exchanged
    CHAIN = "chain"  # is not what the record after it says
    TIME = "time"  # earlier than the record before it
    PAYLOAD_MISSING = "payload_missing"
    PAYLOAD_CHANGED = "payload_changed"
    REWRITTEN = "rewritten"  # another record than a checkpoint or seal says
    TRUNCATED = "truncated"  # shorter than a checkpoint or seal says
    VANISHED = "vanished"  # opened once, and no record is left
    UNRECORDED = "unrecorded"  # the store's own stream knows nothing of it
    UNFINISHED = "unfinished"  # an export without its last line, or with more after it


class Verdict(msgspec.Struct, frozen=True):
    """What came of verifying a stream. `size` and `head` are of what verifies; `seq` is the first bad record."""

    stream: str
    size: int
    head: str
    problem: Problem | None = None
    seq: int | None = None
    message: str = "verified"

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return self.problem is None


Look = Callable[[PayloadRef], Problem | None]


class Bad(Exception):
    """A record does not verify; caught where the verdict is made."""

    def __init__(self, problem: Problem, seq: int, message: str) -> None:
        super().__init__(message)
        self.problem = problem
        self.seq = seq


def verify_stream(
    records: Iterable[bytes],
    stream: str | None,
    look: Look,
    checkpoint: Checkpoint | None = None,
    seals: Sequence[Checkpoint] = (),
) -> Verdict:
    """Verify stored bytes, in order from the first record. `stream` None takes the name from the first record.

    `look` says what is wrong with a payload, None when it is there and whole.
    """
    walk = _Walk(stream, look, [*seals, *([checkpoint] if checkpoint else [])])
    try:
        for raw, following in _with_next(records):
            walk.take(raw, following)
        walk.end()
    except Bad as bad:
        return Verdict(walk.stream or "", walk.size, walk.head, bad.problem, bad.seq, str(bad))
    return Verdict(walk.stream or "", walk.size, walk.head)


def verify(journal: Journal, stream: str | None = None, checkpoint: Checkpoint | None = None) -> list[Verdict]:
    """Verify one stream or all, with their payloads, against the store's own stream and a checkpoint.

    The checkpoint counts for the stream that it names.
    """
    own = journal.own_stream()
    opened, seals = _recorded(journal, own)
    names = [stream] if stream is not None else sorted({*opened, *journal.names()})
    look = Lookup(journal.payload)
    verdicts = []
    for name in names:
        given = checkpoint if checkpoint is not None and checkpoint.stream == name else None
        verdict = verify_stream(journal.raw(name), name, look, given, seals.get(name, ()))
        if verdict.size == 0 and verdict.problem in (None, Problem.TRUNCATED):
            verdict = Verdict(name, 0, verdict.head, Problem.VANISHED, 0, f"{name} is gone: no record is left")
        elif verdict.ok and name not in opened:
            verdict = Verdict(
                name, verdict.size, verdict.head, Problem.UNRECORDED, 0, f"{own or 'the store'} never saw {name} begin"
            )
        verdicts.append(verdict)
    return verdicts


class Lookup:
    """Looks at payloads in a store: hashes each once, and follows the references inside."""

    def __init__(self, payload: Callable[[str], bytes | None]) -> None:
        self._payload = payload
        self._good: set[tuple[str, str]] = set()

    def __call__(self, ref: PayloadRef) -> Problem | None:
        """What is wrong with this payload or one inside of it; None when nothing is."""
        if (ref.digest, ref.media) in self._good:
            return None
        data = self._payload(ref.digest)
        if data is None:
            return Problem.PAYLOAD_MISSING
        if "sha256:" + sha256(data) != ref.digest or len(data) != ref.size:
            return Problem.PAYLOAD_CHANGED
        problem = next((found for found in map(self, inner_references(data, ref.media)) if found), None)
        if problem is None:
            self._good.add((ref.digest, ref.media))
        return problem


class _Walk:
    def __init__(self, stream: str | None, look: Look, notes: Sequence[Checkpoint]) -> None:
        self.stream = stream
        self.size = 0
        self.head = "" if stream is None else genesis(stream)
        self._at = ""
        self._look = look
        self._notes: dict[int, set[str]] = {}
        for note in notes:
            self._notes.setdefault(note.size, set()).add(note.head)

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
        self.size, self.head, self._at = seq + 1, hashed, fields["at"]

    def end(self) -> None:
        longest = max(self._notes, default=0)
        if longest > self.size:
            raise Bad(
                Problem.TRUNCATED,
                self.size,
                f"{longest} records were noted and {self.size} are here: from record {self.size} on they are missing",
            )

    def _check_place(self, fields: dict[str, Any], seq: int) -> None:
        if fields["stream"] != self.stream:
            raise Bad(Problem.STREAM, seq, f"record {seq} belongs to {fields['stream']}")
        if fields["seq"] != seq:
            raise Bad(Problem.GAP, seq, f"record {fields['seq']} stands where record {seq} must be")

    def _blame(self, seq: int, hashed: str, following: bytes | None) -> None:
        """A link is broken: by the record in front, unless the one behind disowns this one too."""
        noted = self._notes.get(seq + 1, {hashed})
        disowned = hashed not in noted or (following is not None and hashed.encode() not in following)
        guilty = seq if seq == 0 or disowned else seq - 1
        beside = f"record {seq} names another hash for it" if guilty < seq else "its links do not hold"
        raise Bad(Problem.CHAIN, guilty, f"record {guilty} is not the one that was written: {beside}")

    def _check_payloads(self, data: Any, seq: int) -> None:
        for ref in references(data):
            problem = self._look(ref)
            if problem is not None:
                what = problem.value.partition("_")[2] or problem.value
                raise Bad(problem, seq, f"record {seq} names payload {ref.digest}: {what}")


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


def _recorded(journal: Journal, own: str | None) -> tuple[set[str], dict[str, list[Checkpoint]]]:
    """What the store's own stream says, as far as it can be read."""
    opened: set[str] = set()
    seals: dict[str, list[Checkpoint]] = {}
    for raw in journal.raw(own) if own else ():
        try:
            record = msgspec.json.decode(raw)
            if record["type"] == "stream.opened":
                opened.add(record["data"]["stream"])
            elif record["type"] == "stream.sealed":
                seal = converted(record["data"], Checkpoint)
                seals.setdefault(seal.stream, []).append(seal)
        except (msgspec.MsgspecError, KeyError, TypeError):
            continue  # the verdict about the store's own stream names this record
    return opened, seals
