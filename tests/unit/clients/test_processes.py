"""Commands are started in a session of their own, followed to their end, and never fill memory or hold us up."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import leftovers, processes
from runbook.clients.programs import NoFolder, NotExecutable, NotFound, NotStarted
from runbook.core.masking import Masker

ENVIRON = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
LINUX_ONLY = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells who our orphans are")

Run = Callable[..., processes.Completed]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(*argv: str, **options: Any) -> processes.Completed:
        usual: dict[str, Any] = {"env": ENVIRON, "cwd": tmp_path, "timeout": 20.0, "cancelled": lambda: False}
        return processes.run(argv, **{**usual, **options})

    return run


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come true within 10 s"
        time.sleep(0.01)


def test_both_streams_and_the_exit_code_come_back(run: Run) -> None:
    """What a command printed on either stream, and how it ended, is told exactly."""
    done = run("sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.exit_code, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert (done.signal, done.truncated, done.total_bytes, done.leftovers) == (None, False, 8, ())


@pytest.mark.fault(52)
def test_a_program_that_is_not_there_was_not_started(run: Run) -> None:
    """A missing program has an error of its own, with a shell's 127."""
    with pytest.raises(NotFound, match=r"no-such-program: no such program on PATH \(127\)"):
        run("no-such-program")


@pytest.mark.fault(52)
def test_a_file_that_is_not_executable_was_not_started(run: Run, tmp_path: Path) -> None:
    """A file without the permission has an error of its own, with a shell's 126."""
    (tmp_path / "plain").write_text("echo hi\n")
    with pytest.raises(NotExecutable, match=r"may not be executed \(126\); chmod \+x"):
        run("./plain")


@pytest.mark.fault(52)
def test_a_missing_interpreter_is_told_from_a_missing_program(run: Run, tmp_path: Path) -> None:
    """A bad first line is named as what it is, although the system says `no such file` to both."""
    (tmp_path / "script").write_text("#!/no/such/interpreter\n")
    (tmp_path / "script").chmod(0o755)
    with pytest.raises(NotFound, match="the interpreter that its first line names is missing"):
        run("./script")


@pytest.mark.fault(52)
def test_a_file_of_no_known_format_was_not_started(run: Run, tmp_path: Path) -> None:
    """What the system cannot execute is not handed to a shell instead."""
    (tmp_path / "noise").write_bytes(b"\x00\x01\x02")
    (tmp_path / "noise").chmod(0o755)
    with pytest.raises(NotExecutable, match=r"\(126\)"):
        run("./noise")


@pytest.mark.fault(52)
def test_a_missing_folder_is_told_from_a_missing_program(run: Run, tmp_path: Path) -> None:
    """A folder that cannot be entered is named."""
    with pytest.raises(NoFolder, match="nowhere cannot be entered"):
        run("true", cwd=tmp_path / "nowhere")


@pytest.mark.fault(63)
def test_too_large_arguments_are_said_before_anything_is_started(run: Run) -> None:
    """E2BIG is an error of its own."""
    with pytest.raises(NotStarted, match="too large for the system"):
        run("true", "x" * 3_000_000)


@pytest.mark.fault(63)
def test_a_too_large_environment_is_said_before_anything_is_started(run: Run) -> None:
    """E2BIG again: the system counts both as one."""
    with pytest.raises(NotStarted, match="too large for the system"):
        run("true", env={**ENVIRON, "LARGE": "x" * 3_000_000})


@LINUX_ONLY
@pytest.mark.fault(63)
@pytest.mark.skipif(os.getuid() != 0, reason="only root may become a user who has no process left")
def test_no_process_left_is_said_and_nothing_was_started(tmp_path: Path) -> None:
    """The system gives no more to this user (EAGAIN): it is the machine's trouble, and told as that."""
    code = """if True:
        import os, resource, sys
        from runbook.clients import processes
        from runbook.clients.programs import NotStarted
        processes.run(["true"], env=dict(os.environ), cwd="/", timeout=9, cancelled=lambda: False)
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        os.setuid(65534)
        try:
            processes.run(["touch", sys.argv[1]], env=dict(os.environ), cwd="/", timeout=9, cancelled=lambda: False)
        except NotStarted as error:
            print(error.message)
    """
    argv = [sys.executable, "-c", code, str(tmp_path / "x")]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert "limit of processes" in done.stdout, done.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.fault(22)
def test_a_nul_is_refused(run: Run) -> None:
    """An argument that would arrive cut off is not sent."""
    with pytest.raises(NotStarted, match="NUL"):
        run("echo", "a\0b")


def test_no_time_left_starts_nothing(run: Run, tmp_path: Path) -> None:
    """A deadline that has passed is no reason to start something and end it."""
    with pytest.raises(NotStarted, match="no time was left"):
        run("touch", "x", timeout=0.0)
    assert not (tmp_path / "x").exists()


def test_a_run_that_is_ending_starts_nothing(run: Run, tmp_path: Path) -> None:
    """Nothing is started once the run is called off."""
    with pytest.raises(NotStarted, match="the run is ending"):
        run("touch", "x", cancelled=lambda: True)
    assert not (tmp_path / "x").exists()


@pytest.mark.fault(63)
def test_too_many_open_files_are_said_before_anything_is_started(run: Run, tmp_path: Path) -> None:
    """EMFILE is ours and says so; the command did not run."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    run("true")  # what is imported at first use needs files, too
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + 1, before[1]))
    try:
        with pytest.raises(NotStarted, match="too many files open"):
            run("touch", "x", executable="/usr/bin/touch")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert not (tmp_path / "x").exists()


@pytest.mark.fault(62)
def test_a_signal_is_named_and_counted_as_a_shell_does(run: Run) -> None:
    """128 + N, and the signal's name."""
    done = run("sh", "-c", "kill -SEGV $$")
    assert (done.exit_code, done.signal) == (128 + signal.SIGSEGV, "SIGSEGV")


@pytest.mark.fault(53)
def test_what_ignores_sigterm_is_killed_after_the_grace(run: Run) -> None:
    """A deadline holds against a command that does not listen."""
    done = run("sh", "-c", "trap '' TERM; while :; do sleep 0.01; done", timeout=0.2, grace=0.2)
    assert (done.timed_out, done.signal) == (True, "SIGKILL")
    assert done.duration < 5


def test_a_command_may_tidy_up_when_it_is_told_to_end(run: Run) -> None:
    """SIGTERM comes first, and what is printed then is kept."""
    script = "trap 'echo tidied; exit 4' TERM; echo ready; while :; do sleep 0.01; done"
    done = run("sh", "-c", script, timeout=0.5)
    assert (done.timed_out, done.exit_code, done.stdout) == (True, 4, b"ready\ntidied\n")


@pytest.mark.fault(64)
def test_a_stopped_command_meets_its_deadline(run: Run) -> None:
    """A command that stopped itself cannot sit out SIGTERM."""
    done = run("sh", "-c", "kill -STOP $$", timeout=0.2)
    assert (done.timed_out, done.signal) == (True, "SIGTERM")


def test_calling_off_ends_the_command(run: Run) -> None:
    """`cancelled` is noticed while the command runs."""
    begun = time.monotonic()
    done = run("sleep", "30", cancelled=lambda: time.monotonic() > begun + 0.2)
    assert (done.cancelled, done.timed_out, done.signal) == (True, False, "SIGTERM")


@pytest.mark.fault(54)
@LINUX_ONLY
def test_a_child_that_left_its_session_is_ended_with_the_command(run: Run, tmp_path: Path) -> None:
    """`setsid` is no way out."""
    script, told = "setsid sh -c 'echo $$ > pid; exec sleep 60' & sleep 60", tmp_path / "pid"
    done = run("sh", "-c", script, cancelled=lambda: told.is_file() and told.read_text().endswith("\n"), grace=1.0)
    pid = int(told.read_text())
    assert pid in done.leftovers
    until(lambda: gone(pid))


@pytest.mark.fault(54)
@LINUX_ONLY
def test_what_a_command_leaves_behind_is_listed_and_ended(run: Run, tmp_path: Path) -> None:
    """A command that ended by itself leaves nothing running unless it may."""
    done = run("sh", "-c", "setsid sleep 60 & echo $! > pid")
    pid = int((tmp_path / "pid").read_text())
    assert (done.exit_code, done.leftovers) == (0, (pid,))
    until(lambda: gone(pid))


@LINUX_ONLY
def test_what_may_stay_is_listed_and_stays(run: Run, tmp_path: Path) -> None:
    """A service that a command restarted outlives it."""
    done = run("sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo $! > pid", keep_leftovers=True)
    pid = int((tmp_path / "pid").read_text())
    assert done.leftovers == (pid,)
    assert not gone(pid)
    os.kill(pid, signal.SIGKILL)
    until(lambda: run("true").exit_code == 0 and gone(pid))  # the next command takes its exit status


@LINUX_ONLY
def test_leftovers_of_another_thread_are_not_ours(run: Run) -> None:
    """Two commands at once, each from its own thread: each lists what it left, and no more."""
    found: dict[int, processes.Completed] = {}
    threads = [
        threading.Thread(target=lambda n=n: found.setdefault(n, run("sh", "-c", "sleep 60 & echo $!"))) for n in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(done.leftovers == (int(done.stdout),) for done in found.values())
    assert found[1].leftovers != found[2].leftovers


@LINUX_ONLY
def test_elsewhere_than_on_linux_the_group_is_followed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a descriptor for the exit or a list of orphans, exits are noticed and groups are ended."""
    monkeypatch.setattr(processes, "_exit_descriptor", lambda _: None)
    monkeypatch.setattr(leftovers, "_children", lambda: None)
    monkeypatch.setattr(processes, "_KILL", 0.2)  # here, a zombie keeps its group alive: nobody else reaps it
    assert run("sh", "-c", "exit 3").exit_code == 3
    done = run("sh", "-c", "sleep 60 & echo $!; echo $$", grace=0.1)
    child, leader = map(int, done.stdout.split())
    assert (done.exit_code, done.leftovers) == (0, (leader,))
    until(lambda: Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z" or gone(child))


@pytest.mark.fault(64)
def test_what_a_command_does_to_itself_and_its_group_is_not_done_to_us(run: Run) -> None:
    """Another folder, mask, environment and terminal mode are its own, and so is a Ctrl-C to all of its group."""
    before = (Path.cwd(), os.umask(0o022), dict(os.environ))
    os.umask(before[1])
    done = run("sh", "-c", "cd /; umask 0; export PATH=/; stty -echo 2>/dev/null; kill -INT 0; sleep 60")
    mask = os.umask(before[1])
    assert (done.signal, Path.cwd(), mask, dict(os.environ)) == ("SIGINT", *before)


@pytest.mark.fault(55)
def test_a_grandchild_that_holds_the_pipe_does_not_hold_us(run: Run) -> None:
    """The step ends with its leader, and says that the output was still open."""
    done = run("sh", "-c", "echo early; sleep 60 & echo $! >&2", keep_leftovers=True)
    os.kill(int(done.stderr), signal.SIGKILL)
    assert (done.stdout, done.held) == (b"early\n", True)
    assert done.duration < 10


@pytest.mark.fault(56, 63)
def test_there_is_no_terminal_to_ask_on(run: Run) -> None:
    """What asks for a password fails at once: no controlling terminal, nothing on standard input."""
    done = run("sh", "-c", "read answer && echo got; (: < /dev/tty) 2>/dev/null && echo terminal; ps -o tty= -p $$")
    assert b"got" not in done.stdout and b"terminal" not in done.stdout


def test_standard_input_is_delivered_whole(run: Run) -> None:
    """More than a pipe holds, both ways at once."""
    data = b"line\n" * 100_000
    done = run("cat", stdin=data, output_cap=1_000_000)
    assert done.stdout == data


@pytest.mark.fault(56)
def test_a_command_that_does_not_read_its_input_is_not_an_error(run: Run) -> None:
    """A closed standard input is the command's own affair."""
    assert run("true", stdin=b"x" * 1_000_000).exit_code == 0


@pytest.mark.fault(57)
def test_much_output_is_counted_and_its_ends_are_kept_in_constant_memory(run: Run) -> None:
    """One line of 200 MB does not block the command, nor fill ours."""
    tracemalloc.start()
    done = run("sh", "-c", "printf first; head -c 200000000 /dev/zero; printf last", output_cap=4096)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (done.truncated, done.total_bytes, done.exit_code) == (True, 200_000_009, 0)
    assert done.stdout.startswith(b"first\0") and done.stdout.endswith(b"\0last")
    assert b"[... 199995913 bytes left out ...]" in done.stdout
    assert peak < 4_000_000


def test_a_cut_falls_between_lines_and_counts_what_is_missing(run: Run) -> None:
    """The kept ends are whole lines where lines are short."""
    done = run("seq", "1", "100000", output_cap=1000)
    head, note, tail = done.stdout.partition(b"\n[... ")
    kept = len(head) + 1 + len(tail.partition(b"...]\n")[2])
    assert note and head.splitlines()[-1] == str(len(head.splitlines())).encode()
    assert int(tail.split()[0]) + kept == done.total_bytes


@pytest.mark.fault(57, 61)
def test_a_secret_across_a_cut_is_masked_whole(run: Run) -> None:
    """No half of a secret is left standing where output is cut, wherever in it the cut falls."""
    secret = "correct-horse-battery"
    masker = Masker([secret])
    for before in range(490, 512):
        script = f"printf '%0{before}d' 0; printf %s {secret}; printf '%02000d' 0"
        done = run("sh", "-c", script, output_cap=1024, mask=masker.stream)
        assert done.truncated
        assert not any(secret[at : at + 4].encode() in done.stdout for at in range(len(secret) - 4))


@pytest.mark.fault(64)
def test_only_the_named_descriptors_are_inherited(run: Run, tmp_path: Path) -> None:
    """A file that happens to be open here is not open there."""
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        done = run("sh", "-c", f"test -e /dev/fd/{file.fileno()}")
    assert done.exit_code != 0


def test_nothing_is_left_open_here(run: Run) -> None:
    """Descriptors and zombies do not pile up over many commands."""
    run("true")
    before = open_files()
    for _ in range(20):
        run("sh", "-c", "cat >/dev/null; exit 1", stdin=b"x")
    assert open_files() == before


@pytest.mark.fault(65)
def test_an_interrupt_here_ends_the_command(run: Run, tmp_path: Path) -> None:
    """Whatever is thrown into us, what we started does not stay."""

    def interrupt() -> bool:
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"):
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        run("sh", "-c", "echo $$ > pid; exec sleep 60", cancelled=interrupt)
    assert gone(int((tmp_path / "pid").read_text()))
