"""Runs that are sealed as they go: when, where to, and what becomes of them where no seal can be made."""

from __future__ import annotations

import getpass
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.projects import Project

BOOK = """name: cache
title: Clear the cache
resolution:
  - id: clear
    steps:
      - {id: clear_it, uses: command.run, with: {argv: [touch, done], effect: change}}
verification:
  within: 5s
  every: 1s
  checks:
    - {id: there, uses: command.run, with: {argv: [test, -f, done], effect: read}, expect: exit_code == 0}
"""
SEALS = "seals: {{key: {{file: seal.key}}, publish: [{places}], keys: [{{key: {key}{valid}}}]}}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    project.runbook(BOOK)
    return project


def sealed(project: Project, places: str = "{file: seals}", valid: str = "", extra: str = "") -> str:
    """A key is made, and the config seals with it; gives its public line."""
    key = project.does("seal", "keygen", "seal.key").out.strip()
    project.config(SEALS.format(key=key, places=places, valid=valid) + extra)
    return key


def ran(project: Project) -> str:
    done = project.run("cache", "--yes")
    assert done.exit == 0, done.err
    return str(done.run["run"])


def verdicts(project: Project, *words: str) -> dict[str, dict[str, Any]]:
    return {one["stream"]: one for one in project.does("log", "verify", *words, "--output", "json").json["streams"]}


def sizes(project: Project, run: str) -> list[int]:
    return sorted(int(file.stem) for file in (project.folder / "seals" / "run" / run).glob("*.seal"))


def test_a_run_is_sealed_at_its_start_its_gate_and_its_end(project: Project) -> None:
    """Three files, which `log verify` finds by itself; the first record says by which key."""
    key = sealed(project)
    run = ran(project)
    types = [record["type"] for record in project.records(run)]
    assert sizes(project, run) == [1, types.index("gate.opened") + 1, len(types)]
    found = verdicts(project, run)[f"run/{run}"]
    assert (found["ok"], found["sealed"], found["note"]) == (True, len(types), None)
    assert project.records(run, "run.started")[0]["data"]["seal"] == {"key": "+".join(key.split("+")[:2])}


def test_an_export_carries_its_seals(project: Project, tmp_path: Path) -> None:
    """Whoever has it and the public key needs nothing else."""
    key = sealed(project, places="")
    run = ran(project)
    project.does("log", "export", run, "-o", str(tmp_path / "run.jsonl"))
    elsewhere = Project(tmp_path / "elsewhere")
    [found] = verdicts(elsewhere, str(tmp_path / "run.jsonl"), "--key", key).values()
    assert (found["ok"], found["sealed"], found["note"]) == (True, found["records"], None)
    [found] = verdicts(elsewhere, str(tmp_path / "run.jsonl")).values()
    assert found["ok"]
    assert "not checked without a public key" in found["note"]


def test_tags_of_the_repository_hold_seals(project: Project) -> None:
    """They are the seals' text, and are found again when the store has forgotten them."""
    subprocess.run(["git", "init", "-q", str(project.folder)], check=True)
    sealed(project, places="{git: tag}")
    run = ran(project)
    tags = subprocess.run(["git", "tag", "-l"], cwd=project.folder, capture_output=True, text=True, check=True).stdout
    assert len(tags.split()) == 3
    exported = project.folder / "run.jsonl"
    lines = project.does("log", "export", run).out.splitlines()
    bare = json.dumps({"checkpoint": json.loads(lines[-1])["checkpoint"], "v": 1})
    exported.write_text("\n".join([*lines[:-1], bare]) + "\n")
    [found] = verdicts(project, str(exported)).values()
    assert (found["ok"], found["sealed"]) == (True, found["records"])


@pytest.mark.fault(93)
def test_a_place_out_of_reach_is_told_and_recorded_and_stops_nothing(project: Project) -> None:
    """The seal is made all the same, and goes to the other places."""
    sealed(project, places='{file: seals}, {webhook: {url: "http://127.0.0.1:9/"}}, {channel: nobody}')
    done = project.run("cache", "--yes")
    assert done.exit == 0
    assert "(webhook): channel 'seals': 127.0.0.1:9 refused the connection" in done.err
    assert "there is no channel 'nobody'" in done.err
    assert len(sizes(project, done.run["run"])) == 3
    own = next(name for name in verdicts(project) if name.startswith("store/"))
    assert verdicts(project)[own]["ok"]


@pytest.mark.fault(93)
@pytest.mark.parametrize("trouble", ["missing", "readable", "damaged", "expired", "unlisted"])
def test_without_a_usable_key_the_run_is_marked_unsigned(project: Project, trouble: str) -> None:
    """It goes on, says why, and every list says so afterwards."""
    valid = ", until: 2026-01-01" if trouble == "expired" else ""
    sealed(project, valid=valid)
    key = project.folder / "seal.key"
    if trouble == "missing":
        key.unlink()
    elif trouble == "readable":
        key.chmod(0o644)
    elif trouble == "damaged":
        key.write_text("PRIVATE+KEY+nothing")
    elif trouble == "unlisted":
        key.unlink()
        project.does("seal", "keygen", "seal.key")
    done = project.run("cache", "--yes")
    assert done.exit == 0, done.err
    assert "warning: this run is not sealed" in done.err
    run = done.run["run"]
    assert "unsigned" in project.does("runs").out
    [listed] = project.does("runs", "--output", "json").json["runs"]
    assert listed["seal"]["missing"]
    assert verdicts(project, run)[f"run/{run}"]["note"].startswith("unsigned: ")
    assert project.does("seal", "show").exit == 4


@pytest.mark.fault(93)
def test_a_policy_may_demand_seals(project: Project) -> None:
    """Then nothing is started without a key, and nothing recorded."""
    sealed(project, extra="policy: policy.yaml\n")
    project.policy(f"people: {{ana: {{user: {getpass.getuser()}}}}}\nseals: required\n")
    key = project.folder / "seal.key"
    key.rename(project.folder / "away")
    refused = project.run("cache", "--yes")
    assert refused.exit == 8
    assert "wants every run to be sealed" in refused.err
    assert project.does("runs", "--output", "json").json["runs"] == []
    (project.folder / "away").rename(key)
    assert project.run("cache", "--yes").exit == 0


@pytest.mark.fault(93)
def test_after_a_rotation_each_key_vouches_for_its_time(project: Project) -> None:
    """Old seals verify with the old public key; the new key cannot seal what was written before it."""
    old = sealed(project)
    run = ran(project)
    (project.folder / "seal.key").rename(project.folder / "old.key")
    new = project.does("seal", "keygen", "seal.key").out.strip()
    keys = f"keys: [{{key: {old}, until: 2999-01-01}}, {{key: {new}, from: 2999-01-01}}]"
    project.config(f"seals: {{key: {{file: seal.key}}, publish: [{{file: seals}}], {keys}}}\n")
    assert verdicts(project, run)[f"run/{run}"]["sealed"] == len(project.records(run))
    refused = project.does("seal", "now", run)
    assert refused.exit == 4
    assert "is not valid at" in refused.err


def test_a_dry_run_and_a_project_without_seals_say_nothing_of_them(project: Project) -> None:
    """What changes nothing need not be sealed; who does not ask for seals is not told of them."""
    run = ran(project)
    assert "seal" not in project.records(run, "run.started")[0]["data"]
    assert project.does("log", "verify", run).out.count("seal") == 0
    assert project.does("seal", "now", run).exit == 2
    sealed(project)
    dry = project.run("cache", "--dry-run").run["run"]
    assert sizes(project, dry) == []


def test_a_seal_on_demand_covers_what_came_after_the_end(project: Project) -> None:
    """A note on a finished run, or the store's own stream, which knows all runs."""
    sealed(project)
    run = ran(project)
    project.does("note", run, "looked at it again")
    found = verdicts(project, run)[f"run/{run}"]
    assert found["note"] == f"sealed up to record {found['sealed'] - 1}"
    assert project.does("seal", "now", run).exit == 0
    assert verdicts(project, run)[f"run/{run}"]["note"] is None
    assert project.does("seal", "now").out.startswith("runbook-journal/v1/store/")


def test_a_seal_of_another_run_is_not_taken_for_this_one(project: Project) -> None:
    """A file that says nothing of what is verified is a mistake of whoever typed it; so is one without a seal."""
    sealed(project)
    one, other = ran(project), ran(project)
    file = project.folder / "seals" / "run" / other / "1.seal"
    refused = project.does("log", "verify", one, "--seal", str(file))
    assert refused.exit == 2
    assert f"the seal is of run/{other}" in refused.err
    assert project.does("log", "verify", one, "--seal", "runbook.yaml").exit == 2
