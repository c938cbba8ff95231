"""Which seals of a stream count, and what they say to its records.

A seal counts if a key that is trusted signed it, and that key was valid at the time of the last record that it seals:
so that whoever holds today's key cannot seal anew what was written before it. Without any key to trust, seals are
compared with the records all the same, and their signatures are said to be unchecked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from runbook.errors import BrokenChain, UsageError
from runbook.journal.merkle import Growing
from runbook.journal.problems import Bad, Problem
from runbook.journal.seals import PublicKey, Seal, check, parsed, public_key, signers

_ENDLESS = "9999"  # sorts behind every date


class TrustedKey(msgspec.Struct, frozen=True):
    """A key to trust for records whose `at` is from `start` to before `end`, both as `at` is written."""

    key: PublicKey
    start: str = ""
    end: str = _ENDLESS

    def valid(self, at: str) -> bool:
        """Whether it may seal what was written last at this time."""
        return self.start <= at < self.end

    @property
    def until(self) -> str | None:
        """Its end; None where it has none."""
        return None if self.end == _ENDLESS else self.end

    @property
    def told(self) -> str:
        """Name and time, for a message."""
        since = f" from {self.start[:10]}" if self.start else ""
        until = f" until {self.end[:10]}" if self.end != _ENDLESS else ""
        return f"{self.key.called} (valid{since}{until})" if since or until else self.key.called


def trusted(line: str, start: str | None = None, end: str | None = None) -> TrustedKey:
    """The key of a public line, trusted from a date or instant until another (UTC). UsageError for what is no key."""
    return TrustedKey(public_key(line), _instant(start) if start else "", _instant(end) if end else _ENDLESS)


class Judge:
    """The seals of one stream, held against its records as they go by, in order."""

    def __init__(self, texts: Iterable[str], keys: Sequence[TrustedKey], stream: str | None = None) -> None:
        self.given = 0  # seals in all
        self.counted = 0  # seals that vouch for what was seen
        self.sealed = 0  # records that the newest of them vouches for
        self._keys = keys
        self._stream = stream
        self._tree = Growing()
        self._due: dict[int, list[tuple[Seal, tuple[TrustedKey, ...]]]] = {}
        self._changed: tuple[Problem, int | None, str] | None = None  # a seal that is not as its key signed it
        self._refused = ""  # why some seal does not count
        for text in dict.fromkeys(texts):
            self._sort(text)

    def take(self, raw: bytes, at: str) -> None:
        """The next record. Raises Bad when a seal says something else about the records so far."""
        if not self._due:
            return
        self._tree.add(raw)
        due = self._due.get(self._tree.size)
        if due is not None:
            self._compare(self._tree.size, [seal.root for seal, keys in due if self._valid(keys, at)])

    def end(self, size: int) -> None:
        """There are no more records. Raises Bad for what is missing, and for a seal that was tampered with."""
        longest = max(self._due, default=0)
        if longest > size:
            told = "" if self.counted else "; no shorter seal says whether the rest is what it was"
            message = f"{longest} records were sealed and {size} are here: from record {size} on they are missing{told}"
            raise Bad(Problem.TRUNCATED, size, message)
        if self._changed is not None:
            raise Bad(*self._changed)
        if self._refused and not self.counted:
            raise Bad(Problem.SEAL_KEY, None, f"no seal counts: {self._refused}")

    @property
    def unchecked(self) -> bool:
        """Whether seals were compared that nobody's key was named for."""
        return bool(self._due) and not self._keys

    def _sort(self, text: str) -> None:
        """A seal whose signature holds waits for its record; of another's key, it does not count."""
        self.given += 1
        try:
            seal, names = parsed(text), signers(text)
        except UsageError as error:
            self._changed = (Problem.SEAL_CHANGED, None, error.message)
            return
        if self._stream not in (None, seal.stream):
            self._changed = (
                Problem.SEAL_CHANGED,
                None,
                f"a seal of {seal.stream} stands among those of {self._stream}",
            )
            return
        if not self._keys:
            self._due.setdefault(seal.size, []).append((seal, ()))
            return
        named = [trust for trust in self._keys if trust.key.called in names]
        if not named:
            signed = ", ".join(names) or "nobody"
            self._refused = f"signed by {signed}, and trusted are {', '.join(key.told for key in self._keys)}"
            return
        good = tuple(trust for trust in named if _holds(text, trust.key))
        if good:
            self._due.setdefault(seal.size, []).append((seal, good))
        else:
            message = f"the seal of {seal.size} records is not what {named[0].key.called} signed"
            self._changed = (Problem.SEAL_CHANGED, max(0, seal.size - 1), message)

    def _valid(self, keys: tuple[TrustedKey, ...], at: str) -> bool:
        if not keys or any(trust.valid(at) for trust in keys):
            return True
        self._refused = f"{keys[0].told} was not valid at {at}, when the last record that it seals was written"
        return False

    def _compare(self, size: int, roots: list[str]) -> None:
        if not roots:
            return
        found, vouched = self._tree.root.hex(), self.sealed
        if found not in roots:
            if size == 1:
                raise Bad(Problem.REPLACED, 0, "not even record 0 is the one that was sealed: this is another log")
            if vouched == size - 1:
                raise Bad(Problem.REWRITTEN, vouched, f"record {vouched} is another one than was sealed")
            message = f"records {vouched} to {size - 1} fit their chain, and are not all those that were sealed"
            raise Bad(Problem.REWRITTEN, vouched, message)
        if any(root != found for root in roots):
            message = f"two seals of {size} records contradict each other: the key has signed two histories"
            raise Bad(Problem.SPLIT, vouched, message)
        self.counted, self.sealed = self.counted + 1, size


def _holds(text: str, key: PublicKey) -> bool:
    try:
        check(text, key)
    except BrokenChain:
        return False
    return True


def _instant(text: str) -> str:
    """A date or an RFC 3339 instant as `at` of records is written."""
    from datetime import UTC, datetime

    from runbook.journal.record import stamp

    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", hint="write 2026-11-23, or 2026-11-23T03:00:00Z") from error
    return stamp((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
