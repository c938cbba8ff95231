"""A stream as one file that stands for itself: JSON Lines, verifiable anywhere without the store.

{"v":1,"payload":"sha256:…","media":…,"text":…}          a payload (`base64` where it is no UTF-8), once,
{"actor":…,"prev":…,"v":1}                               before the record that names it: its stored bytes
{"checkpoint":{"head":…,"size":…,"stream":…},"v":1}      the last line; without it the file is unfinished.
                                                         `seals` beside `checkpoint` are the stream's, as text;
                                                         `store` is the one it is from, which signed words name

A payload that was dropped has no line: a record of the stream says so.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from runbook.core.dropped import Tombstone
from runbook.document.typed import converted
from runbook.errors import UsageError
from runbook.journal.canonical import canonical
from runbook.journal.drops import dropped
from runbook.journal.folder import told
from runbook.journal.journal import Journal
from runbook.journal.payloads import OURS, inner_references, references
from runbook.journal.port import Checkpoint, PayloadRef
from runbook.journal.problems import Bad, Problem, Verdict, Wrong
from runbook.journal.record import VERSION, Record, decode, genesis, sha256
from runbook.journal.seals import parsed
from runbook.journal.trust import Judge, TrustedKey
from runbook.journal.verify import seals_of, verify_stream

_PAYLOAD = re.compile(rb'"payload":"(sha256:[0-9a-f]{64})"')
_TAIL = 64 * 1024  # bytes from the end of a file in which its last line is looked for first


def export(journal: Journal, stream: str, seals: Sequence[str] = ()) -> Iterator[bytes]:
    """The lines of the file, each with its newline.

    Raises StoreError for a payload that is not there whole, and was not dropped.

    `seals` are those of the stream that were found beside the store; the store's own are in the file anyway.
    """
    if journal.head(stream) is None:
        raise UsageError(f"the store has no {stream}", hint="`runbook runs` lists what it has")
    told_of: set[tuple[str, str]] = set()
    gone = journal.dropped(stream)
    size, head = 0, genesis(stream)
    for raw in journal.raw(stream):
        for ref in references(msgspec.json.decode(raw)["data"]) if b'"payload":' in raw else ():
            yield from _payload_lines(journal, ref, told_of, gone)
        yield raw + b"\n"
        size, head = size + 1, sha256(raw)
    end: dict[str, Any] = {"v": VERSION, "checkpoint": {"stream": stream, "size": size, "head": head}}
    kept = [text for text in dict.fromkeys((*seals_of(journal, stream), *seals)) if parsed(text).size <= size]
    own = journal.own_stream()
    yield canonical(end | ({"seals": kept} if kept else {}) | ({"store": own} if own else {})) + b"\n"


def _payload_lines(
    journal: Journal, ref: PayloadRef, told_of: set[tuple[str, str]], gone: Container[str]
) -> Iterator[bytes]:
    if (ref.digest, ref.media) in told_of or ref.digest in gone:
        return
    told_of.add((ref.digest, ref.media))
    data = journal.get(ref.digest)
    for inner in inner_references(data, ref.media):
        yield from _payload_lines(journal, inner, told_of, gone)
    line = {"v": VERSION, "payload": ref.digest, "media": ref.media}
    try:
        yield canonical({**line, "text": data.decode()}) + b"\n"
    except UnicodeDecodeError:
        yield canonical({**line, "base64": base64.b64encode(data).decode()}) + b"\n"


def verify_export(
    path: Path, checkpoint: Checkpoint | None = None, *, seals: Sequence[str] = (), keys: Sequence[TrustedKey] = ()
) -> Verdict:
    """Verify a file that `export` wrote; `checkpoint` and `seals` were kept elsewhere, beside those in the file."""
    with told(f"read {path}"), path.open("rb") as lines:
        stream, own = _sealed(lines)
        judge = Judge([*own, *(text for text in seals if parsed(text).stream == stream)], keys, stream)
        file = _File(lines)
        verdict = verify_stream(file.records(), None, file.look, checkpoint, judge=judge)
    if verdict.problem not in (None, Problem.UNSEALED):
        return verdict
    expected = Checkpoint(verdict.stream, verdict.size, verdict.head)
    if file.problem is None and file.checkpoint == expected:
        return verdict
    reason = file.problem or f"its last line counts {_counted(file.checkpoint)}, and {expected.size} records are here"
    return Verdict(verdict.stream, verdict.size, verdict.head, Problem.UNFINISHED, verdict.size, reason)


def exported_records(path: Path, types: Collection[str]) -> tuple[str | None, Iterator[Record]]:
    """The store that a file says it is from, and its records of these types. To be read once the file was verified."""
    with told(f"read {path}"), path.open("rb") as lines:
        store = _last(lines).get("store")
    return (store if isinstance(store, str) else None), _decoded(path, [f'"type":"{t}"'.encode() for t in types])


def _decoded(path: Path, marks: Sequence[bytes]) -> Iterator[Record]:
    places: dict[str, int] = {}
    with told(f"read {path}"), path.open("rb") as lines, path.open("rb") as again:

        def payload(digest: str) -> bytes | Tombstone:
            if digest not in places:
                return _dropped(path)[digest]
            again.seek(places[digest])
            return _bytes_of(msgspec.json.decode(again.readline()))

        at = 0
        for line in lines:
            if line.startswith(b'{"actor":'):
                if any(mark in line for mark in marks):
                    yield decode(line.removesuffix(b"\n"), None, payload)
            elif found := _PAYLOAD.search(line):
                places[found[1].decode()] = at
            at += len(line)


def _dropped(path: Path) -> dict[str, Tombstone]:
    with path.open("rb") as lines:
        return dropped(line.removesuffix(b"\n") for line in lines)


def exported_stream(path: Path) -> str | None:
    """The stream that a file says it is the export of; None where its end does not say."""
    with told(f"read {path}"), path.open("rb") as lines:
        return _sealed(lines)[0]


def _sealed(lines: BinaryIO) -> tuple[str | None, list[str]]:
    """The stream and the seals in the last line, which must be known before the first is read."""
    line = _last(lines)
    try:
        return str(line["checkpoint"]["stream"]), [str(text) for text in line.get("seals", ())]
    except (KeyError, TypeError):
        return None, []


def _last(lines: BinaryIO) -> dict[str, Any]:
    """What the last line says; nothing where it is no object. Rewinds the file."""
    end, size = lines.seek(0, os.SEEK_END), _TAIL
    while True:
        lines.seek(max(0, end - size))
        tail = lines.read(size).rstrip(b"\n")
        if b"\n" in tail or size >= end:
            break
        size *= 8
    lines.seek(0)
    try:
        line = msgspec.json.decode(tail.rpartition(b"\n")[2])
    except msgspec.DecodeError:
        return {}
    return line if isinstance(line, dict) else {}


def _counted(found: Checkpoint | None) -> str:
    return "nothing" if found is None else f"{found.size} records of {found.stream} up to {found.head[:12]}"


class _File:
    """The lines of an export, one after another; of payloads only the digests are kept."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self._sizes: dict[str, int] = {}
        self._inside: dict[str, Sequence[Wrong]] = {}  # of those that name others, what is wrong with these
        self.checkpoint: Checkpoint | None = None
        self.problem: str | None = "the file has no checkpoint at its end: it is unfinished, or was cut"

    def records(self) -> Iterator[bytes]:
        seq = 0
        for line in self._lines:
            if self.checkpoint is not None:
                self.problem = "lines follow after the checkpoint"
                return
            raw = line.removesuffix(b"\n")
            if raw.startswith(b'{"actor":'):
                yield raw
                seq += 1
            else:
                self._other(raw, seq)

    def look(self, ref: PayloadRef) -> Sequence[Wrong]:
        """What is wrong with a payload that a record names: everything of it must stand before that record."""
        if ref.digest not in self._sizes:
            return (Wrong(Problem.PAYLOAD_MISSING, ref.digest),)
        if self._sizes[ref.digest] != ref.size:
            return (Wrong(Problem.PAYLOAD_CHANGED, ref.digest),)
        if ref.media not in OURS:
            return ()
        if ref.digest not in self._inside:  # it stands here as something else, so that nothing in it was followed
            return (Wrong(Problem.PAYLOAD_MISSING, ref.digest),)
        return self._inside[ref.digest]

    def _other(self, raw: bytes, seq: int) -> None:
        try:
            line = msgspec.json.decode(raw)
            if "checkpoint" in line:
                self.checkpoint = converted(line["checkpoint"], Checkpoint)
                self.problem = None
                return
            digest, media, data = line["payload"], line["media"], _bytes_of(line)
            inner = inner_references(data, media)
        except (msgspec.MsgspecError, binascii.Error, KeyError, TypeError, UnicodeEncodeError) as error:
            raise Bad(Problem.UNREADABLE, seq, f"the line before record {seq} cannot be read: {error}") from error
        if "sha256:" + sha256(data) != digest:
            raise Bad(Problem.PAYLOAD_CHANGED, seq, f"payload {digest}, which record {seq} names, was changed")
        self._sizes[digest] = len(data)
        if media in OURS:
            self._inside[digest] = [wrong for ref in inner for wrong in self.look(ref)]


def _bytes_of(line: dict[str, Any]) -> bytes:
    if "text" in line:
        return str(line["text"]).encode()
    return base64.b64decode(line["base64"], validate=True)
