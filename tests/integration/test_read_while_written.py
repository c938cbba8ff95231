"""Whoever reads while others write sees whole records, in order, from the first: an export always verifies."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from runbook.journal import Journal, open_store
from runbook.journal.export import export, verify_export
from runbook.journal.verify import verify
from support.journals import begun, draft

RUN = "run/1"
ROUNDS = 60


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each kind that processes share."""
    postgres = request.param == "postgres"
    return request.getfixturevalue("postgres").database() if postgres else f"sqlite://{tmp_path}/journal.db"


def writing(journal: Journal, over: threading.Event) -> None:
    """Several records in each transaction, with payloads; every third transaction is given up."""
    for number in range(ROUNDS):
        try:
            with journal.writing(RUN) as writer:
                for _ in range(3):
                    writer.append(draft(data={"number": number, "text": f"{number:05}" * 4000}))
                if number % 3 == 2:
                    raise InterruptedError
        except InterruptedError:
            continue
    over.set()


@pytest.mark.fault(90)
def test_a_reader_sees_whole_transactions_and_nothing_twice(url: str, tmp_path: Path) -> None:
    """Read, listed, exported and verified again and again, from another connection, while they are being written."""
    over = threading.Event()
    sizes: list[int] = []
    with closing(open_store(url)) as theirs, closing(open_store(url)) as journal:
        begun(theirs)
        writer = threading.Thread(target=writing, args=(theirs, over))
        writer.start()
        while not (done := over.is_set()) or not sizes:
            records = list(journal.read(RUN))
            assert [record.seq for record in records] == list(range(len(records)))
            [info] = journal.streams("run/")
            assert info.size >= len(records)
            file = tmp_path / "run.jsonl"
            file.write_bytes(b"".join(export(journal, RUN)))
            assert verify_export(file).ok
            assert [verdict for verdict in verify(journal, RUN) if not verdict.ok] == []
            sizes.append(len(records))
        writer.join()
        assert done
        assert sizes == sorted(sizes)
        assert {size % 3 for size in sizes} == {1}, "a transaction was seen in part"
        assert len(list(journal.read(RUN))) == 1 + 3 * ROUNDS * 2 // 3
