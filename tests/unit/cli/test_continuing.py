"""`continue_with` as whoever types commands sees it: one command, one end, both runs linked."""

from __future__ import annotations

import json
from pathlib import Path

from runbook.cli import explain, library, lint, plan, resume, runs
from runbook.cli import run as run_command
from runbook.cli.overview import overview
from runbook.errors import Exit
from support.sessions import Heard, session

FIRST = """\
apiVersion: runbook/v1
kind: Runbook
name: practice
title: The first
parameters:
  word: {type: string, default: fixed}
resolution:
  - id: over
    title: It is something else
    continue_with: {runbook: second, parameters: {word: "{{ params.word }}"}}
"""
SECOND = """\
apiVersion: runbook/v1
kind: Runbook
name: second
title: The second
parameters:
  word: {type: string}
resolution:
  - id: fix
    steps:
      - {id: touch, uses: command.run, with: {argv: [touch, "{{ params.word }}"]}}
verification:
  within: 2s
  every: 1s
  checks:
    - {id: there, uses: command.run, with: {argv: [test, -e, "{{ params.word }}"], effect: read}}
"""
STEPS = """\
apiVersion: runbook/v1
kind: Steps
name: look-around
title: What is here
parameters:
  file: {type: string, description: Which file.}
steps:
  - {id: there, uses: command.run, with: {argv: [test, -e, "{{ params.file }}"], effect: read}}
"""


def opened(folder: Path) -> Heard:
    heard = session(folder, runbook=FIRST)
    (folder / "runbooks" / "second.yaml").write_text(SECOND)
    return heard


def test_one_command_goes_through_both_runs_and_ends_with_the_last(tmp_path: Path) -> None:
    """Its exit code and its JSON object are those of the second, which says where it comes from."""
    heard = opened(tmp_path)
    assert run_command.run(heard, run_command.Options("practice", yes=True, output="json")) == Exit.OK
    [line] = heard.out.getvalue().splitlines()
    last = json.loads(line)
    assert (last["runbook"], last["outcome"], last["continued"]) == ("second", "resolved", None)
    listed = opened(tmp_path)
    runs.runs(listed, runs.Options(output="json"))
    second, first = listed.json["runs"]
    assert (first["outcome"], first["continued"]) == ("continued", second["run"])
    assert second["continued_from"] == first["run"] == last["continued_from"]


def test_a_second_run_that_waits_is_what_the_first_is_resumed_to(tmp_path: Path) -> None:
    """Whoever knows only the first id comes to the gate of the second."""
    heard = opened(tmp_path)
    assert run_command.run(heard, run_command.Options("practice", output="json")) == Exit.WAITING
    first = heard.json["continued_from"]
    again = opened(tmp_path)
    assert resume.resume(again, resume.Options(first, yes=True, output="json")) == Exit.OK
    assert again.json["runbook"] == "second"
    assert f"run {first} went on as run {again.json['run']}" in again.err.getvalue()


def test_a_hand_over_that_nobody_saw_through_is_said_and_healed(tmp_path: Path) -> None:
    """The runner was killed between the two: bare `runbook`, `runs` and `resume` know."""
    from runbook.hosts.local import started
    from runbook.hosts.pinned import Start
    from runbook.hosts.place import Manner
    from runbook.hosts.rehearsal import Silent
    from runbook.hosts.said import Nobody

    heard = opened(tmp_path)
    _, documents = heard.project.runbook("practice")
    first = "01m00000000000000000000000"
    start = Start(run=first, parameters={"word": "fixed"}, initiator=heard.place.people.me)
    started(heard.place, start, documents, {}, Manner(), Nobody(), Silent())

    assert overview(heard) == Exit.OK
    said = heard.out.getvalue()
    assert "it goes on with second, which has not been started yet" in said
    assert f"runbook resume {first}" in said
    runs.runs(heard, runs.Options())
    assert "◌ it goes on with second, which has not been started yet" in heard.out.getvalue()
    assert resume.resume(heard, resume.Options(first, yes=True)) == Exit.OK
    assert (tmp_path / "fixed").exists()
    assert f"from run {first}" in heard.out.getvalue()
    healed = opened(tmp_path)
    overview(healed)
    assert "nothing waits" in healed.out.getvalue()


def test_what_it_would_go_on_with_stands_in_plan_show_and_explain(tmp_path: Path) -> None:
    """Before anything is run."""
    heard = opened(tmp_path)
    assert lint.lint(heard, lint.Options()) == Exit.OK
    plan.plan(heard, plan.Options("practice"))
    assert "goes on   with second, with word=fixed" in heard.out.getvalue()
    for what in (
        library.show(heard, library.ShowOptions("practice")),
        explain.explain(heard, explain.Options("practice")),
    ):
        assert what == Exit.OK
    assert "goes on with second" in heard.out.getvalue()
    assert "with the runbook second; this run ends" in heard.out.getvalue()


def test_steps_to_include_are_listed_shown_and_explained(tmp_path: Path) -> None:
    """What they need, and how they are included; one that cannot be used does not hide the others."""
    heard = opened(tmp_path)
    (tmp_path / "runbooks" / "look.yaml").write_text(STEPS)
    (tmp_path / "runbooks" / "broken.yaml").write_text(STEPS.replace("look-around", "broken").replace("uses", "usess"))
    library.listed(heard, library.ListOptions("json"))
    assert [(row["name"], row["valid"]) for row in heard.json["steps"]] == [("broken", False), ("look-around", True)]
    library.listed(heard, library.ListOptions())
    assert "look-around       What is here" in heard.out.getvalue()
    for show in (
        library.show(heard, library.ShowOptions("look-around")),
        explain.explain(heard, explain.Options("look-around")),
    ):
        assert show == Exit.OK
    said = heard.out.getvalue()
    assert "file      Which file; string, must be given" in said
    assert "include: look-around, as: PREFIX, with: file" in said
    library.show(heard, library.ShowOptions("look-around", "json"))
    assert heard.json["steps"] == {"there": "run test -e '{{ params.file }}'"}
