"""Payloads go by rule or on somebody's word, typed as people do; everything that reads the record goes on."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from support.projects import Project, Said
from support.terminals import Terminal

LEAK = """\
name: leak
title: It prints much
symptoms:
  - {id: there, uses: command.run, with: {argv: [test, -e, broken], effect: read}}
triage:
  - {id: logs, uses: command.run, with: {argv: [seq, "1", "9000"], effect: read}}
resolution:
  - id: mend
    steps:
      - id: rm
        uses: shell.run
        with:
          script: |
            rm -f broken
            # PADDING
            # PADDING
          undo:
            script: |
              touch broken
              # PADDING
              # PADDING
verification:
  within: 5s
  every: 1s
  checks:
    - {id: gone, uses: command.run, with: {argv: [test, "!", -e, broken], effect: read}}
""".replace("PADDING", "x" * 12_000)
KILLED = """
import os, signal
from runbook.journal.sqlite import SqliteStore
SqliteStore.drop = lambda self, digest: os.kill(os.getpid(), signal.SIGKILL)
from runbook.cli import main
main()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", "retention: {payloads: 90d}\n")
    project.runbook(LEAK)
    return project


@pytest.fixture
def run(project: Project) -> str:
    """A run that printed much, and changed something."""
    (project.folder / "broken").touch()
    return str(project.run("leak", "--yes").run["run"])


def payloads(project: Project) -> int:
    return sum(path.is_file() for path in (project.folder / "journal.db.d" / "payloads").rglob("*"))


def pruned(project: Project, *words: str) -> Said:
    return project.does("store", "prune", "--older-than", "1ms", *words)


def test_after_pruning_everything_that_reads_goes_on(project: Project, run: str, tmp_path: Path) -> None:
    """Lists, the log, an audit, an export and its verification say what was dropped; an undo is refused."""
    said = pruned(project, "--force", "--reason", "kept long enough", "--yes", "--output", "json")
    assert said.exit == 0
    about = said.json["prune"]
    assert (about["dropped"], about["undo_given_up"]) == (len(about["payloads"]), [run])
    verified = project.does("log", "verify", "--output", "json")
    assert verified.exit == 0
    assert max(stream["dropped"] for stream in verified.json["streams"]) == about["dropped"]
    assert f"{about['dropped']} payload" in project.does("log", "verify", run).out
    assert project.does("store", "check").exit == 0
    (listed,) = project.does("runs", "--output", "json").json["runs"]
    assert (listed["run"], listed["outcome"]) == (run, "resolved")
    assert "dropped on" in project.does("log", "show", run).out
    assert '"reason": "kept long enough"' in project.does("log", "show", run, "--output", "jsonl").out
    assert project.does("watch", run).exit == 0
    assert project.does("resume", run).exit == 0
    assert run in project.does("audit", "export", "--output", "csv").out
    export = tmp_path / "run.jsonl"
    assert project.does("log", "export", run, "-o", str(export)).exit == 0
    offline = project.does("log", "verify", str(export), "--output", "json")
    assert (offline.exit, offline.json["streams"][0]["dropped"]) == (0, about["dropped"])
    refused = project.does("undo", run, "--yes")
    assert refused.exit == 8
    assert "was dropped on" in refused.err and "kept long enough" in refused.err
    assert project.does("test", "--record", run).exit == 8


def test_within_the_time_of_the_rule_an_undo_stays_possible(project: Project, run: str) -> None:
    """A shorter time drops what no undo needs, and says what it left."""
    looked = pruned(project, "--dry-run", "--output", "json").json["prune"]
    assert looked["dropped"] is None
    assert [one["named"][0]["key"] for one in looked["payloads"]] == ["triage/logs:observe#1"]
    assert looked["kept"]["undo"] > 0
    assert pruned(project, "--yes").exit == 0
    undone = project.does("undo", run, "--yes", "--output", "json")
    assert (undone.exit, undone.run["outcome"]) == (0, "resolved")
    assert (project.folder / "broken").exists()


def test_nobody_is_asked_without_a_terminal(project: Project, run: str) -> None:
    """It fails, names the flag, and drops nothing; so it does without a reason, or without a rule."""
    before = payloads(project)
    for words in (
        ("store", "prune", "--older-than", "1ms"),
        ("store", "prune", "--older-than", "a while", "--yes"),
        ("store", "prune", "--force", "--yes"),
        ("log", "redact", run, "--step", "logs", "--reason", "why"),
        ("log", "redact", run, "--step", "logs", "--yes"),
    ):
        assert project.does(*words).exit == 2, words
    project.config("")
    assert project.does("store", "prune", "--yes").exit == 2
    assert payloads(project) == before


def test_on_a_terminal_it_is_shown_and_asked(project: Project, run: str) -> None:
    """What goes, from which record; anything but yes drops nothing."""
    before = payloads(project)
    words = ("log", "redact", run, "--step", "logs", "--reason", "a token was printed")
    for word, left in (("no", before), ("yes", before - 1)):
        terminal = Terminal(project.folder, *words, environ=project.environ)
        assert "triage/logs:observe#1" in terminal.answers("yes or no: ", word)
        assert terminal.ends()[0] == 0
        assert payloads(project) == left


def test_a_redaction_says_what_goes_and_what_stays(project: Project, run: str) -> None:
    """What stands in a record itself cannot go, and is not said to be gone."""
    listed = project.does("log", "redact", run)
    assert "triage/logs:observe#1: output.stdout" in listed.out
    said = project.does("log", "redact", run, "--step", "logs", "--reason", "a token was printed", "--yes")
    assert said.exit == 0
    assert "cannot be dropped" in said.err and "Replace a secret" in said.err
    (gone,) = project.records(run, "payloads.dropped")
    assert (gone["data"]["rule"], gone["data"]["reason"], gone["actor"]["kind"]) == (
        "redaction",
        "a token was printed",
        "person",
    )
    there = project.does("log", "redact", run, "--output", "json").json["redact"]
    assert gone["data"]["payloads"][0]["digest"] not in json.dumps(there)
    assert project.does("log", "redact", run, "--step", "there", "--reason", "why", "--yes").exit == 2


def test_a_held_run_keeps_everything(project: Project, run: str) -> None:
    """Whoever asks, and however much they insist."""
    project.config(f"retention: {{payloads: 1ms, hold: [{run}]}}\n")
    said = project.does("store", "prune", "--force", "--reason", "why", "--yes", "--output", "json")
    assert said.json["prune"]["payloads"] == [] and said.json["prune"]["kept"]["held"] > 0
    refused = project.does("log", "redact", run, "--step", "logs", "--reason", "why", "--force", "--yes")
    assert refused.exit == 8 and "held" in refused.err


def test_beyond_the_rule_it_is_for_who_may_break_the_glass(project: Project, run: str) -> None:
    """By the rule whoever may run may prune; less time, or one record, is not for everybody."""
    project.config("policy: policy.yaml\nretention: {payloads: 90d}\n")
    project.policy("people: {somebody: {user: nobody-here}}\nbreak_glass: {from: [somebody]}\n")
    assert project.does("store", "prune", "--yes").exit == 0
    assert pruned(project, "--yes").exit == 8
    refused = project.does("log", "redact", run, "--step", "logs", "--reason", "why", "--yes")
    assert refused.exit == 8 and "break the glass" in refused.err


@pytest.mark.fault(83)
def test_killed_between_the_record_and_the_drop(project: Project, run: str) -> None:
    """The record is there, so are the bytes: it verifies, is said, and the next time finishes it."""
    before = payloads(project)
    killed = project.does("store", "prune", "--older-than", "1ms", "--yes", command=(sys.executable, "-c", KILLED))
    assert killed.exit == -signal.SIGKILL
    assert payloads(project) == before
    assert project.does("log", "verify").exit == 0
    assert "recorded as dropped, and still there: 1 payloads" in project.does("store", "check").out
    assert project.does("store", "prune", "--yes").exit == 0
    assert payloads(project) == before - 1
    assert len(project.records(run, "payloads.dropped")) == 1
    assert "still there" not in project.does("store", "check").out
