"""What can be wrong with a stream, and the verdict on one."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

VERIFIED = "verified"


class Problem(StrEnum):
    """What is wrong with a record, a payload, a seal or a whole stream."""

    UNREADABLE = "unreadable"  # no JSON object, or a field of a record is missing
    VERSION = "version"  # of a format that this program does not know
    NOT_CANONICAL = "not_canonical"  # another spelling than RFC 8785's: not what was written
    STREAM = "stream"  # belongs to another stream
    GAP = "gap"  # records were removed
    REORDERED = "reordered"  # records were exchanged
    REPEATED = "repeated"  # a record that was there before, or one of its place
    CHAIN = "chain"  # is not what the record after it says
    TIME = "time"  # earlier than the record before it
    PAYLOAD_MISSING = "payload_missing"
    PAYLOAD_CHANGED = "payload_changed"
    REWRITTEN = "rewritten"  # fits its chain, and is another record than a checkpoint or seal says
    REPLACED = "replaced"  # not even the first record is the one that was sealed: another log altogether
    TRUNCATED = "truncated"  # shorter than a checkpoint or seal says
    VANISHED = "vanished"  # opened once, and no record is left
    UNRECORDED = "unrecorded"  # the store's own stream knows nothing of it
    UNFINISHED = "unfinished"  # an export without its last line, or with more after it
    SEAL_CHANGED = "seal_changed"  # a seal that its key did not sign as it stands
    SEAL_KEY = "seal_key"  # no seal by a key that was valid then
    SPLIT = "split"  # two seals of one size that contradict each other: the key signed two histories
    UNSEALED = "unsealed"  # its first record promises seals, and there are none
    SIGNATURE = "signature"  # a person's word counted, and its signature is not of what it says


class Verdict(msgspec.Struct, frozen=True):
    """What came of verifying a stream. `size` and `head` are of what verifies; `seq` is the first bad record.

    Where a tree's root alone shows that something was rewritten, `seq` is the first record that no good seal vouches
    for. `sealed` is how many records the newest seal that counts vouches for; `note` says what of sealing is not as
    it could be, though nothing is wrong. `dropped` counts payloads that are gone, and recorded as dropped.
    """

    stream: str
    size: int
    head: str
    problem: Problem | None = None
    seq: int | None = None
    message: str = VERIFIED
    sealed: int = 0
    note: str = ""
    dropped: int = 0

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return self.problem is None


class Wrong(NamedTuple):
    """A payload that is not as it was written: which, and in which way."""

    problem: Problem
    digest: str


class Bad(Exception):
    """Something does not verify; caught where the verdict is made. `found` is what stands in the place of `seq`."""

    def __init__(self, problem: Problem, seq: int | None, message: str, *, found: object = None) -> None:
        super().__init__(message)
        self.found = found
        self.problem = problem
        self.seq = seq
