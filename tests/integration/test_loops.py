"""A loop from the list that a command prints to its end: applied one by one, resumed, settled, played in a scenario."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.projects import Project, applied, steps

RUNBOOK = """\
name: etcd
title: The database of etcd is nearly full
triage:
  - id: members
    uses: command.run
    with: {argv: [cat, members.json], effect: read}
    outputs: {all: {json: "[*]", type: array}}
  - id: there
    uses: command.run
    with: {argv: [test, -e, "{{ item.Name }}"], effect: read}
    for_each: {items: steps.members.all, key: item.Name}
resolution:
  - id: defragment
    steps:
      - id: defrag
        uses: command.run
        with: {argv: [./defrag, "{{ member.Endpoint }}"]}
        for_each:
          items: steps.members.all
          as: member
          key: member.Endpoint
          order_by: member.Leader == member.Id
          between:
            - id: answers
              uses: command.run
              with: {argv: [grep, -q, "{{ member.Endpoint }}", done], effect: read}
              expect: exit_code == 0
      - id: told
        uses: command.run
        with: {argv: [echo, "{{ steps.defrag.results | length }} done, {{ steps.defrag.failed | length }} failed"]}
verification:
  within: 1s
  every: 1s
  checks: [{id: all, uses: command.run, with: {argv: [grep, -q, a, done], effect: read}, expect: exit_code == 0}]
"""
IDS = {"a": 10276657743932975437, "b": 2, "c": 3}  # etcd's are 64 bits long
DEFRAG = '#!/bin/sh\nprintf "%s\\n" "$1" >> done\n[ ! -e "kill-$(basename "$1")" ] || kill -9 $PPID\n'
ORDER = [f"https://{name}:1/x" for name in "bca"]


def members(*names: str) -> str:
    found = [{"Name": name, "Endpoint": f"https://{name}:1/x", "Id": IDS[name], "Leader": IDS["a"]} for name in names]
    return json.dumps(found)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    project.runbook(RUNBOOK)
    (project.folder / "members.json").write_text(members("a", "b", "c"))
    (project.folder / "defrag").write_text(DEFRAG)
    (project.folder / "defrag").chmod(0o755)
    (project.folder / "b").touch()
    return project


def done(project: Project) -> list[str]:
    return (project.folder / "done").read_text().split()


def test_each_item_is_applied_once_in_order_and_is_a_row_of_its_own(project: Project) -> None:
    """The leader last; a probe that is repeated has a verdict for each; later steps see the whole."""
    run = project.run("etcd", "--yes").run
    found = steps(run)
    assert (run["outcome"], done(project)) == ("resolved", ORDER)
    assert applied(run) == [*(f"defrag[{endpoint}]" for endpoint in ORDER), "told"]
    assert [found[f"there[{name}]"]["verdict"] for name in "abc"] == ["fail", "pass", "fail"]
    assert found["told"]["output"]["stdout"] == "3 done, 0 failed\n"
    between = [step["path"] for step in run["steps"] if step["id"].startswith("answers")]
    assert between == [f"resolution/defragment/defrag[{endpoint}]/answers" for endpoint in ORDER[:2]]


def test_a_list_that_changed_while_people_decided_is_asked_for_again(project: Project) -> None:
    """What was approved is not sent, and the gate says who went."""
    waiting = project.run("etcd").run
    (project.folder / "members.json").write_text(members("a", "c"))
    [gate] = project.records(waiting["run"], "gate.opened")
    project.does("approve", waiting["run"], "--digest", gate["data"]["digest"][:12])
    resumed = project.does("resume", waiting["run"], "--output", "json").run
    assert not (project.folder / "done").exists()
    assert resumed["status"] == "waiting"
    again = project.records(waiting["run"], "gate.opened")[-1]["data"]
    assert (again["attempt"], again["changed"]) == (2, "https://b:1/x went")
    assert [change["path"].split("[")[1] for change in again["changes"]] == ["https://c:1/x]", "https://a:1/x]"]


def test_an_item_in_doubt_is_settled_by_its_name_and_the_loop_goes_on(project: Project) -> None:
    """Its runner died in the middle of it; the others wait for a person's word."""
    (project.folder / "kill-x").touch()
    assert project.run("etcd", "--yes").exit == -9
    (project.folder / "kill-x").unlink()
    [run] = json.loads(project.does("runs", "--output", "json").out)["runs"]
    doubted = project.does("resume", run["run"], "--output", "json")
    assert (doubted.exit, done(project)) == (9, ORDER[:1])
    settled = f"defrag[{ORDER[0]}]=applied"
    resumed = project.does("resume", run["run"], "--settle", settled, "--reason", "it is", "--yes", "--output", "json")
    assert (resumed.run["outcome"], done(project)) == ("resolved", ORDER)


def scenarios(project: Project, case: dict[str, Any]) -> None:
    head = "apiVersion: runbook/v1\nkind: Scenario\nrunbook: etcd\nscenarios:\n"
    (project.folder / "runbooks" / "etcd.scenarios.yaml").write_text(f"{head}  - {json.dumps(case)}\n")


def test_scenarios_name_one_item_or_all_of_them(project: Project) -> None:
    """In what is given, in what is applied, and in verdicts."""
    small = [member | {"Id": int(member["Name"] == "a"), "Leader": 1} for member in json.loads(members("a", "b", "c"))]
    case: dict[str, Any] = {
        "name": "c does not answer",
        "initiator": "ann",
        "given": {
            "members": {"exit_code": 0, "all": small},
            "there": {"exit_code": 0},
            "answers": {"exit_code": 0},
            "answers[https://c:1/x]": {"exit_code": 1},
            "defrag[https://b:1/x]": {"applied": "yes"},
            "all": [{"exit_code": 1}, {"exit_code": 0, "after": "defrag[https://a:1/x]"}],
        },
        "approvals": {"defragment": {"granted_by": ["ann"]}},
        "expect": {
            "outcome": "not_resolved",
            "applied": ["defrag[https://b:1/x]", "resolution/defragment/defrag[https://c:1/x]"],
            "verdicts": {"there[b]": "pass", "answers": "fail", "answers[https://b:1/x]": "pass"},
        },
    }
    scenarios(project, case)
    tested = project.does("test")
    assert tested.exit == 0, tested.out + tested.err
    assert project.does("lint").exit == 0
    case["given"]["all[x]"] = {"exit_code": 0}
    scenarios(project, case)
    assert "has no step 'all[x]'" in project.does("lint").out


def test_what_could_not_be_seen_of_one_item_may_be_attested(project: Project) -> None:
    """Of this one or, without a key, of all."""
    project.runbook(RUNBOOK.replace("[test, -e,", "[no-such-program,"))
    for said, verdicts in (("there[a]=pass", ["pass", "unknown", "unknown"]), ("there=fail", ["fail"] * 3)):
        found = steps(project.run("etcd", "--attest", said, "--reason", "I see it", "--yes").run)
        assert [found[f"there[{name}]"]["verdict"] for name in "abc"] == verdicts


def test_what_a_loop_changed_is_taken_back_newest_first(project: Project) -> None:
    """A run of its own finds every item again by its key."""
    undo = 'argv: [./defrag, "{{ member.Endpoint }}"], undo: {argv: [./defrag, "un{{ member.Endpoint }}"]}'
    project.runbook(RUNBOOK.replace('argv: [./defrag, "{{ member.Endpoint }}"]', undo).replace("      - id: told", "#"))
    text = (project.folder / "runbooks" / "etcd.yaml").read_text().splitlines()
    cut = next(n for n, line in enumerate(text) if line.startswith("#"))
    (project.folder / "runbooks" / "etcd.yaml").write_text("\n".join([*text[:cut], *text[cut + 3 :]]) + "\n")
    run = project.run("etcd", "--yes").run["run"]
    project.does("undo", run, "--yes")
    assert done(project) == [*ORDER, *(f"un{endpoint}" for endpoint in reversed(ORDER))]
