"""What only the store in a file promises: durability, permissions, other processes, and disks that fail."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from runbook.errors import Fenced, StoreError, UsageError
from runbook.journal import Busy, Journal, StoreFull, open_store
from runbook.journal.verify import verify
from support.journals import Ticks, begun, draft

PROLOGUE = """
import os, sys
from runbook.journal import Actor, Draft, open_store
journal = open_store("sqlite://" + sys.argv[1])
def note(type_="note.added"):
    return Draft(type_, None, {"pid": os.getpid()}, Actor("person", "ana"))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path):
    journal = open_store(f"sqlite://{path}", clock=Ticks())
    yield journal
    journal.close()


@pytest.fixture
def process(path: Path):
    """Starts another process with the store open as `journal`, and ends it with the test."""
    with ExitStack() as stack:

        def start(program: str) -> subprocess.Popen[str]:
            argv = [sys.executable, "-c", PROLOGUE + program, str(path)]
            child = stack.enter_context(
                subprocess.Popen(argv, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
            )
            stack.callback(child.kill)
            return child

        yield start


def test_a_commit_is_on_the_disk(journal: Journal):
    """Write-ahead log, synchronous FULL: the two settings that durability rests on."""
    connection = journal._store._connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_the_import_is_paid_when_a_file_is_opened(run_python):
    """A program that only imports the journal loads neither sqlite3 nor cryptography."""
    program = "import sys, runbook.journal; print({'sqlite3', 'cryptography', 'rfc8785'} & set(sys.modules))"
    assert run_python(program) == "set()"


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        ("mysql://host/db", UsageError, "no store is called"),
        ("sqlite:///", UsageError, "names no file"),
        ("sqlite:///dev/null/x.db", StoreError, "cannot open the store"),
    ],
)
def test_urls_that_name_no_store(url: str, error: type[Exception], message: str):
    """Each with what to use instead."""
    with pytest.raises(error, match=message):
        open_store(url)


def test_a_url_and_a_path_name_the_same_store(journal: Journal, path: Path):
    """`--store` takes either."""
    begun(journal)
    with closing(open_store(str(path))) as other:
        assert [info.stream for info in other.streams("run/")] == ["run/1"]


def test_processes_make_a_store_together(tmp_path: Path, process):
    """Whoever comes first makes it, and all the others find it made; so does who finds an empty file."""
    (tmp_path / "journal.db").touch()
    program = "journal.open_stream(f'run/{os.getpid()}', note('run.started'), epoch=1)"
    assert [child.wait(60) for child in [process(program) for _ in range(4)]] == [0] * 4
    with closing(open_store(str(tmp_path / "journal.db"))) as journal:
        assert len(journal.names("run/")) == 4
        assert all(verdict.ok for verdict in verify(journal))


HALF_MADE = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("CREATE TABLE records (raw BLOB)")
connection.executemany("INSERT INTO records VALUES (zeroblob(?))", [(50_000,)] * 20)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.fault(83, 85)
def test_a_store_whose_maker_died_is_made_anew(path: Path):
    """What stands half written in the file is taken back by whoever comes next; it is no other program's file."""
    subprocess.run([sys.executable, "-c", HALF_MADE, str(path)], check=False)
    assert path.stat().st_size > 0
    assert path.with_name("journal.db-journal").exists()
    with closing(open_store(str(path), clock=Ticks())) as journal:
        begun(journal)
        assert all(verdict.ok for verdict in verify(journal))


# who may read it


@pytest.mark.fault(96)
def test_a_store_is_its_owners(journal: Journal, path: Path):
    """Whatever the umask: files 0600, folders 0700."""
    begun(journal)
    journal.put(b"x", "text/plain")
    journal.key("1")
    lease = journal.lease("run/1", {})
    for place in [path, *path.parent.glob("journal.db*"), *(path.parent / "journal.db.d").rglob("*")]:
        assert stat.S_IMODE(place.stat().st_mode) == (0o700 if place.is_dir() else 0o600), place
    lease.release()


@pytest.mark.fault(96)
def test_a_group_shares_a_store_in_its_folder(tmp_path: Path):
    """In a group-writable folder, files are 0660 and folders 2770, also under umask 077."""
    tmp_path.chmod(0o2770)
    before = os.umask(0o077)
    try:
        journal = begun(open_store(f"sqlite://{tmp_path}/journal.db", clock=Ticks()))
        journal.put(b"x", "text/plain")
        journal.key("1")
        lease = journal.lease("run/1", {})
    finally:
        os.umask(before)
    for place in tmp_path.rglob("*"):
        assert stat.S_IMODE(place.stat().st_mode) == (0o2770 if place.is_dir() else 0o660), place
    lease.release()
    journal.close()


def test_a_link_in_a_shared_folder_leads_to_no_file_of_ours(tmp_path: Path):
    """Whoever else may write there could otherwise have any file of ours opened to the group, and filled with zeros."""
    tmp_path.chmod(0o2770)
    mine = tmp_path / "mine"
    mine.write_text("a key")
    mine.chmod(0o600)
    with closing(begun(open_store(f"sqlite://{tmp_path}/journal.db", clock=Ticks()))) as journal:
        folder = tmp_path / "journal.db.d"
        for name in ("reserve", "leases/run_1", "secret.lock"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).unlink(missing_ok=True)
            (folder / name).symlink_to(mine)
        for doing in (lambda: journal.lease("run/1", {}), lambda: journal.key("1")):
            with pytest.raises(StoreError):
                doing()
    with closing(open_store(f"sqlite://{tmp_path}/journal.db", clock=Ticks())):
        assert (mine.read_text(), stat.S_IMODE(mine.stat().st_mode)) == ("a key", 0o600)


# other processes


@pytest.mark.fault(90)
def test_processes_append_without_losing_a_record(journal: Journal, process):
    """Two guests and a runner at once: every record is there, and the chain is whole."""
    begun(journal)
    guest = "for _ in range(60):\n with journal.writing('run/1') as w: w.append(note('vote.given'))"
    runner = (
        "lease, seen = journal.lease('run/1', {}), -1\n"
        "for _ in range(60):\n with journal.writing('run/1', lease) as w:\n"
        "  for r in w.tail(seen): seen = r.seq\n  seen = w.append(note('step.observed')).seq"
    )
    processes = [process(program) for program in (guest, guest, runner)]
    assert [child.wait(60) for child in processes] == [0, 0, 0]
    records = list(journal.read("run/1"))
    assert len(records) == 181
    assert len({(record.data.get("pid"), record.type) for record in records[1:]}) == 3
    assert all(verdict.ok for verdict in verify(journal))


@pytest.mark.fault(90)
def test_another_process_is_noticed(journal: Journal, process):
    """Polling sees what others commit."""
    begun(journal)
    mark = journal.changed("run/1")
    assert process("with journal.writing('run/1') as w: w.append(note())").wait(60) == 0
    assert journal.changed("run/1") != mark


@pytest.mark.fault(86)
def test_a_lease_ends_with_its_process(journal: Journal, process):
    """Killed without warning, it leaves a lease that the next can take; a child of it does not keep it."""
    begun(journal)
    child = process(
        "import subprocess\njournal.lease('run/1', {'pid': os.getpid()})\n"
        "print(subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL).pid, flush=True)\nsys.stdin.read()",
    )
    grandchild = int(child.stdout.readline())
    with pytest.raises(Busy) as busy:
        journal.lease("run/1", {})
    assert busy.value.holder["pid"] == child.pid
    child.kill()
    child.communicate()
    assert journal.holder("run/1") is None
    assert journal.lease("run/1", {}).epoch == 3
    os.kill(grandchild, signal.SIGKILL)


@pytest.mark.fault(86)
def test_a_runner_that_slept_through_a_takeover_is_fenced(journal: Journal, path: Path, process):
    """Even with its lock lost (the file removed under it), it cannot write once another has taken over."""
    old = journal.lease("run/1", {})
    journal.open_stream("run/1", draft("run.started"), epoch=old.epoch)
    next((path.parent / "journal.db.d" / "leases").iterdir()).unlink()
    other = process("l = journal.lease('run/1', {})\nwith journal.writing('run/1', l) as w: w.append(note())")
    assert other.wait(60) == 0
    with pytest.raises(Fenced), journal.writing("run/1", old) as writer:
        writer.append(draft("change.intended"))
    assert [record.epoch for record in journal.read("run/1")] == [1, 2]


@pytest.mark.fault(83)
def test_a_kill_leaves_whole_transactions(journal: Journal, process):
    """SIGKILL at any moment: what was said to be written is there, in pairs, and everything verifies."""
    begun(journal)
    program = (
        "while True:\n with journal.writing('run/1') as w: w.append(note()); w.append(note('vote.given'))\n"
        " print(w.size, flush=True)"
    )
    for pause in (0.0, 0.003, 0.011, 0.017, 0.02):
        child = process(program)
        child.stdout.readline()
        time.sleep(pause)
        child.kill()
        sizes = [int(line) for line in child.communicate()[0].splitlines() if line]
        written = journal.head("run/1").seq + 1
        assert written >= max(sizes, default=0)
        assert written % 2 == 1
        assert all(verdict.ok for verdict in verify(journal))


# disks that fail


class Failing:
    """A connection of which one statement fails, as the disk would make it fail."""

    def __init__(self, real: sqlite3.Connection, statement: str, code: int, message: str) -> None:
        self.real, self.statement, self.code, self.message = real, statement, code, message

    def __getattr__(self, name: str):
        return getattr(self.real, name)

    def execute(self, sql: str, values: tuple[object, ...] = ()):
        if sql.startswith(self.statement):
            error = sqlite3.OperationalError(self.message)
            error.sqlite_errorcode = self.code
            raise error
        return self.real.execute(sql, values)


FAULTS = [
    (sqlite3.SQLITE_FULL, "database or disk is full", "free some space"),
    (sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error", "full, read-only or failing"),
    (sqlite3.SQLITE_READONLY, "attempt to write a readonly database", "read-only for you"),
]


@pytest.mark.fault(85)
@pytest.mark.parametrize("statement", ["BEGIN", "INSERT", "COMMIT"])
@pytest.mark.parametrize(("code", "message", "hint"), FAULTS)
def test_a_failed_write_keeps_nothing_and_says_what_to_do(
    journal: Journal, statement: str, code: int, message: str, hint: str
):
    """Wherever the disk fails, nothing of the transaction is there, and it can be read."""
    begun(journal, notes=1)
    head, store = journal.head("run/1"), journal._store
    real = store._connection
    store._connection = Failing(real, statement, code, message)
    with pytest.raises(StoreError, match=f"{message}.*{hint}"), journal.writing("run/1") as writer:
        writer.append(draft())
    store._connection = real
    assert journal.head("run/1") == head
    assert len(list(journal.read("run/1"))) == 2


@pytest.mark.fault(85)
def test_after_a_failed_commit_nothing_more_is_written(journal: Journal):
    """A second fsync may succeed with the data gone: only a new process may go on."""
    begun(journal)
    store, real = journal._store, journal._store._connection
    store._connection = Failing(real, "COMMIT", sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error")
    with pytest.raises(StoreError), journal.writing("run/1") as writer:
        writer.append(draft())
    store._connection = real
    with pytest.raises(StoreError, match=r"failed before.*resume in a new process"), journal.writing("run/1"):
        pass
    with pytest.raises(StoreError):
        journal.put(b"x", "text/plain")


@pytest.mark.fault(85)
def test_a_full_disk_leaves_room_for_what_has_happened(journal: Journal, path: Path):
    """The reserve is given free once: a result can be recorded, then everything says that it is full."""
    begun(journal)
    reserve = path.parent / "journal.db.d" / "reserve"
    assert reserve.stat().st_blocks * 512 >= 2**20
    store, real = journal._store, journal._store._connection
    store._connection = Failing(real, "COMMIT", sqlite3.SQLITE_FULL, "database or disk is full")
    for again in (True, False):
        with pytest.raises(StoreFull) as full, journal.writing("run/1") as writer:
            writer.append(draft())
        assert full.value.again is again
        assert not reserve.exists()
    store._connection = real
    with journal.writing("run/1") as writer:
        assert writer.append(draft()).seq == 1
    open_store(str(path)).close()
    assert reserve.exists()


@pytest.mark.fault(85)
def test_a_file_size_limit_is_a_full_disk(journal: Journal, process):
    """A real limit of the system, hit in the middle of a transaction: said, and nothing is half written."""
    begun(journal)
    program = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
from runbook.errors import StoreError
done = 0
try:
    for _ in range(1000):
        with journal.writing("run/1") as w:
            for _ in range(4): w.append(Draft("note.added", None, {"text": "x" * 9000}, Actor("person", "ana")))
        done += 1
except StoreError as error:
    print(done, error)
"""
    child = process(program)
    said = child.communicate(timeout=60)[0]
    done = int(said.split()[0])
    assert "cannot" in said
    assert len(list(journal.read("run/1"))) == 1 + 4 * done
    assert all(verdict.ok for verdict in verify(journal))


@pytest.mark.fault(85)
def test_a_payload_that_cannot_be_kept_stops_the_record(journal: Journal, path: Path, monkeypatch):
    """No record names a payload that is not there."""
    begun(journal)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"No space left.*free some space"), journal.writing("run/1") as writer:
        writer.append(draft(data={"value": b"\x00"}))
    monkeypatch.undo()
    assert len(list(journal.read("run/1"))) == 1
    assert not list(path.parent.rglob("*.tmp"))


@pytest.mark.fault(85)
@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_file_that_is_gone_is_noticed_before_writing(journal: Journal, path: Path, how: str):
    """What would be written into a file without a name would be lost with this process."""
    begun(journal)
    path.rename(path.with_name("elsewhere.db"))
    if how == "replaced":
        path.write_bytes(b"")
    with pytest.raises(StoreError, match=r"is gone|was replaced"), journal.writing("run/1") as writer:
        writer.append(draft())


@pytest.mark.fault(85)
def test_a_file_that_vanishes_during_a_transaction_is_noticed(journal: Journal, path: Path):
    """Before the commit, so that nobody acts on an intent that is lost."""
    begun(journal)
    with pytest.raises(StoreError, match="is gone"), journal.writing("run/1") as writer:
        writer.append(draft())
        path.rename(path.with_name("elsewhere.db"))


def test_a_store_that_others_keep_busy_says_so(journal: Journal, path: Path):
    """After a bounded wait, and the next attempt may succeed."""
    begun(journal)
    journal._store._connection.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process has kept the store"), journal.writing("run/1"):
        pass
    other.execute("ROLLBACK")
    other.close()
    with journal.writing("run/1") as writer:
        writer.append(draft())


@pytest.mark.fault(89)
def test_a_newer_store_is_read_and_not_written(journal: Journal, path: Path):
    """Verifying and reading work; writing names the way out."""
    begun(journal)
    journal._store._connection.execute("PRAGMA user_version = 99")
    newer = open_store(f"sqlite://{path}", clock=Ticks())
    assert all(verdict.ok for verdict in verify(newer))
    with pytest.raises(StoreError, match=r"newer version of runbook.*use that version"), newer.writing("run/1"):
        pass
    newer.close()


@pytest.mark.parametrize("content", [b"no database at all, but a text file\n" * 50, None])
def test_files_of_other_programs_are_left_alone(path: Path, content: bytes | None):
    """Neither a text file nor somebody's database becomes a store."""
    if content is None:
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE mine (x)")
        other.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"no SQLite file|another program"):
        open_store(str(path))
    assert path.read_bytes() == before


@pytest.mark.fault(85, 90)
def test_a_read_only_store_can_be_read(journal: Journal, path: Path, monkeypatch):
    """By whoever may read it and not write."""
    begun(journal)
    monkeypatch.setattr(os, "access", lambda *_: False)  # a test that runs as root may write anything
    with closing(open_store(str(path), clock=Ticks())) as other:
        assert len(list(other.read("run/1"))) == 1
        with pytest.raises(StoreError, match="read-only"), other.writing("run/1"):
            pass


@pytest.mark.fault(61)
def test_a_planted_secret_is_in_no_file(tmp_path: Path):
    """In the raw bytes of the store, in no spelling, while it is open and after."""
    from runbook.core.masking import Masker

    secret = 'pa"ss/wörd-12345678'
    journal = open_store(f"sqlite://{tmp_path}/journal.db", clock=Ticks(), masker=Masker([secret]))
    journal.open_stream(
        "run/1", draft("run.started", {secret: [secret, secret.encode(), {"x": "y" * 20_000 + secret}]}), epoch=1
    )
    journal.put(secret.encode(), "text/plain")
    journal.lease("run/2", {"command": secret})
    found = re.compile(re.escape(b"rd-12345678") + b"|" + re.escape(secret.encode()))
    for file in [file for file in tmp_path.rglob("*") if file.is_file()]:
        assert not found.search(file.read_bytes()), file
    journal.close()


@pytest.mark.parametrize(
    ("types", "loose"),
    [
        (["step.observed", "note.added", "wait.ended"], True),
        (["step.observed", "change.intended"], False),
        (["decision.given"], False),
        (["change.resulted", "step.observed"], False),
    ],
)
def test_only_what_is_found_out_again_may_wait_for_the_disk(journal: Journal, types: list[str], loose: bool):
    """A relaxed transaction that writes anything else is on the disk when it ends, as every other is."""
    lease = journal.lease("run/9", {})
    journal.open_stream("run/9", draft("run.started"), epoch=lease.epoch)
    with journal.writing("run/9", lease, relaxed=True) as writer:
        for type_ in types:
            writer.append(draft(type_, {}, "a:observe#1"))
    assert journal.loose is loose


def test_the_next_durable_transaction_takes_relaxed_ones_with_it(journal: Journal):
    """One log, written in order: nothing that was committed before can be missing after it."""
    lease = journal.lease("run/9", {})
    journal.open_stream("run/9", draft("run.started"), epoch=lease.epoch)
    with journal.writing("run/9", lease, relaxed=True) as writer:
        writer.append(draft("step.observed", {}, "a:observe#1"))
    with journal.writing("run/9", lease) as writer:
        writer.append(draft("change.intended", {}, "a:apply#1"))
    assert journal.loose is False
    assert journal._store._connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_transaction_that_writes_nothing_changes_nothing_about_what_waits_for_the_disk(journal: Journal):
    """An idle run that looks into its stream never writes by that, and what waits is not forgotten."""
    lease = journal.lease("run/9", {})
    journal.open_stream("run/9", draft("run.started"), epoch=lease.epoch)
    with journal.writing("run/9", lease, relaxed=True) as writer:
        writer.tail(-1)
    assert journal.loose is False
    with journal.writing("run/9", lease, relaxed=True) as writer:
        writer.append(draft("step.observed", {}, "a:observe#1"))
    with journal.writing("run/9", lease) as writer:
        writer.tail(-1)
    assert journal.loose is True
    journal.sync()
    assert journal.loose is False


def test_an_absolute_path_may_be_written_with_four_slashes(tmp_path: Path) -> None:
    """Messages name the file as everybody writes it."""
    journal = open_store(f"sqlite:///{tmp_path / 'j.db'}")
    assert str(journal._store.path) == str(tmp_path / "j.db")
    journal.close()
