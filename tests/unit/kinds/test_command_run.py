"""`command.run`: what was planned runs, once, literally, and what became of it is told without guessing."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from runbook.clients.attempts import Attempt, Look, boot_id, look
from runbook.clients.programs import NoFolder, NotFound
from runbook.core.canonical import canonical
from runbook.core.changes import CannotTell, Change, DidApply, DidNotApply, Outcome
from runbook.core.words import Applied
from runbook.document.words import Effect
from runbook.errors import ParameterError, WorldError
from runbook.kinds import command_run, commands
from runbook.testing.world import FakeWorld

SECRET = "correct-horse-battery"
HOSTILE = [
    "$(touch x)",
    "`touch x`",
    "; rm -rf .",
    "-rf",
    "--help",
    "{{ 7*7 }}",
    "{% x %}",
    "a b\tc\nd",
    "*",
    "",
    "é\u202e",
]


@pytest.fixture
def world(tmp_path: Path) -> FakeWorld:
    (tmp_path / "token").write_text(SECRET + "\n")
    return FakeWorld(tmp_path, intent="intent-1", run="01run")


def planned(world: FakeWorld, *argv: Any, **inputs: Any) -> Change:
    change = command_run.plan({"argv": list(argv), **inputs}, world)
    assert isinstance(change, Change)
    return change


def test_a_fraction_is_received_as_it_was_shown(world: FakeWorld) -> None:
    """The journal gives a whole float back as an integer; a version 1.0 is none the less not 1."""
    given = {"env": {"RATE": 1.0}, "stdin": 2.0, "undo": {"argv": ["echo", 1.0], "env": {"RATE": 3.0}}}
    change = planned(world, "sh", "-c", 'echo "$0" "$RATE"; cat', 1.0, **given)
    stored = msgspec.convert(msgspec.json.decode(canonical(change)), Change)
    outcome = command_run.apply(stored, world)
    assert (outcome.error, outcome.output["stdout"]) == (None, "1.0 1.0\n2.0")
    assert stored.undo is not None
    again = command_run.plan(stored.undo.inputs, world)
    assert isinstance(again, Change)
    assert again.digest == stored.undo.digest


def applied(world: FakeWorld, change: Change) -> Outcome:
    """Apply with an attempt as the host does, which stays behind as the view that `confirm` gets."""
    path = world.project / "attempt"
    world.attempt = Attempt.create(path)
    try:
        return command_run.apply(change, world)
    finally:
        world.attempt.close()
        world.attempt = Attempt.earlier(path, boot_id())


def script(folder: Path, text: str) -> str:
    (folder / "fix.sh").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "fix.sh").chmod(0o755)
    return "./fix.sh"


@pytest.mark.fault(23)
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_value_arrives_literally(world: FakeWorld, value: str) -> None:
    """No shell, no template and no option parser of ours reads an argument or a variable."""
    show = "import json, os, sys; print(json.dumps([sys.argv[1:], os.environ['VALUE']]))"
    inputs = {"argv": [sys.executable, "-c", show, value], "env": {"VALUE": value}, "effect": "read"}
    assert json.loads(command_run.observe(inputs, world).output["stdout"]) == [[value], value]
    assert not (world.project / "x").exists()


def test_every_declared_output_is_there(world: FakeWorld) -> None:
    """A probe's outputs are those that its spec declares."""
    seen = command_run.observe({"argv": ["sh", "-c", "echo hi; exit 2"], "effect": "read"}, world)
    assert seen.output.keys() == command_run.SPEC.output_names
    assert (seen.output["exit_code"], seen.output["stdout"], seen.verdict) == (2, "hi\n", None)


def test_a_probe_that_does_not_end_is_no_answer(tmp_path: Path) -> None:
    """Out of time is not `fail`: nobody knows what it would have said."""
    with pytest.raises(WorldError, match=r"run sleep 60: it did not end .* longer timeout"):
        command_run.observe({"argv": ["sleep", "60"]}, FakeWorld(tmp_path, timeout=0.2))


def test_a_number_becomes_text_and_a_list_does_not(world: FakeWorld) -> None:
    """A rendered value of another type is either exact as text, or refused with its place."""
    seen = command_run.observe({"argv": ["echo", 3, 0.5], "env": {"N": True}}, world)
    assert seen.output["stdout"] == "3 0.5\n"
    with pytest.raises(ParameterError, match=r"step input 'argv\[1\]' must be text or a number, got \[\"a\"\]"):
        command_run.observe({"argv": ["echo", ["a"]]}, world)
    with pytest.raises(ParameterError, match="'argv' must be a list"):
        command_run.plan({"argv": "echo hi"}, world)


def test_the_plan_names_what_will_run(world: FakeWorld) -> None:
    """The resolved program, the arguments, the folder, the effect, and a hash of each file of the project."""
    program = script(world.project, "exit 0")
    change = planned(world, "sh", program, "/etc/passwd", effect="destructive")
    digest = hashlib.sha256((world.project / "fix.sh").read_bytes()).hexdigest()
    assert change.request["path"] in ("/usr/bin/sh", "/bin/sh")
    assert change.request["argv"] == ["sh", "./fix.sh", "/etc/passwd"]
    assert (change.request["files"], change.precondition) == ({"fix.sh": digest}, {"files": {"fix.sh": digest}})
    assert (change.request["cwd"], change.effect) == (str(world.project), Effect.DESTRUCTIVE)
    assert change.irreversible == "the runbook gives no undo"


@pytest.mark.parametrize(
    "other",
    [
        {"argv": ["true", "b"]},
        {"argv": ["true", "a"], "env": {"N": "1"}},
        {"argv": ["true", "a"], "cwd": "sub"},
        {"argv": ["true", "a"], "stdin": "x"},
        {"argv": ["true", "a"], "effect": "destructive"},
        {"argv": ["true", "a"], "undo": {"argv": ["true"]}},
        {"argv": ["true", "a"], "env": {"N": {"file": "token"}}},
    ],
    ids=lambda inputs: "-".join(inputs) + "-" + str(inputs["argv"][1]) + str(inputs.get("env", "")),
)
def test_another_request_is_another_digest(world: FakeWorld, other: dict[str, Any]) -> None:
    """An approval of one command is none of a command that differs in anything that it gets."""
    (world.project / "sub").mkdir()
    assert command_run.plan(other, world).digest != planned(world, "true", "a").digest


def test_planning_again_gives_the_same_digest(world: FakeWorld) -> None:
    """So does planning the undo from its own inputs, which is how it is done before it is sent."""
    inputs = {"env": {"TOKEN": {"file": "token"}}, "undo": {"argv": ["true", "back"]}}
    first, again = planned(world, "true", **inputs), planned(world, "true", **inputs)
    assert first.digest == again.digest
    assert first.undo and first.irreversible is None
    assert command_run.plan(first.undo.inputs, world).digest == first.undo.digest


def test_an_undo_has_its_steps_folder_and_variables(world: FakeWorld) -> None:
    """What the undo does not say, it has from its step."""
    (world.project / "sub").mkdir()
    change = planned(world, "true", cwd="sub", env={"A": "1"}, undo={"argv": ["true"], "env": {"B": "2"}})
    assert change.undo and change.undo.request["cwd"] == str(world.project / "sub")
    assert change.undo.request["env"] == {"B": "2"}


def test_two_runs_of_one_command_share_a_lock(world: FakeWorld) -> None:
    """The same argv is the same target, whatever its variables; another argv is another."""
    same = {planned(world, "true", "a", env={"N": n}).target.lock for n in "12"}
    assert len(same) == 1
    assert planned(world, "true", "b").target.lock not in same
    assert same.pop().startswith(f"local:{os.uname().nodename}/Command/true@")


@pytest.mark.fault(52)
def test_a_missing_program_or_folder_is_said_when_it_is_planned(world: FakeWorld) -> None:
    """Nobody is asked to approve what cannot run."""
    with pytest.raises(NotFound, match="no-such-program"):
        planned(world, "no-such-program")
    with pytest.raises(NoFolder, match="nowhere"):
        planned(world, "true", cwd="nowhere")


def test_a_secret_is_nowhere_in_the_change(world: FakeWorld) -> None:
    """It stands as an HMAC in the request, as a reference elsewhere; its value changes the digest."""
    env = {"TOKEN": {"file": "token"}}
    change = planned(world, "true", env=env, undo={"argv": ["true"]}, confirm={"argv": ["true"]})
    assert SECRET.encode() not in msgspec.json.encode(change)
    assert change.request["env"]["TOKEN"] == {"secret": world.conceal(SECRET)}
    (world.project / "token").write_text("another-value")
    assert planned(FakeWorld(world.project), "true", env=env, undo={"argv": ["true"]}).digest != change.digest


@pytest.mark.fault(61)
def test_a_secret_reaches_the_command_and_not_its_output(world: FakeWorld) -> None:
    """The child gets the value; what it prints of it is masked as it is read."""
    change = planned(world, "sh", "-c", 'echo "$TOKEN"; test ${#TOKEN} = 21', env={"TOKEN": {"file": "token"}})
    outcome = applied(world, change)
    assert (outcome.applied, outcome.output["stdout"]) == (Applied.YES, "***\n")


def test_the_command_knows_its_run_and_its_idempotency_key(world: FakeWorld) -> None:
    """A command can tell that it is the same change again."""
    outcome = applied(world, planned(world, "sh", "-c", "echo $RUNBOOK_RUN $RUNBOOK_IDEMPOTENCY_KEY"))
    assert outcome.output["stdout"] == "01run intent-1\n"


@pytest.mark.fault(62)
@pytest.mark.parametrize(("on_error", "left"), [(None, Applied.PARTLY), ("not_applied", Applied.NO)])
def test_a_failing_command_did_part_of_it_unless_it_says_otherwise(
    world: FakeWorld, on_error: str | None, left: Applied
) -> None:
    """A non-zero exit is a failure that may have changed something."""
    inputs = {"on_error": on_error} if on_error else {}
    outcome = applied(world, planned(world, "sh", "-c", "echo 'no such unit' >&2; exit 5", **inputs))
    assert outcome.applied is left
    assert outcome.error and (outcome.error.code, outcome.error.message) == ("exit", "exited with 5: no such unit")


@pytest.mark.fault(62, 63)
def test_a_kill_that_we_did_not_send_is_named(world: FakeWorld) -> None:
    """Somebody who reads `137` at night is told what it usually means."""
    outcome = applied(world, planned(world, "sh", "-c", "kill -9 $$"))
    assert outcome.error and "when memory runs out" in outcome.error.message


@pytest.mark.fault(53)
def test_a_change_that_does_not_end_is_a_doubt(tmp_path: Path) -> None:
    """Ended for want of time: whether it was applied nobody knows, and nothing of it is left running."""
    world = FakeWorld(tmp_path, timeout=0.5)
    outcome = applied(world, planned(world, "sh", "-c", "echo begun; sleep 60"))
    assert (outcome.applied, outcome.output["stdout"]) == (Applied.UNKNOWN, "begun\n")
    assert outcome.error and outcome.error.code == "timeout"
    assert not look(tmp_path / "attempt", boot_id()).locked


@pytest.mark.fault(27, 47)
def test_a_file_that_changed_after_the_plan_is_not_run(world: FakeWorld) -> None:
    """What runs is what was approved, or nothing."""
    change = planned(world, script(world.project, "touch ran"))
    script(world.project, "touch ran; touch more")
    outcome = applied(world, change)
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, "changed")
    assert not (world.project / "ran").exists()


def test_a_secret_that_changed_after_the_plan_is_not_used(world: FakeWorld) -> None:
    """The value that was approved is the value that is sent."""
    change = planned(world, "touch", "ran", env={"TOKEN": {"file": "token"}})
    (world.project / "token").write_text("another-value")
    outcome = applied(FakeWorld(world.project), change)
    assert outcome.applied is Applied.NO
    assert not (world.project / "ran").exists()


@pytest.mark.fault(52)
@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.chmod(0o644)], ids=["gone", "not executable"])
def test_a_program_that_cannot_be_started_did_nothing(world: FakeWorld, spoil: Callable[[Path], Any]) -> None:
    """Failures before there is a process are `not applied`, and the attempt proves it."""
    outside = world.project.parent / f"{world.project.name}-bin"
    outside.mkdir()
    change = planned(world, str(outside / script(outside, "exit 0")))
    spoil(outside / "fix.sh")
    outcome = applied(world, change)
    assert (outcome.applied, outcome.output) == (Applied.NO, {})
    assert isinstance(command_run.confirm(change, world), DidNotApply)


def test_a_service_that_was_restarted_stays(world: FakeWorld) -> None:
    """What a change leaves running is listed, not ended."""
    outcome = applied(world, planned(world, "sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!"))
    pid = int(outcome.output["stdout"])
    assert (outcome.applied, outcome.output["leftovers"]) == (Applied.YES, [pid])
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(("code", "left"), [(0, Applied.YES), (4, Applied.PARTLY)])
def test_an_end_that_was_seen_is_the_result(world: FakeWorld, code: int, left: Applied) -> None:
    """A runner that died between the exit and its record: `confirm` says what it would have said."""
    change = planned(world, "sh", "-c", f"exit {code}")
    applied(world, change)
    found = command_run.confirm(change, world)
    assert isinstance(found, DidApply)
    assert (found.outcome.applied, found.outcome.output["exit_code"]) == (left, code)


def test_an_attempt_without_a_process_was_not_applied(world: FakeWorld) -> None:
    """A runner that died between its intent and the start: proof, without asking anybody."""
    change = planned(world, "true", confirm={"argv": ["touch", "asked"]})
    Attempt.create(world.project / "attempt").close()
    world.attempt = Attempt.earlier(world.project / "attempt", boot_id())
    assert isinstance(command_run.confirm(change, world), DidNotApply)
    assert not (world.project / "asked").exists()


RUNNER = """
import sys
from pathlib import Path
from runbook.clients.attempts import Attempt
from runbook.kinds import command_run
from runbook.testing.world import FakeWorld
project = Path(sys.argv[1])
world = FakeWorld(project, attempt=Attempt.create(project / "attempt"), intent="i")
command_run.apply(command_run.plan({"argv": ["sh", "-c", "read line < go"]}, world), world)
"""


def test_a_command_that_outlived_its_runner_is_waited_for(world: FakeWorld) -> None:
    """While it lives nothing is said of it, not even by `confirm`; afterwards `confirm` decides."""
    os.mkfifo(world.project / "go")
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, str(world.project)])
    attempt = world.attempt = Attempt.earlier(world.project / "attempt", boot_id())
    wait_for(attempt, lambda seen: seen.pid)
    runner.kill()
    runner.wait()
    change = planned(world, "sh", "-c", "read line < go", confirm={"argv": ["sh", "-c", "exit 1"]})
    found = command_run.confirm(change, world)
    assert isinstance(found, CannotTell) and found.running == f"process group {attempt.look().group}"
    (world.project / "go").write_text("now\n")
    wait_for(attempt, lambda seen: not seen.locked)
    assert isinstance(command_run.confirm(change, world), DidNotApply)


def wait_for(attempt: Attempt, condition: Callable[[Look], object]) -> None:
    deadline = time.monotonic() + 15
    while not condition(attempt.look()):
        assert time.monotonic() < deadline, "not within 15 s"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("exit 0", DidApply),
        ("exit 1", DidNotApply),
        ("echo gone; exit 1", DidNotApply),
        ("echo no route to host >&2; exit 1", CannotTell),  # kubectl, of a cluster out of reach
        ("exit 2", CannotTell),
        ("exit 127", CannotTell),
        ("kill -9 $$", CannotTell),
        (None, CannotTell),
    ],
)
def test_confirm_asks_the_steps_own_command(world: FakeWorld, script: str | None, answer: type) -> None:
    """Exit 0 it is there, 1 without a complaint it is not, anything else and no command at all cannot tell."""
    confirm = {} if script is None else {"confirm": {"argv": ["sh", "-c", script]}}
    change = planned(world, "true", **confirm)
    world.attempt = begun(world)
    assert isinstance(command_run.confirm(change, world), answer)


def test_a_confirm_that_does_not_end_cannot_tell(world: FakeWorld) -> None:
    """What was ended because its time was over has not said that the change is not there."""
    change = planned(world, "true", confirm={"argv": ["sleep", "60"], "expect": "exit_code == 0"})
    world.attempt, world.timeout = begun(world), 0.2
    assert isinstance(command_run.confirm(change, world), CannotTell)


@pytest.mark.parametrize(
    ("script", "expect", "answer"),
    [
        ("echo drained", "stdout | trim == 'drained'", DidApply),
        ("echo ready", "stdout | trim == 'drained'", DidNotApply),
        ("echo drained; exit 1", "stdout | trim == 'drained'", CannotTell),  # it failed, whatever it printed
        ("exit 3", "exit_code == 0", DidNotApply),
        ("exit 3", "exit_code == 0 or stdout == ''", DidApply),
        ("echo error: not found >&2; exit 1", "exit_code == 0 and 'not found' not in stderr", DidNotApply),
        ("echo many", "stdout | int > 3", CannotTell),  # no number in it
        ("exit 127", "exit_code == 0", CannotTell),  # no such program there
        ("kill -9 $$", "exit_code == 0", CannotTell),
        ("head -c 600000 /dev/zero | tr '\\0' x", "'drained' in stdout", CannotTell),  # not all of it is kept
    ],
)
def test_what_a_confirm_is_to_show_stands_in_its_expect(
    world: FakeWorld, script: str, expect: str, answer: type
) -> None:
    """True it is there, false it is not; an exit code that it does not look at, and what is unknown, cannot tell."""
    change = planned(world, "true", confirm={"argv": ["sh", "-c", script], "expect": expect})
    world.attempt = begun(world)
    assert isinstance(command_run.confirm(change, world), answer)


def test_an_undo_has_a_confirm_of_its_own(world: FakeWorld) -> None:
    """An undo whose end nobody saw is asked for like any change, by its own question and never by the step's."""
    asked = {"argv": ["cat", "state"], "expect": "stdout == 'back'"}
    change = planned(world, "true", confirm={"argv": ["false"]}, undo={"argv": ["true"], "confirm": asked})
    (world.project / "state").write_text("back")
    world.attempt = begun(world)
    assert change.undo is not None
    assert isinstance(command_run.confirm(change.undo, world), DidApply)
    (world.project / "state").write_text("gone")
    assert isinstance(command_run.confirm(change.undo, world), DidNotApply)


def begun(world: FakeWorld) -> Attempt:
    """An attempt whose process was started and whose end nobody saw."""
    attempt = Attempt.create(world.project / "attempt")
    attempt.mark({"spawning": boot_id()})
    attempt.mark({"pid": 1, "group": 1, "born": "the process of that id is another one"})
    attempt.close()
    return Attempt.earlier(world.project / "attempt", boot_id())


def test_without_the_attempts_file_not_applied_is_not_believed(world: FakeWorld) -> None:
    """On another machine the command may still be running: its absence so far proves nothing."""
    change = planned(world, "true", confirm={"argv": ["sh", "-c", "exit 1"]})
    world.attempt = Attempt.earlier(world.project / "attempt", boot_id())
    found = command_run.confirm(change, world)
    assert isinstance(found, CannotTell) and "cannot be seen from here" in found.reason


def test_a_process_that_was_never_named_may_still_run(world: FakeWorld) -> None:
    """A runner that died in the moment of the start: `not yet` is no `not applied`."""
    change = planned(world, "true", confirm={"argv": ["sh", "-c", "exit 1"]})
    attempt = Attempt.create(world.project / "attempt")
    attempt.mark({"spawning": boot_id()})
    attempt.close()
    world.attempt = Attempt.earlier(world.project / "attempt", boot_id())
    assert isinstance(command_run.confirm(change, world), CannotTell)


def test_a_confirm_that_cannot_run_cannot_tell(world: FakeWorld) -> None:
    """A missing program is no `not applied`."""
    change = planned(world, "true", confirm={"argv": ["no-such-program"]})
    world.attempt = begun(world)
    found = command_run.confirm(change, world)
    assert isinstance(found, CannotTell) and "no-such-program" in found.reason


def test_a_rehearsal_opens_nothing(tmp_path: Path) -> None:
    """The change of a simulated world comes from its inputs alone: no program, folder or secret is needed."""
    inputs = {
        "argv": ["no-such-program", "x"],
        "cwd": "nowhere",
        "env": {"TOKEN": {"file": "no-such-file"}},
        "undo": {"argv": ["no-such-undo"]},
    }
    change = command_run.rehearse(inputs, {})
    assert change.undo and change.undo.request["argv"] == ["no-such-undo"]
    assert change.request["env"] == {"TOKEN": {"secret": "{file: no-such-file}"}}


@pytest.mark.fault(63)
def test_limits_are_part_of_what_is_approved(world: FakeWorld) -> None:
    """In numbers, whatever their unit; a step without limits has the request that it always had."""
    inputs = {"argv": ["true"], "limits": {"memory": "1Gi", "cpu": "1m", "open_files": 64}}
    change = planned(world, *inputs["argv"], limits=inputs["limits"])
    assert change.request["limits"] == {"memory": 1 << 30, "cpu": 60.0, "open_files": 64}
    same = planned(world, "true", limits={"memory": "1024Mi", "cpu": "60s", "open_files": 64})
    assert same.request == change.request
    assert "limits" not in planned(world, "true").request
    assert command_run.rehearse(inputs, {}).request["limits"] == change.request["limits"]


@pytest.mark.fault(63)
def test_a_limit_that_was_met_is_said(world: FakeWorld) -> None:
    """Beside the exit code of a change, and as a warning of a probe; not where the command did well."""
    greedy = {"argv": [sys.executable, "-c", "bytearray(2 << 30)"], "limits": {"memory": "256Mi"}}
    done = applied(world, planned(world, *greedy["argv"], limits=greedy["limits"]))
    assert done.error and done.error.message.endswith(
        "it seems to have met its limit of memory, 256Mi for each process"
    )
    endless = {"argv": [sys.executable, "-c", "while True: pass"], "limits": {"cpu": "500ms"}}
    assert command_run.observe(endless, world).warnings == ("it was ended by its limit of CPU time, 500ms",)
    fine = {"argv": ["sh", "-c", "ulimit -d; echo MemoryError >&2"], "limits": {"memory": "256Mi"}}
    seen = command_run.observe(fine, world)
    assert (seen.output["stdout"], seen.warnings) == ("262144\n", ())


def test_limits_hold_for_the_line_to_type_by_hand_and_for_an_undo(world: FakeWorld) -> None:
    """What takes a change back has the limits of the step, unless it has its own."""
    show = ["sh", "-c", "ulimit -t; ulimit -n"]
    inputs = {"argv": show, "undo": {"argv": show}, "limits": {"cpu": "9s", "open_files": 50}, "stdin": "x"}
    change = command_run.rehearse(inputs, {})
    assert change.undo and change.undo.request["limits"] == change.request["limits"]
    typed = subprocess.run(["sh", "-c", command_run.by_hand(inputs)], capture_output=True, text=True, check=True)
    assert typed.stdout == "9\n50\n"


@pytest.mark.fault(54)
def test_the_line_to_type_by_hand_limits_processes_as_the_step_does() -> None:
    """Beside what the user runs already, in any shell, with the step's variables and input."""
    code = "import os, resource; print(os.environ['A'], input(), *resource.getrlimit(resource.RLIMIT_NPROC))"
    inputs = {
        "argv": [sys.executable, "-c", code],
        "env": {"A": "a b"},
        "stdin": "in",
        "limits": {"processes": 4096, "cpu": "9s"},
    }
    line = command_run.by_hand(inputs)
    typed = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout.split()
    now = len(list(Path("/proc/self/task").iterdir()))
    assert typed[:3] == ["a", "b", "in"]
    assert typed[3] == typed[4]
    assert now + 4096 <= int(typed[3]) < 4096 + 10_000


def test_the_line_to_type_by_hand_runs_as_it_stands(world: FakeWorld) -> None:
    """A shell that is given the line does what the step does; a secret is fetched, not shown."""
    (world.project / "sub dir").mkdir()
    inputs = {
        "argv": ["sh", "-c", 'cat; pwd; printf "%s|" "$A" "$T" "$@"', "x", "it's $HOME"],
        "env": {"A": "a b", "T": {"command": ["cat", str(world.project / "token")]}},
        "cwd": "sub dir",
        "stdin": "in %s\n",
    }
    line = command_run.by_hand(inputs)
    typed = subprocess.run(["sh", "-c", line], cwd=world.project, capture_output=True, text=True, check=True)
    assert SECRET not in line
    assert typed.stdout == command_run.observe(inputs, FakeWorld(world.project)).output["stdout"].replace("***", SECRET)


def test_a_step_reads_as_one_short_line() -> None:
    """Sixty characters, no line breaks, no control characters; a template for the whole list as it is."""
    assert command_run.describe({"argv": ["git", "log", "a b"]}) == "run git log 'a b'"
    long = command_run.describe({"argv": ["echo", "x\n\x1b[31m" + "y" * 100]})
    assert len(long) == 60 and long.endswith("…") and long.isprintable()
    assert command_run.describe({"argv": "{{ params.command }}"}) == "run {{ params.command }}"


@pytest.mark.parametrize(("ended", "why"), [("timeout", "its time was over"), ("cancelled", "its run was called off")])
def test_what_the_runner_ended_is_said_in_words(ended: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They stand in the doubt that a person has to settle."""
    world = FakeWorld(Path())
    change = command_run.plan({"argv": ["true"]}, world)
    assert isinstance(change, Change)
    said = commands._asked(change, world, command_run._FORM, Look(ended=ended))
    assert isinstance(said, CannotTell)
    assert said.reason == f"it was ended because {why}; the step has no `confirm` command"
