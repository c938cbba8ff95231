"""Jobs and commands in containers through whole runs, on the scripted API server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.core.changes import Outcome
from runbook.core.words import Applied
from support.kube_cluster import Cluster, scripted
from support.kube_exec import Running
from support.kube_jobs import all_jobs, ends
from support.projects import Project, applied, steps
from support.real_cluster import wait

RUNBOOK = """\
name: copy
title: Rows are missing
resolution:
  - id: again
    steps:
      - id: job
        uses: kubernetes.job
        with: {{namespace: {namespace}, name: copy, image: "copy:1"}}
        timeout: 20s
        outputs:
          rows: {{regex: "([0-9]+) rows", type: integer}}
      - id: tell
        when: steps.job.rows == 12 and steps.job.state == 'complete'
        uses: kubernetes.exec
        with: {{namespace: {namespace}, pod: api-1, argv: [reload, "{{{{ steps.job.rows }}}}"]}}
verification:
  within: 1s
  every: 1s
  checks:
    - {{id: fine, uses: kubernetes.exec, with: {{namespace: {namespace}, pod: api-1, argv: [check], effect: read}}}}
"""


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with scripted(tmp_path) as made:
        made.pod("api-1")
        yield made


@pytest.fixture
def project(at: Cluster, tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.config(f"connections: {{kubernetes: {{kubeconfig: {tmp_path / 'kubeconfig'}}}}}\n")
    made.runbook(RUNBOOK.format(namespace=at.namespace))
    return made


def job_of(at: Cluster) -> Outcome:
    """The one Job, once it is there."""
    (name,) = wait(lambda: all_jobs(at))
    found = at.get("Job", name)
    assert found is not None
    return Outcome(applied=Applied.YES, state={"name": name, "uid": found["metadata"]["uid"]})


def test_a_job_is_waited_for_and_what_it_said_is_gone_by(at: Cluster, project: Project) -> None:
    """Its declared output is read when it has ended, and the next stage is planned with it."""
    played = threading.Thread(target=lambda: ends(at, job_of(at), log="12 rows\n"))
    played.start()
    done = project.run("copy", "--yes").run
    played.join()
    found = steps(done)
    assert (done["outcome"], applied(done)) == ("resolved", ["job", "tell"])
    assert (found["job"]["output"]["rows"], found["job"]["output"]["log"]) == (12, "12 rows\n")
    assert at.scripted is not None
    assert at.scripted.started[0].argv == ["check"]
    assert ["reload", "12"] in [run.argv for run in at.scripted.started]


def test_a_job_that_fails_stops_the_option_and_its_log_stands_in_the_record(at: Cluster, project: Project) -> None:
    """Nothing that was to follow is done."""
    played = threading.Thread(target=lambda: ends(at, job_of(at), code=3, log="table is locked\n"))
    played.start()
    done = project.run("copy", "--yes").run
    played.join()
    assert (done["outcome"], applied(done)) == ("not_resolved", ["job"])
    assert "exited with 3: table is locked" in project.does("watch", done["run"]).out.replace("\n", " ")
    assert "table is locked" in json.dumps(project.records(done["run"], "step.observed"))


def test_who_aborts_is_told_that_the_job_goes_on_and_how_to_stop_it(at: Cluster, project: Project) -> None:
    """Nothing is deleted unasked."""
    with project.typing("run", "copy", "--yes", "--output", "json") as runner:
        name = job_of(at).state["name"]
        run = wait(lambda: project.does("runs", "--output", "json").json["runs"])[0]["run"]
        wait(lambda: project.records(run, "change.resulted"))
        assert project.does("abort", run, "--reason", "wrong table").exit == 0
        runner.wait(30)
    said = " ".join(project.does("watch", run).out.split())
    assert f"delete job {name}" in said.replace("\\ ", "")
    assert "it does not end with this run" in said
    assert all_jobs(at) == [name]


def test_a_runner_that_dies_while_the_job_runs_is_resumed_and_no_second_one_is_made(
    at: Cluster, project: Project
) -> None:
    """Killed whenever it was: before the result was recorded, or while its end was waited for."""
    with project.typing("run", "copy", "--yes") as runner:
        outcome = job_of(at)
        runner.kill()
        runner.wait(10)
    run = project.does("runs", "--output", "json").json["runs"][0]["run"]
    ends(at, outcome, log="12 rows\n")
    done = project.does("resume", run, "--yes", "--output", "json").run
    assert (done["outcome"], applied(done)) == ("resolved", ["job", "tell"])
    assert all_jobs(at) == [outcome.state["name"]]


def test_what_a_pod_says_moves_no_terminal(at: Cluster, project: Project) -> None:
    """The last line of a log is quoted in a failure; a log is written by whoever speaks to the program."""
    hostile = "\x1b]52;c;aGk=\x07\x1b[2J\u202egnirts\n"
    played = threading.Thread(target=lambda: ends(at, job_of(at), code=1, log=hostile))
    played.start()
    done = project.does("run", "copy", "--yes")
    played.join()
    assert "gnirts" in done.out + done.err
    assert not {"\x1b", "\x07", "\u202e"} & set(done.out + done.err)


def test_a_plan_runs_in_a_container_only_what_the_policy_believes_there(at: Cluster, project: Project) -> None:
    """A list of what is believed on this machine says nothing of a pod."""
    config = project.folder / "runbook.yaml"
    config.write_text(config.read_text() + "policy: policy.yaml\n")
    people = "people: {ann: {user: ann}}\ncommands: {read: [%s]}\n"
    look = "symptoms: [{id: up, uses: kubernetes.exec, with: {pod: api-1, namespace: %s, argv: [check], effect: read}}]"
    project.runbook(f"name: look\ntitle: Look there\n{look % at.namespace}\n")
    project.policy(people % "[check]")
    found = steps(project.does("plan", "look", "--output", "json").run)["up"]
    assert found["error"]["code"] == "unproven_read"
    assert f"api-1.{at.namespace}.pod" in found["error"]["message"]
    project.policy(people % f"{{host: api-*.{at.namespace}.pod, argv: [check]}}")
    assert steps(project.does("plan", "look", "--output", "json").run)["up"]["verdict"] == "pass"


def test_a_command_whose_end_was_not_heard_leaves_the_run_in_doubt(at: Cluster, project: Project) -> None:
    """What was said until then is told, and a person settles it."""
    text = RUNBOOK.format(namespace=at.namespace).replace("name: copy", "name: reload", 1)
    before, _, rest = text.partition("      - id: job\n")
    project.runbook(
        before
        + "      - id: tell\n"
        + rest.partition("      - id: tell\n")[2]
        .replace("        when: steps.job.rows == 12 and steps.job.state == 'complete'\n", "")
        .replace("{{ steps.job.rows }}", "all")
    )

    def container(run: Running) -> None:
        if run.argv == ["check"]:
            run.exits(1)
        else:
            run.cut()

    assert at.scripted is not None
    at.scripted.container = container
    done = project.run("reload", "--yes")
    assert done.exit == 9
    assert "may go on in Pod" in " ".join(project.does("watch", done.run["run"]).err.split())
