"""Values read out of what commands print: on the local host, in a rehearsal, before a stage and after a change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.projects import Project, applied, steps

RUNBOOK = """\
name: etcd
title: A member is slow
triage:
  - id: members
    uses: command.run
    with: {argv: [cat, members.json], effect: read}
    expect: leader > 0 and names | length == 2
    outputs:
      leader: {json: "[0].Status.leader", type: integer}
      names: {json: "[*].Endpoint"}
      quorum: {json: "[3].lost", type: boolean, default: false, from: stdout}
      last: {line: -1}
resolution:
  - id: defragment
    when: steps.members.leader == 7
    steps:
      - id: defrag
        uses: command.run
        with: {argv: [echo, "job 12 of {{ steps.members.names[1] }}"]}
        outputs:
          job: {regex: "job ([0-9]+)", type: integer}
          freed: {regex: "freed ([0-9]+)", type: integer}
      - id: wait
        uses: command.run
        with: {argv: [echo, "waiting for {{ steps.defrag.job + 1 }}"]}
verification: {within: 1s, every: 1s, checks: [{id: fine, uses: command.run, with: {argv: ["true"], effect: read}}]}
"""
MEMBERS = '[{"Endpoint": "etcd-1", "Status": {"leader": 7}}, {"Endpoint": "etcd-2"}]\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    project.runbook(RUNBOOK)
    (project.folder / "members.json").write_text(MEMBERS)
    return project


def test_a_run_reads_values_and_goes_by_them(project: Project) -> None:
    """A later step, a `when` and a later stage see typed values; what a change did not print is null and a warning."""
    done = project.run("etcd", "--yes").run
    found = steps(done)
    assert (
        found["members"]["output"] | {"leader": 7, "names": ["etcd-1", "etcd-2"], "quorum": False}
        == (found["members"]["output"])
    )
    assert found["members"]["verdict"] == "pass"
    assert found["defrag"]["output"]["job"] == 12
    assert found["defrag"]["output"]["freed"] is None
    assert found["wait"]["output"]["stdout"] == "waiting for 13\n"
    [defrag] = [
        record for record in project.records(done["run"], "change.resulted") if record["data"]["id"] == "defrag"
    ]
    assert "nothing in stdout matches freed" in defrag["data"]["warnings"][0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("connection refused\n", "output 'leader': stdout is not JSON"),
        ('[{"Endpoint": "etcd-1", "Status": {}}]', "output 'leader': no '[0].Status.leader' in stdout"),
        (MEMBERS.replace("7", '"7"'), "output 'leader': '[0].Status.leader' expects a whole number, got '7'"),
    ],
    ids=["no JSON", "not there", "another type"],
)
def test_what_cannot_be_read_fails_the_step_and_nothing_is_guessed(project: Project, text: str, said: str) -> None:
    """The step has failed, its verdict is unknown, and the option that goes by it is not taken."""
    (project.folder / "members.json").write_text(text)
    done = project.run("etcd", "--yes").run
    members = steps(done)["members"]
    assert (members["status"], members["verdict"], members["error"]["code"]) == ("failed", "unknown", "output")
    assert said in members["error"]["message"]
    assert members["output"]["stdout"] == text
    assert "defrag" not in applied(done)


@pytest.mark.parametrize(
    ("given", "leader", "verdict"),
    [
        ({"stdout": MEMBERS, "exit_code": 0}, 7, "pass"),
        ({"leader": 7, "names": ["a", "b"]}, 7, "pass"),
        ({"leader": "seven", "names": []}, None, "unknown"),
        ({"stdout": "refused", "exit_code": 1}, None, "unknown"),
        ({"verdict": "fail"}, None, "fail"),
    ],
    ids=["raw", "declared", "of another type", "raw that is none", "the verdict itself"],
)
def test_a_scenario_gives_what_is_printed_or_what_is_read_from_it(
    project: Project, given: dict[str, Any], leader: int | None, verdict: str
) -> None:
    """Either way the run goes by the same rules, those of types included."""
    (project.folder / "runbooks" / "etcd.scenarios.yaml").write_text(
        "apiVersion: runbook/v1\nkind: Scenario\nrunbook: etcd\nscenarios:\n"
        f"  - name: it\n    given: {{members: {json.dumps(given)}, defrag: {{output: {{job: 12}}}}}}\n"
        "    approvals: {defragment: {granted_by: [ann]}}\n"
        f"    expect: {{verdicts: {{members: {verdict}}}}}\n"
    )
    tested = project.does("test", "--output", "json")
    assert tested.exit == 0, tested.out + tested.err
    done = project.run("etcd", "--rehearse", "it").run
    assert steps(done)["members"]["output"].get("leader") == leader


BLOCKERS = """\
name: blocked
title: Something blocks
triage:
  - id: blockers
    uses: command.run
    with: {argv: [sh, -c, "%s"], effect: read}%s
    means:
      - {if: stdout == '', say: Nothing blocks.}
resolution:
  - id: go_on
    when: steps.blockers.stdout == ''
    steps: [{id: go, uses: command.run, with: {argv: [echo, gone]}}]
verification: {within: 1s, every: 1s, checks: [{id: fine, uses: command.run, with: {argv: ["true"], effect: read}}]}
"""


@pytest.mark.parametrize(
    ("script", "expect", "done", "said"),
    [
        ("exit 0", "", ["go"], "Nothing blocks."),
        ("echo refused >&2; exit 1", "", [], "cannot tell what it means: it exited with 1 and printed nothing"),
        ("exit 1", "\n    expect: exit_code in [0, 1]", ["go"], "Nothing blocks."),
        ("exit 2", "\n    expect: exit_code in [0, 1]", [], "cannot tell what it means: it exited with 2"),
    ],
    ids=["nothing", "out of reach", "grep", "grep failed"],
)
def test_no_option_goes_by_the_empty_text_of_a_command_that_failed(
    tmp_path: Path, script: str, expect: str, done: list[str], said: str
) -> None:
    """`nothing blocks` is an answer only of a command that could look."""
    project = Project(tmp_path / "project")
    project.runbook(BLOCKERS % (script, expect))
    ended = project.run("blocked", "--yes")
    assert applied(ended.run) == done
    [note] = [record for record in project.records(ended.run["run"], "note.added") if record["data"].get("say")]
    assert note["data"]["say"].startswith(said)
