"""A proof: one sealed record without the others, or that one seal goes on where another left off, without any.

    {"proof":{"hashes":["…"],"record":"{\\"actor\\":…","seal":"runbook-journal/v1/…"},"v":1}
    {"proof":{"before":"runbook-journal/v1/…","hashes":["…"],"seal":"runbook-journal/v1/…"},"v":1}

`seal` is the newer one, `hashes` lead to its root (RFC 6962, `merkle.py`). With the public key nothing else is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from runbook.errors import BrokenChain, UsageError
from runbook.journal.canonical import canonical
from runbook.journal.folder import told
from runbook.journal.journal import Journal
from runbook.journal.merkle import consistency, consistent, included, inclusion, leaf, root
from runbook.journal.problems import Problem, Verdict
from runbook.journal.record import VERSION, sha256
from runbook.journal.seals import Seal, check, parsed, signers
from runbook.journal.trust import TrustedKey

_BEGINS = b'{"proof":'


class Proof(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a file holds: `record` or `before`, and the hashes (hexadecimal) that lead to the root of `seal`."""

    seal: str
    hashes: tuple[str, ...]
    record: str | None = None
    before: str | None = None


class _Found(NamedTuple):
    """Whether the hashes lead there, in words; the record's hash, place and time where it is about one."""

    good: bool
    said: str
    head: str = ""
    seq: int | None = None
    at: str | None = None


def prove_record(journal: Journal, stream: str, seq: int, seals: Sequence[str]) -> bytes:
    """The proof that a record is one of those that the newest of these seals vouches for."""
    if seq < 0:
        raise UsageError(f"there is no record {seq}", hint="records are counted from 0")
    newest = _newest(seals, stream, seq + 1)
    raws = _sealed(journal, stream, newest)
    hashes = inclusion([leaf(raw) for raw in raws], seq)
    return _file(Proof(newest, tuple(one.hex() for one in hashes), record=raws[seq].decode()))


def prove_since(journal: Journal, stream: str, before: str, seals: Sequence[str]) -> bytes:
    """The proof that the newest of these seals is of the records that the seal `before` was of, and more."""
    old = parsed(before)
    newest = _newest(seals, stream, old.size)
    hashes = consistency([leaf(raw) for raw in _sealed(journal, stream, newest)], old.size)
    return _file(Proof(newest, tuple(one.hex() for one in hashes), before=before))


def is_proof(path: Path) -> bool:
    """Whether a file is a proof, not an export."""
    with told(f"read {path}"), path.open("rb") as file:
        return file.read(len(_BEGINS)) == _BEGINS


def verify_proof(path: Path, keys: Sequence[TrustedKey]) -> Verdict:
    """Whether a proof holds, and its seals are signed. UsageError for a file that is none."""
    with told(f"read {path}"):
        data = path.read_bytes()
    try:
        proof = msgspec.json.decode(msgspec.json.decode(data, type=dict[str, msgspec.Raw])["proof"], type=Proof)
        hashes = [bytes.fromhex(one) for one in proof.hashes]
        new = parsed(proof.seal)
        if proof.record is not None:
            return _judged(proof, new, _of_record(proof.record, hashes, new), keys)
        return _judged(proof, new, _since(parsed(proof.before or ""), hashes, new), keys)
    except (msgspec.MsgspecError, KeyError, ValueError) as error:
        raise UsageError(f"{path} is no proof: {error}", hint="`runbook log prove` makes one") from error


def _of_record(record: str, hashes: list[bytes], seal: Seal) -> _Found:
    raw = record.encode()
    fields = msgspec.json.decode(raw)
    if fields["stream"] != seal.stream:
        return _Found(False, f"the record is of {fields['stream']}, and the seal of {seal.stream}")
    seq, at = int(fields["seq"]), str(fields["at"])
    said = f"record {seq} is {{}} of the {seal.size} that were sealed"
    good = included(leaf(raw), seq, seal.size, hashes, bytes.fromhex(seal.root))
    return _Found(good, said.format("one" if good else "none"), sha256(raw), seq, at)


def _since(old: Seal, hashes: list[bytes], new: Seal) -> _Found:
    roots = bytes.fromhex(old.root), bytes.fromhex(new.root)
    good = old.stream == new.stream and consistent(old.size, new.size, hashes, *roots)
    begin = "begin" if good else "do not begin"
    return _Found(good, f"the {new.size} records that were sealed {begin} with the {old.size} that were sealed before")


def _judged(proof: Proof, seal: Seal, found: _Found, keys: Sequence[TrustedKey]) -> Verdict:
    verdict = Verdict(seal.stream, seal.size, found.head, message=found.said, sealed=seal.size)
    if not found.good:
        return msgspec.structs.replace(verdict, problem=Problem.REWRITTEN, seq=found.seq, sealed=0)
    if not keys:
        return msgspec.structs.replace(verdict, note="the signature is not checked without a public key")
    for text in filter(None, (proof.seal, proof.before)):
        wrong = _unsigned(text, keys, found.at)
        if wrong is not None:
            return msgspec.structs.replace(verdict, problem=wrong[0], message=wrong[1], sealed=0)
    return verdict


def _unsigned(text: str, keys: Sequence[TrustedKey], at: str | None) -> tuple[Problem, str] | None:
    """Why a seal does not count. Of a proof only its own record's time is known, so the key must be valid then."""
    named = [trust for trust in keys if trust.key.called in signers(text)]
    if not named:
        return Problem.SEAL_KEY, f"signed by {', '.join(signers(text)) or 'nobody'}, which is no trusted key"
    valid = [trust for trust in named if at is None or trust.valid(at)]
    if not valid:
        return Problem.SEAL_KEY, f"{named[0].told} was not valid at {at}, when the record was written"
    try:
        check(text, valid[0].key)
    except BrokenChain as error:
        return Problem.SEAL_CHANGED, error.message
    return None


def _newest(seals: Sequence[str], stream: str, size: int) -> str:
    """The newest seal of so many records or more."""
    found = [text for text in seals if parsed(text).stream == stream and parsed(text).size >= size]
    if not found:
        raise UsageError(f"no seal of {stream} covers record {size - 1}", hint="`runbook seal now RUN` makes one")
    return max(found, key=lambda text: parsed(text).size)


def _sealed(journal: Journal, stream: str, seal: str) -> list[bytes]:
    """The records that a seal vouches for. BrokenChain where they are not those."""
    said = parsed(seal)
    raws = list(islice(journal.raw(stream), said.size))
    if root([leaf(raw) for raw in raws]).hex() != said.root:
        hint = "nothing can be proven; `runbook log verify` says what is wrong"
        raise BrokenChain(f"{stream} is not what was sealed", stream=stream, seq=0, hint=hint)
    return raws


def _file(proof: Proof) -> bytes:
    return canonical({"v": VERSION, "proof": msgspec.to_builtins(proof)}) + b"\n"
