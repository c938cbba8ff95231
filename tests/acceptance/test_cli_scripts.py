"""The command line as scripts have it: no terminal, exit codes, JSON on stdout, talk on stderr."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.projects import COMMAND, Project

pytestmark = pytest.mark.acceptance

RUNBOOK = """\
name: practice
title: The practice service is broken
parameters:
  seconds: {type: string, default: "0"}
symptoms:
  - id: marked
    uses: command.run
    with: {argv: [test, -e, broken], effect: read}
resolution:
  - id: remove
    steps:
      - id: rm
        uses: command.run
        with: {argv: [sh, -c, 'echo x >> begun; sleep "$1"; rm broken', sh, "{{ params.seconds }}"]}
verification:
  within: 3s
  every: 1s
  checks:
    - {id: gone, uses: command.run, with: {argv: [test, "!", -e, broken], effect: read}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.runbook(RUNBOOK)
    (made.folder / "broken").touch()
    return made


def test_a_run_waits_is_approved_by_its_own_words_and_goes_on(project: Project) -> None:
    """What is printed on stderr can be pasted: exit 6, then approve, then resume with the same object."""
    waiting = project.run("practice")
    assert waiting.exit == 6
    [gate] = waiting.run["waiting"]
    printed = " ".join(waiting.err.replace("\\\n", " ").split())
    assert all(command in printed for command in gate["commands"])
    with_digest = next(command for command in gate["commands"] if "--digest" in command)
    assert project.types(with_digest).exit == 0
    done = project.does("resume", waiting.run["run"], "--output", "json")
    assert (done.exit, done.run["outcome"]) == (0, "resolved")
    assert done.run.keys() == waiting.run.keys()


def test_the_object_of_a_run_has_the_keys_that_scripts_rely_on(project: Project) -> None:
    """Keys are added, never renamed."""
    run = project.run("practice", "--yes").run
    assert run.keys() >= {
        "format", "run", "runbook", "status", "outcome", "option", "parameters", "steps", "approvals", "exit",
    }  # fmt: skip
    assert run["steps"][0].keys() >= {
        "key", "id", "phase", "kind", "effect", "status", "applied", "verdict", "tries", "started", "finished",
        "output", "change", "error",
    }  # fmt: skip
    assert (run["format"], run["exit"]) == (1, {"code": 0, "name": "ok"})


def test_records_come_one_a_line_and_the_run_last(project: Project) -> None:
    """`--output jsonl`: what happens, as it happens."""
    lines = [
        json.loads(line) for line in project.does("run", "practice", "--yes", "--output", "jsonl").out.splitlines()
    ]
    assert [line["seq"] for line in lines[:-1]] == list(range(len(lines) - 1))
    assert (lines[0]["type"], lines[-2]["type"]) == ("run.started", "run.finished")
    assert lines[-1]["outcome"] == "resolved"


def test_a_second_start_is_refused_with_the_first_ones_name(project: Project) -> None:
    """Exit 8, and how to go on with it: nobody runs it now."""
    first = project.run("practice").run["run"]
    second = project.run("practice")
    assert (second.exit, second.json["error"]["code"]) == (8, "already-open")
    assert f"runbook resume {first}" in second.err
    assert "practice" not in second.err.partition("runbook: ")[0]  # nothing is shown of a run that never was


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["run", "pratcice"], 2, "did you mean 'practice'?"),
        (["run", "practice", "-p", "secnods=1"], 3, "did you mean 'seconds'?"),
        (["run", "practice", "--option", "remvoe"], 2, "did you mean 'remove'?"),
        (["rnu", "practice"], 2, "did you mean 'run'?"),
        (["run"], 2, "Missing argument"),
        (["run", "practice", "--auto"], 8, "needs a policy"),
        (["resume", "01jdzzzz"], 2, "no run's id begins or ends with"),
        (["watch", "01"], 2, "too short"),
        (["log", "verify"], 2, "store is empty"),
        (["-C", "nowhere", "list"], 2, "cannot work in nowhere"),
        (["--config", "nowhere.yaml", "list"], 2, "there is no file"),
        (["--store", "mysql://x", "runs"], 2, "mysql"),
    ],
)
def test_what_cannot_be_meant_is_said_with_what_could(words: list[str], code: int, said: str, project: Project) -> None:
    """On stderr for people, as an object for scripts."""
    done = project.does(*words)
    assert (done.exit, done.out) == (code, "")
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.fault(96)
def test_no_colour_reaches_a_file_or_a_reader_who_wants_none(project: Project) -> None:
    """Colour only where it is asked for: FORCE_COLOR forces it, NO_COLOR and --no-color win."""
    colours = {}
    for environ, flags in (({}, []), ({"FORCE_COLOR": "1"}, []), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [])):
        project.environ = {**project.environ, "FORCE_COLOR": "", "NO_COLOR": "", **environ}
        colours[len(environ)] = "\x1b[" in project.does(*flags, "show", "practice").out
    assert colours == {0: False, 1: True, 2: False}
    project.environ = {**project.environ, "FORCE_COLOR": "1", "NO_COLOR": ""}
    assert "\x1b[" not in project.does("--no-color", "show", "practice").out


def test_a_reader_that_leaves_does_not_end_a_run(project: Project) -> None:
    """`run | head -1`: what was approved is applied and verified all the same."""
    line = f"{' '.join(map(repr, COMMAND))} run practice --yes --output jsonl 2>&- | head -n 1"
    subprocess.run(["sh", "-c", line], cwd=project.folder, env=project.environ, check=False, capture_output=True)
    [run] = project.does("runs", "--output", "json").json["runs"]
    assert run["outcome"] == "resolved"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_finishes_the_change_and_leaves_the_run_resumable(
    number: signal.Signals, code: int, project: Project
) -> None:
    """It is applied once; the rest is done on resume."""
    argv = [*COMMAND, "run", "practice", "--yes", "-p", "seconds=1", "--output", "json"]
    command = subprocess.Popen(
        argv, cwd=project.folder, env=project.environ, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    begun(project)
    command.send_signal(number)
    out, _ = command.communicate(timeout=30)
    said = json.loads(out.splitlines()[-1])
    assert (command.returncode, said["exit"]) == (code, {"code": code, "name": "interrupted"})
    assert project.does("resume", said["run"], "--yes").exit == 0
    assert (project.folder / "begun").read_text() == "x\n"


def begun(project: Project) -> None:
    """Wait until the change is being made."""
    deadline = time.monotonic() + 30
    while not (project.folder / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.fault(83)
def test_what_a_killed_runner_left_in_doubt_is_settled_by_a_person(project: Project) -> None:
    """Exit 9 with the commands that settle it; then the run goes on, and applies nothing twice."""
    argv = [*COMMAND, "run", "practice", "--yes", "-p", "seconds=1"]
    command = subprocess.Popen(
        argv, cwd=project.folder, env=project.environ, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    begun(project)
    command.kill()
    command.wait()
    run = project.does("runs", "--output", "json").json["runs"][0]["run"]
    while (project.folder / "broken").exists():  # the change outlives its runner
        time.sleep(0.05)
    doubtful = project.does("resume", run, "--yes", "--output", "json")
    assert (doubtful.exit, doubtful.run["status"]) == (9, "waiting")
    assert any("--settle rm=applied" in command for one in doubtful.run["waiting"] for command in one["commands"])
    assert project.does("resume", run, "--settle", "rm=applied").exit == 2
    settled = project.does("resume", run, "--settle", "rm=applied", "--reason", "it is gone", "--output", "json")
    assert (settled.exit, settled.run["outcome"]) == (0, "resolved")
    assert (project.folder / "begun").read_text() == "x\n"


BLIND = """\
    - {id: blind, uses: prometheus.query, with: {query: up}, expect: value == 1}
"""


def test_what_nobody_can_see_is_extended_or_attested(project: Project) -> None:
    """A check that cannot tell leaves the run waiting; a person looks longer, or says what they saw."""
    project.runbook(RUNBOOK.replace("within: 3s", "within: 2s") + BLIND)
    waiting = project.run("practice", "--yes")
    run = waiting.run["run"]
    assert (waiting.exit, waiting.run["waiting"][0]["for"]) == (6, "question")
    assert project.does("resume", run, "--extend").exit == 6
    done = project.does(
        "resume", run, "--extend", "--attest", "blind=pass", "--reason", "seen in the dashboard", "--output", "json"
    )
    assert (done.exit, done.run["outcome"]) == (0, "resolved")
    assert [step["attested"] for step in done.run["steps"] if step["id"] == "blind"][-1]


def test_completion_completes_commands_runbooks_and_runs(project: Project) -> None:
    """From local files, without a word on stderr."""
    assert "_RUNBOOK_COMPLETE" in project.does("completion", "bash").out
    run = project.run("practice").run["run"]
    typed = {
        "runbook re": "resume",
        "runbook run pra": "practice",
        f"runbook watch {run[:6]}": run,
        "runbook run practice -p sec": "seconds=",
        "runbook plan practice --option rem": "remove",
    }
    for words, wanted in typed.items():
        environ = {
            **project.environ,
            "_RUNBOOK_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        }
        done = subprocess.run(
            COMMAND, cwd=project.folder, env=environ, capture_output=True, text=True, check=False, timeout=60
        )
        assert f"plain,{wanted}" in done.stdout.splitlines()
        assert done.stderr == ""


HEAVY = {
    "kubernetes", "requests", "pydantic", "aiohttp", "ruamel", "jsonschema", "cryptography", "httpx2", "asyncio",
    "prometheus_api_client", "urllib3",
}  # fmt: skip
AT_ONCE = HEAVY | {"rich", "msgspec", "yaml", "jinja2", "sqlite3"}


@pytest.mark.parametrize(
    ("words", "never"),
    [
        (["--help"], AT_ONCE),
        (["run", "--help"], AT_ONCE),
        (["list"], HEAVY | {"rich", "sqlite3"}),
        (["lint"], HEAVY | {"rich"}),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(words: list[str], never: set[str], project: Project) -> None:
    """Start-up is felt at every command."""
    argv = [sys.executable, "-X", "importtime", *COMMAND[1:], *words]
    done = subprocess.run(
        argv, cwd=project.folder, env=project.environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    imported = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}
    assert "click" in imported
    assert imported & never == set()


def test_the_executable_is_installed() -> None:
    """The name that people type, beside the Python that runs these tests."""
    command = Path(sys.executable).parent / "runbook"
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stdout.split()[0]) == (0, "runbook")
