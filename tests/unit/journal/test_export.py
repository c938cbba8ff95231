from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.errors import StoreError, UsageError
from runbook.journal import Checkpoint, Journal
from runbook.journal.export import export, exported_records, verify_export
from runbook.journal.problems import Problem
from support.journals import begun, draft, in_memory


@pytest.fixture
def journal() -> Journal:
    journal = begun(in_memory(), notes=2)
    rows = [{"raw": b"\xff\x00", "text": "x" * 100}] * 300
    with journal.writing("run/1") as writer:
        writer.append(draft(data={"output": "a line\u2028of text\n" * 2000, "rows": rows}))
        writer.append(draft(data={"output": "a line\u2028of text\n" * 2000}))
    return journal


@pytest.fixture
def lines(journal: Journal) -> list[bytes]:
    return list(export(journal, "run/1"))


def saved(folder: Path, lines: list[bytes]) -> Path:
    path = folder / "run.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def test_an_export_stands_for_itself(journal: Journal, lines: list[bytes], tmp_path: Path):
    """It verifies without the store, to the same size and head, and holds the stored bytes."""
    verdict = verify_export(saved(tmp_path, lines))
    assert verdict.ok, verdict.message
    assert (verdict.stream, verdict.size, verdict.head) == ("run/1", 5, journal.head("run/1").hash)
    assert [line[:-1] for line in lines if line.startswith(b'{"actor"')] == list(journal.raw("run/1"))


def test_each_payload_stands_once_before_its_record(lines: list[bytes]):
    """Text as text, bytes as base64, what is inside of a payload before it."""
    kinds = [
        next(name for name in ("actor", "checkpoint", "text", "base64") if name in json.loads(line)) for line in lines
    ]
    assert kinds == ["actor", "actor", "actor", "text", "base64", "text", "actor", "actor", "checkpoint"]


def test_the_last_line_is_the_checkpoint(journal: Journal, lines: list[bytes]):
    """In the documented form, with the store that it is from."""
    expected = {"stream": "run/1", "size": 5, "head": journal.head("run/1").hash}
    assert json.loads(lines[-1]) == {"v": 1, "checkpoint": expected, "store": journal.own_stream()}


def test_records_of_a_type_are_read_back_from_an_export(journal: Journal, lines: list[bytes], tmp_path: Path):
    """As the store gives them, payloads and all; what an older program wrote names no store."""
    path = saved(tmp_path, lines)
    types = {record.type for record in journal.read("run/1", after=0)}
    store, found = exported_records(path, types)
    expected = [(each.seq, each.data) for each in journal.read("run/1") if each.type in types]
    assert (store, [(each.seq, each.data) for each in found]) == (journal.own_stream(), expected)
    bare = json.dumps({"checkpoint": json.loads(lines[-1])["checkpoint"], "v": 1}).encode()
    assert exported_records(saved(tmp_path, [*lines[:-1], bare]), types)[0] is None


TAMPERED = {
    "no checkpoint": (lambda lines: lines[:-1], Problem.UNFINISHED, 5),
    "more after it": (lambda lines: [*lines, lines[0]], Problem.UNFINISHED, 5),
    "another count": (lambda lines: [*lines[:7], lines[8]], Problem.UNFINISHED, 4),
    "cut within a line": (lambda lines: [*lines[:7], lines[7][:50]], Problem.UNREADABLE, 4),
    "a record removed": (lambda lines: [lines[0], *lines[2:]], Problem.GAP, 1),
    "a record changed": (
        lambda lines: [lines[0], lines[1].replace(b'"number":0', b'"number":9'), *lines[2:]],
        Problem.CHAIN,
        1,
    ),
    "a payload removed": (lambda lines: [*lines[:3], *lines[4:]], Problem.PAYLOAD_MISSING, 3),
    "an inner payload removed": (lambda lines: [*lines[:4], *lines[5:]], Problem.PAYLOAD_MISSING, 3),
    "a payload changed": (
        lambda lines: [line.replace(b"a line", b"a lime") for line in lines],
        Problem.PAYLOAD_CHANGED,
        3,
    ),
    "a payload's type changed": (
        lambda lines: [
            line.replace(b"vnd.runbook.tree+json", b"json") if b'"text"' in line else line for line in lines
        ],
        Problem.PAYLOAD_MISSING,
        3,
    ),
    "garbage in between": (lambda lines: [*lines[:2], b"garbage\n", *lines[2:]], Problem.UNREADABLE, 2),
    "a foreign line": (lambda lines: [*lines[:2], b'{"hello":1}\n', *lines[2:]], Problem.UNREADABLE, 2),
    "empty": (lambda lines: [], Problem.UNFINISHED, 0),
}


@pytest.mark.fault(84)
@pytest.mark.parametrize("case", TAMPERED)
def test_tampering_is_named(lines: list[bytes], tmp_path: Path, case: str):
    """Which record, and what is wrong with it."""
    tamper, problem, seq = TAMPERED[case]
    verdict = verify_export(saved(tmp_path, tamper(lines)))
    assert (verdict.problem, verdict.seq) == (problem, seq), verdict.message


@pytest.mark.fault(84)
def test_a_shorter_export_shows_against_a_checkpoint(journal: Journal, tmp_path: Path):
    """An honest export of a stream that was cut before is not what somebody noted."""
    head = journal.head("run/1")
    path = saved(tmp_path, list(export(begun(in_memory(), notes=2), "run/1")))
    assert verify_export(path).ok
    verdict = verify_export(path, Checkpoint("run/1", head.seq + 1, head.hash))
    assert verdict.problem is Problem.TRUNCATED


@pytest.mark.fault(92)
def test_what_is_not_there_cannot_be_exported(journal: Journal, tmp_path: Path):
    """Said before the first line; a file that is not there is said too."""
    with pytest.raises(UsageError, match="no run/none"):
        list(export(journal, "run/none"))
    with pytest.raises(StoreError, match="cannot read"):
        verify_export(tmp_path / "none.jsonl")
