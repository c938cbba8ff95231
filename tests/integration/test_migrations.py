"""Stores are brought forward, never back: what a released version has left, by a later format that only tests know."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from runbook.errors import Refused, StoreError
from runbook.journal import Journal, open_store, store_at
from runbook.journal.copying import copy
from runbook.journal.ready import ready
from runbook.journal.verify import verify
from support import frozen, second_format
from support.journals import draft
from support.projects import COMMAND

VERSIONS = sorted(path.parent for path in (Path(__file__).parents[1] / "replay").glob(f"*/{frozen.KEPT}"))
TESTS = Path(__file__).parents[1]
RUN = f"run/{frozen.RUNS['resolved']}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store of the first format, as it was left."""
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    return frozen.laid_out(VERSIONS[0], tmp_path / "project", server)


def contents(journal: Journal) -> dict[str, list[bytes]]:
    return {name: list(journal.raw(name)) for name in journal.names()}


def whole(journal: Journal) -> bool:
    return all(verdict.ok for verdict in verify(journal))


def noted(journal: Journal) -> int:
    """How many records a run has after one more."""
    with journal.writing(RUN) as writer:
        writer.append(draft())
        return writer.size


def migrating(url: str, point: int) -> subprocess.CompletedProcess[str]:
    """A process of the later version, which is killed at that point of its way."""
    argv = [sys.executable, "-m", "support.second_format", url, str(point)]
    return subprocess.run(argv, cwd=TESTS, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.fault(89)
def test_an_older_store_is_read_until_it_is_brought_forward(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it holds is the same before and after; in between nothing can be written, and the way is named."""
    with closing(open_store(url)) as before:
        was = contents(before)
    second_format.known(monkeypatch, url)
    with closing(open_store(url)) as journal:
        assert contents(journal) == was
        assert whole(journal)
        for write in (noted, Journal.check_writable, lambda journal: journal.lease(RUN, {})):
            with pytest.raises(StoreError, match=r"older version of runbook \(format 1, here 2\)") as error:
                write(journal)
            assert "`runbook store migrate`" in str(error.value.hint)
        with pytest.raises(StoreError, match="older version"):
            ready(url)
        journal.migrate()
        assert (journal.format, contents(journal), whole(journal)) == (2, was, True)
        assert noted(journal) == len(was[RUN]) + 1
        journal.migrate()
        assert journal.format == 2


@pytest.mark.fault(83)
def test_killed_anywhere_on_its_way_it_is_the_old_store_or_the_new_one(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And running it again brings it there."""
    with closing(open_store(url)) as before:
        was = contents(before)
    formats = []
    while (done := migrating(url, len(formats) + 1)).returncode == -signal.SIGKILL:
        with closing(open_store(url)) as journal:
            formats.append(journal.format)
            assert contents(journal) == was
    assert (done.returncode, done.stderr) == (0, "")
    assert formats == [1] * (len(formats) - 1) + [2]
    assert len(formats) >= 5
    second_format.known(monkeypatch, url)
    with closing(open_store(url)) as journal:
        assert (journal.format, contents(journal), whole(journal)) == (2, was, True)
        assert noted(journal) == len(was[RUN]) + 1


@pytest.mark.fault(89)
def test_who_has_it_open_writes_no_more_once_it_was_brought_forward(url: str) -> None:
    """A process of the older version goes on for hours: it reads on, and is told why it cannot write."""
    with closing(open_store(url)) as older:
        size = noted(older)
        assert migrating(url, 0).returncode == 0
        with pytest.raises(StoreError, match=r"newer version of runbook \(format 2, here 1\)") as error:
            noted(older)
        assert "use that version" in str(error.value.hint)
        assert len(list(older.read(RUN))) == size
    with closing(open_store(url)) as again, pytest.raises(StoreError, match="newer version"):
        noted(again)


@pytest.mark.fault(89)
def test_a_newer_store_is_brought_nowhere(url: str, tmp_path: Path) -> None:
    """Neither back, nor to another place without what this version does not know of; each command says so."""
    assert migrating(url, 0).returncode == 0
    with closing(open_store(url)) as journal:
        with pytest.raises(StoreError, match="newer version of runbook"):
            journal.migrate()
        with pytest.raises(StoreError, match="newer version of runbook"):
            noted(journal)
        assert journal.format == 2
    with pytest.raises(Refused, match=r"of format 2, and this version's is 1"):
        copy(store_at(url), store_at(str(tmp_path / "copy.db")))
    with pytest.raises(StoreError, match="newer version"):
        ready(url)
    for words, code in (("store migrate", 4), ("log verify", 0), ("runs", 0), ("run queue --yes", 4)):
        argv = [*COMMAND, *words.split()]
        said = subprocess.run(argv, cwd=tmp_path / "project", capture_output=True, text=True, timeout=60, check=False)
        assert said.returncode == code, (words, said.stdout, said.stderr)
        assert code == 0 or ("newer version of runbook" in said.stderr and "use that version" in said.stderr)


def test_nothing_is_brought_forward_under_a_runner(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could not record what it has done; it is named."""
    with closing(open_store(url)) as older:
        stream = f"run/{frozen.RUNS['waiting']}"
        lease = older.lease(stream, {"user": "ana", "host": "ops-1"})
        second_format.known(monkeypatch, url)
        with closing(open_store(url)) as newer:
            with pytest.raises(Refused, match="is run by user ana, host ops-1"):
                newer.migrate()
            assert newer.format == 1
            lease.release()
            newer.migrate()
            assert newer.format == 2


def test_two_who_bring_it_forward_do_it_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finds it done."""
    argv = [sys.executable, "-m", "support.second_format", url, "0"]
    both = [subprocess.Popen(argv, cwd=TESTS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "ab"]
    assert [(one.communicate(timeout=60)[1], one.returncode) for one in both] == [("", 0)] * 2
    second_format.known(monkeypatch, url)
    with closing(open_store(url)) as journal:
        assert (journal.format, whole(journal)) == (2, True)
