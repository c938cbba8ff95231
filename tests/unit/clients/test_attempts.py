"""The file of an attempt says, after its runner's death, whether a process lives, how it ended, or that none was."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runbook.clients import attempts, processes
from runbook.clients.attempts import Attempt, boot_id
from runbook.clients.programs import NotFound, NotStarted
from runbook.errors import StoreError

RUNNER = """
import sys
from pathlib import Path
from runbook.clients import processes
from runbook.clients.attempts import Attempt
attempt = Attempt.create(Path(sys.argv[1]))
environ = {"PATH": "/usr/bin:/bin"}
processes.run(sys.argv[2:], env=environ, cwd=".", timeout=60, cancelled=lambda: False, attempt=attempt)
"""


def look(path: Path) -> attempts.Look:
    return attempts.look(path, boot_id())


def until(path: Path, condition: str) -> attempts.Look:
    deadline = time.monotonic() + 15
    while not eval(condition, {"look": look(path)}):
        assert time.monotonic() < deadline, f"not within 15 s: {condition}"
        time.sleep(0.01)
    return look(path)


def run(path: Path, *argv: str, **options: float) -> None:
    attempt = Attempt.create(path)
    try:
        processes.run(
            argv,
            env={"PATH": "/usr/bin:/bin"},
            cwd=path.parent,
            timeout=options.get("timeout", 20.0),
            cancelled=lambda: False,
            attempt=attempt,
        )
    finally:
        attempt.close()


def test_an_orphan_keeps_the_lock_of_its_dead_runner(tmp_path: Path) -> None:
    """A command that outlives a SIGKILLed runner is seen to live, and seen to be gone once it is."""
    path, go = tmp_path / "attempt", tmp_path / "go"
    os.mkfifo(go)
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, str(path), "sh", "-c", f"read line < {go}"])
    until(path, "look.pid")
    runner.kill()
    runner.wait()
    seen = look(path)
    assert (seen.locked, seen.group == seen.pid, seen.exit, seen.never_started) == (True, True, None, False)
    go.write_text("now\n")
    seen = until(path, "not look.locked")
    assert (seen.exit, seen.ended, seen.never_started) == (None, None, False)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux shows when a process was born")
def test_a_program_that_closed_the_lock_is_still_seen(tmp_path: Path) -> None:
    """sudo and ssh close what they inherit; the command lives on all the same."""
    path, go = tmp_path / "attempt", tmp_path / "go"
    os.mkfifo(go)
    closing = f"import os; os.closerange(3, 256); open({str(tmp_path / 'closed')!r}, 'w'); open({str(go)!r}).read()"
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, str(path), sys.executable, "-c", closing])
    until(path, "look.pid")
    deadline = time.monotonic() + 15
    while not (tmp_path / "closed").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    runner.kill()
    runner.wait()
    seen = look(path)
    assert (seen.locked, seen.leader, seen.never_started) == (True, True, False)
    assert not attempts.look(path, "another boot").locked
    go.write_text("now\n")
    until(path, "not look.locked")


@pytest.mark.fault(86)
def test_another_process_of_the_same_id_is_not_taken_for_it(tmp_path: Path) -> None:
    """An id that was given anew keeps nobody waiting."""
    path = tmp_path / "attempt"
    path.write_text(f'{{"spawning":"b"}}\n{{"pid":{os.getpid()},"group":7,"born":"before us"}}\n')
    assert not look(path).locked
    path.write_text(f'{{"spawning":"b"}}\n{{"pid":{os.getpid()},"group":7,"born":"{attempts.born(os.getpid())}"}}\n')
    assert look(path).leader


def test_a_grandchild_keeps_the_lock(tmp_path: Path) -> None:
    """Every process of the attempt counts, not only the first."""
    path = tmp_path / "attempt"
    attempt = Attempt.create(path)
    done = processes.run(
        ["sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!"],
        env={"PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        timeout=20,
        cancelled=lambda: False,
        attempt=attempt,
        keep_leftovers=True,
    )
    attempt.close()
    assert look(path).locked
    os.kill(int(done.stdout), signal.SIGKILL)
    assert until(path, "not look.locked").exit == 0


def test_an_end_that_was_seen_is_written_down(tmp_path: Path) -> None:
    """The exit code is known to whoever looks later."""
    run(tmp_path / "attempt", "sh", "-c", "exit 3")
    seen = look(tmp_path / "attempt")
    assert (seen.locked, seen.spawning, seen.exit, seen.ended) == (False, True, 3, None)


def test_an_end_that_we_made_is_not_an_exit(tmp_path: Path) -> None:
    """What was ended for want of time has no exit code of its own."""
    run(tmp_path / "attempt", "sleep", "60", timeout=0.2)
    seen = look(tmp_path / "attempt")
    assert (seen.exit, seen.ended, seen.never_started) == (None, "timeout", False)


def test_a_command_that_could_not_be_started_is_proof(tmp_path: Path) -> None:
    """Nothing was started, on this boot or any other."""
    (tmp_path / "script").write_text("#!/no/such/interpreter\n")
    (tmp_path / "script").chmod(0o755)
    with pytest.raises(NotFound):
        run(tmp_path / "attempt", "./script")
    assert attempts.look(tmp_path / "attempt", "another boot").never_started


def test_an_empty_file_of_this_boot_proves_that_nothing_was_started(tmp_path: Path) -> None:
    """A runner that died between its intent and the start left nothing behind."""
    Attempt.create(tmp_path / "attempt").close()
    assert look(tmp_path / "attempt").never_started


def test_an_empty_file_of_another_boot_proves_nothing(tmp_path: Path) -> None:
    """A file that was written before the machine went down may have lost its lines."""
    Attempt.create(tmp_path / "attempt").close()
    assert not attempts.look(tmp_path / "attempt", "another boot").never_started


def test_a_boot_that_nobody_knows_is_not_this_one(tmp_path: Path) -> None:
    """Where the platform has no boot id, two unknowns are not the same."""
    Attempt.create(tmp_path / "attempt").close()
    assert not attempts.look(tmp_path / "attempt", "").same_boot


def test_a_missing_file_proves_nothing(tmp_path: Path) -> None:
    """It may lie on another machine, or in a container that shares this kernel."""
    seen = look(tmp_path / "attempt")
    assert (seen.present, seen.same_boot, seen.never_started) == (False, True, False)


def test_about_to_start_is_not_never_started(tmp_path: Path) -> None:
    """Between the mark and the process nothing is known."""
    attempt = Attempt.create(tmp_path / "attempt")
    attempt.mark({"spawning": boot_id()})
    attempt.close()
    assert not look(tmp_path / "attempt").never_started


@pytest.mark.fault(83)
def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    """A torn write takes away nothing that stood before it."""
    path = tmp_path / "attempt"
    path.write_bytes(b'{"spawning":"b"}\n{"pid":7,"group":7}\n{"exi')
    seen = look(path)
    assert (seen.spawning, seen.pid, seen.exit) == (True, 7, None)


def test_looking_never_waits_and_two_who_look_are_no_process(tmp_path: Path) -> None:
    """A second look does not take the first for a life sign; a FIFO does not hold it."""
    Attempt.create(tmp_path / "attempt").close()
    fd = os.open(tmp_path / "attempt", os.O_RDONLY)
    assert attempts._try_lock(fd)
    assert not look(tmp_path / "attempt").locked
    os.close(fd)


def test_a_file_that_was_used_is_not_used_again(tmp_path: Path) -> None:
    """What an earlier attempt wrote is never mixed with a later one's."""
    run(tmp_path / "attempt", "true")
    with pytest.raises(StoreError, match=r"used by an earlier attempt; .* nothing was started"):
        Attempt.create(tmp_path / "attempt")
    assert look(tmp_path / "attempt").exit == 0


def test_a_file_that_somebody_holds_is_not_taken_from_them(tmp_path: Path) -> None:
    """Two runners never share an attempt."""
    attempt = Attempt.create(tmp_path / "attempt")
    with pytest.raises(StoreError, match="somebody holds it"):
        Attempt.create(tmp_path / "attempt")
    attempt.close()


def test_an_empty_file_that_nobody_holds_is_taken(tmp_path: Path) -> None:
    """A runner that died before its intent was recorded does not stop the next one."""
    Attempt.create(tmp_path / "attempt").close()
    attempt = Attempt.create(tmp_path / "attempt")
    assert look(tmp_path / "attempt").locked
    attempt.close()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Nothing is started without the file, nor through a link to somebody else's."""
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for path in (tmp_path / "link", tmp_path / "no" / "folder"):
        with pytest.raises(StoreError, match="it cannot be made"):
            Attempt.create(path)


def test_a_view_of_an_earlier_attempt_cannot_be_marked(tmp_path: Path) -> None:
    """Who confirms only looks."""
    Attempt.create(tmp_path / "attempt").close()
    earlier = Attempt.earlier(tmp_path / "attempt", boot_id())
    assert earlier.look().never_started
    with pytest.raises(StoreError, match="is not open here"):
        earlier.mark({"exit": 0})
    earlier.close()


@pytest.mark.parametrize(("above", "folder", "file"), [(0o2770, 0o2770, 0o660), (0o755, 0o700, 0o600)], ids=oct)
def test_an_attempt_is_its_group_s_where_the_store_is(above: int, folder: int, file: int, tmp_path: Path) -> None:
    """Two OS users who share a store go on with each other's runs; otherwise it is its owner's alone."""
    store = tmp_path / "journal.db.d"
    store.mkdir()
    store.chmod(above)
    before = os.umask(0o077)
    try:
        attempts.made(store / "attempts")
        Attempt.create(store / "attempts" / "one").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((store / "attempts").stat().st_mode) == folder
    assert stat.S_IMODE((store / "attempts" / "one").stat().st_mode) == file


def test_that_a_process_is_about_to_start_is_on_the_disk_before_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails takes what was not synced: an empty file would then prove what is not so."""
    synced: list[tuple[str, bool]] = []
    done = tmp_path / "done"
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append((os.pread(fd, 99, 0).decode(), done.exists())))
    run(tmp_path / "a", "touch", str(done))
    [(held, started)] = synced
    assert ("spawning" in held, started, done.exists()) == (True, False, True)


@pytest.mark.fault(85)
def test_a_process_is_not_started_where_that_cannot_be_put_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof goes first."""

    def broken(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(NotStarted):
        run(tmp_path / "a", "touch", str(tmp_path / "done"))
    assert not (tmp_path / "done").exists()
    assert look(tmp_path / "a").never_started
