"""A run on a terminal, as the person on call has it: read, decide, go away, come back."""

from __future__ import annotations

import getpass
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.projects import Project
from support.terminals import Terminal

pytestmark = pytest.mark.acceptance

RUNBOOK = """\
name: practice
title: The practice service is broken
symptoms:
  - id: marked
    uses: command.run
    with: {argv: [test, -e, broken], effect: read}
resolution:
  - id: remove
    title: Remove the marker
    steps:
      - id: rm
        uses: command.run
        with: {argv: [rm, --, broken], undo: {argv: [touch, --, broken]}}
  - id: other
    steps:
      - {id: touch_other, uses: command.run, with: {argv: [touch, other]}}
verification:
  within: 3s
  every: 1s
  checks:
    - {id: gone, uses: command.run, with: {argv: [test, "!", -e, broken], effect: read}}
"""

APPLY = r"Apply this\? yes / no / skip / wait / abort: "

Typing = Callable[..., Terminal]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.runbook(RUNBOOK)
    (made.folder / "broken").touch()
    return made


@pytest.fixture
def typing(project: Project) -> Typing:
    return lambda *words, **more: Terminal(project.folder, *words, environ=project.environ, **more)


def run_id(project: Project) -> str:
    return str(project.does("runs", "--output", "json").json["runs"][0]["run"])


def test_a_gate_is_shown_whole_and_opened_by_yes(project: Project, typing: Typing) -> None:
    """What will be done, who must say yes, by when, by hand and back; then it is done, verified and told."""
    terminal = typing("run", "practice")
    shown = terminal.answers(APPLY, "y")
    for word in ("The practice service is broken", "run rm -- broken", "digest", "until", "undo", "by hand"):
        assert word in shown
    code, shown = terminal.ends()
    assert (code, (project.folder / "broken").exists()) == (0, False)
    assert "Resolved by remove" in shown
    assert f"runbook undo {run_id(project)}" in shown


def test_a_no_at_every_gate_refuses_the_run(project: Project, typing: Typing) -> None:
    """With its reason; nothing was changed, exit 7."""
    terminal = typing("run", "practice")
    for _ in range(2):
        terminal.answers(APPLY, "no")
        terminal.answers("A no needs a reason: ", "not now")
    code, shown = terminal.ends()
    assert code == 7
    assert "Denied" in shown
    assert (project.folder / "broken").exists()


def test_skip_goes_to_the_next_option_and_wait_leaves_it_there(project: Project, typing: Typing) -> None:
    """Exit 6; another day goes on at the same gate."""
    terminal = typing("run", "practice")
    assert "Remove the marker" in terminal.answers(APPLY, "skip")
    assert "touch other" in terminal.answers(APPLY, "wait")
    code, shown = terminal.ends()
    assert code == 6
    assert "runbook resume" in shown
    again = typing("resume", run_id(project))
    assert "touch other" in again.answers(APPLY, "y")
    assert again.ends()[0] == 5
    assert (project.folder / "other").exists()


def test_abort_at_a_gate_ends_the_run(project: Project, typing: Typing) -> None:
    """Nothing further is started; exit 7."""
    terminal = typing("run", "practice")
    terminal.answers(APPLY, "abort")
    terminal.answers("Why", "wrong service")
    code, shown = terminal.ends()
    assert code == 7
    assert "wrong service" in shown
    assert "Aborted" in shown


def test_ctrl_c_at_a_gate_leaves_the_run_waiting(project: Project, typing: Typing) -> None:
    """Exit 6, with what to type next, and a cursor that is there again."""
    terminal = typing("run", "practice")
    terminal.asks(APPLY)
    terminal.interrupts()
    code, shown = terminal.ends()
    assert code == 6
    assert re.search(r"runbook approve \w{26} --digest [0-9a-f]{12}", shown)
    assert terminal.raw.rfind("\x1b[?25h") > terminal.raw.rfind("\x1b[?25l")


@pytest.mark.fault(65)
def test_ctrl_c_in_a_step_is_answered_at_once_and_resumable(project: Project, typing: Typing) -> None:
    """Exit 130; what was being read is read again later."""
    project.runbook(RUNBOOK.replace("[test, -e, broken]", "[sh, -c, 'test -e go || sleep 20']"))
    terminal = typing("run", "practice")
    terminal.asks("marked")
    terminal.interrupts()
    terminal.asks("stopping")
    code, shown = terminal.ends()
    assert code == 130
    assert "runbook resume" in shown
    (project.folder / "go").touch()
    again = typing("resume", run_id(project))
    again.answers(APPLY, "y")
    assert again.ends()[0] == 0


@pytest.mark.fault(65)
def test_a_closed_terminal_leaves_the_run_where_it_is(project: Project, typing: Typing) -> None:
    """A lid that falls shut at a gate decides nothing, and holds nobody up."""
    terminal = typing("run", "practice")
    terminal.asks(APPLY)
    terminal.hangs_up()
    run = run_id(project)
    deadline = time.monotonic() + 20
    while (done := project.does("resume", run, "--yes")).exit == 8:  # until it is let go of
        assert time.monotonic() < deadline, done.err
    assert (done.exit, (project.folder / "broken").exists()) == (0, False)


def test_a_gate_that_is_decided_elsewhere_is_withdrawn(project: Project, typing: Typing) -> None:
    """The one who was asked sees it, and the run goes on without their word."""
    terminal = typing("run", "practice")
    shown = terminal.asks(APPLY)
    digest = re.search(r"digest\s+([0-9a-f]{12})", shown)
    assert digest is not None
    assert project.does("approve", run_id(project), "--digest", digest[1]).exit == 0
    assert "decided elsewhere" in terminal.asks("decided elsewhere")
    assert terminal.ends()[0] == 0


def test_approve_on_a_terminal_shows_what_it_approves(project: Project, typing: Typing) -> None:
    """Asked and answered there; the run goes on when it is resumed."""
    assert project.run("practice").exit == 6
    run = run_id(project)
    terminal = typing("approve", run[:20])
    assert "rm -- broken" in terminal.answers(r"Apply this\? yes / no / wait: ", "y")
    code, shown = terminal.ends()
    assert code == 0
    assert f"runbook resume {run}" in shown
    assert project.does("resume", run).exit == 0


DESTRUCTIVE = """\
name: practice
title: Destructive
resolution:
  - id: wipe
    steps:
      - id: rm
        uses: command.run
        with: {argv: [rm, --, broken], effect: destructive}
        irreversible: a file that is gone is gone
verification:
  within: 3s
  every: 1s
  checks:
    - {id: gone, uses: command.run, with: {argv: [test, "!", -e, broken], effect: read}}
"""


def test_nobody_destroys_anything_alone(project: Project, typing: Typing) -> None:
    """Without a policy there is nobody else: the glass may be broken, with a reason and the name of the target."""
    project.runbook(DESTRUCTIVE)
    terminal = typing("run", "practice")
    shown = terminal.asks(r"What now\? .*break the glass: ")
    assert "Apply this?" not in shown
    name = re.search(r"target\s+Command (\S+)", shown)
    assert name is not None
    terminal.types("break the glass")
    terminal.answers("Why", "nobody else is awake")
    terminal.answers(re.escape(f"And {name[1]}: "), name[1])
    code, shown = terminal.ends()
    assert code == 0
    assert "glass" in shown
    assert not (project.folder / "broken").exists()


POLICY = """\
people:
  somebody: {{user: nobody}}
  me: {{user: {user}}}
approvals:
  change: {{required: 1, from: [somebody]}}
"""


def test_who_may_not_answer_is_told_who_may(project: Project, typing: Typing) -> None:
    """Their yes is none; the gate waits for others."""
    project.config("policy: policy.yaml\n")
    project.policy(POLICY.format(user=getpass.getuser()))
    terminal = typing("run", "practice")
    shown = terminal.answers(r"What now\? skip / wait / abort: ", "yes")
    assert "it asks for" in shown
    assert "somebody" in shown
    terminal.answers(r"What now\? ", "wait")
    assert terminal.ends()[0] == 6


MANUAL = """\
name: practice
title: By hand
resolution:
  - id: by_hand
    steps:
      - {id: region, uses: manual.ask, with: {question: Which region?, choices: [eu, us]}}
      - {id: turn_off, uses: manual.do, with: {text: Turn it off.}}
verification:
  within: 3s
  every: 1s
  checks:
    - {id: off, uses: command.run, with: {argv: ["true"], effect: read}}
"""


def test_questions_and_manual_steps_are_answered_at_the_terminal(project: Project, typing: Typing) -> None:
    """One after the other, each with the answers that it takes."""
    project.runbook(MANUAL)
    terminal = typing("run", "practice", "--output", "json")
    terminal.answers("Which region.*eu / us / wait / abort: ", "eu")
    terminal.answers("Turn it off.*done / failed / wait / abort: ", "done")
    code, shown = terminal.ends()
    assert code == 0
    steps = json.loads(shown.strip().splitlines()[-1])["steps"]
    assert [step["output"].get("value") for step in steps[:2]] == ["eu", "done"]


def test_watching_ends_with_ctrl_c_and_the_run_does_not(project: Project, typing: Typing) -> None:
    """And says so."""
    terminal = typing("run", "practice")
    terminal.asks(APPLY)
    watching = typing("watch", run_id(project))
    watching.asks("remove is open")
    watching.interrupts()
    code, shown = watching.ends()
    assert code == 130
    assert "the run goes on" in shown
    terminal.types("y")
    assert terminal.ends()[0] == 0


TWO = """\
people:
  somebody: {{user: nobody}}
  me: {{user: {user}}}
approvals:
  change: {{required: 2, from: [me, somebody]}}
"""


def test_one_yes_of_two_is_recorded_and_the_other_waited_for(project: Project, typing: Typing) -> None:
    """Whoever said it is told, and may leave or take it back with a no."""
    project.config("policy: policy.yaml\n")
    project.policy(TWO.format(user=getpass.getuser()))
    terminal = typing("run", "practice")
    terminal.answers(APPLY, "y")
    shown = terminal.answers(r"wait \(leave it\) / no: ", "wait")
    assert "Your yes is recorded" in shown
    assert f"runbook approve {run_id(project)} --digest" in shown
    assert terminal.ends()[0] == 6
    [gate] = project.does("resume", run_id(project), "--output", "json").run["approvals"]
    assert [(vote["verdict"], vote["by"]) for vote in gate["votes"]] == [("grant", "me")]


def test_a_gate_that_expires_is_withdrawn_and_the_next_option_is_asked_about(project: Project, typing: Typing) -> None:
    """Nobody's half-typed yes opens it."""
    late = RUNBOOK.replace("title: Remove the marker", "approval: {timeout: 1s}")
    project.runbook(late)
    terminal = typing("run", "practice")
    terminal.asks(APPLY)
    terminal.asks("decided elsewhere, or too late")
    assert "touch other" in terminal.answers(APPLY, "wait")
    assert terminal.ends()[0] == 6
    assert (project.folder / "broken").exists()


def test_a_question_is_answered_on_another_terminal(project: Project, typing: Typing) -> None:
    """Where the run itself has none."""
    project.runbook(MANUAL)
    assert project.run("practice").exit == 6
    run = run_id(project)
    terminal = typing("answer", run, "region")
    assert "Which region?" in terminal.answers("eu / us / wait: ", "us")
    assert terminal.ends()[0] == 0
    steps = project.does("resume", run, "--output", "json").run["steps"]
    assert steps[0]["output"]["value"] == "us"


def test_a_project_that_asks_has_one_question_more_before_anything_is_recorded(
    project: Project, typing: Typing
) -> None:
    """`incidents: {declare: ask}`: one yes declares the incident, and the run is in it from its first record on."""
    project.config("incidents: {declare: ask}\n")
    project.runbook(RUNBOOK.replace("symptoms:", "severity: SEV1\nsymptoms:"))
    terminal = typing("run", "practice")
    terminal.answers(r"Declare an incident, SEV1\? yes / no: ", "yes")
    terminal.answers(APPLY, "y")
    assert terminal.ends()[0] == 0
    one = project.does("incident", "show", "1", "--output", "json").json
    assert (one["incident"], one["title"]) == ("INC-1", "The practice service is broken")
    assert [run["run"] for run in one["runs"]] == [run_id(project)]
