"""A run as an auditor asks about it, from records of real runs and from ones that were written for the purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook.journal import Actor, Draft, Journal
from runbook.journal.memory import MemoryStore
from runbook.report.audit import COLUMNS, Audited, audited, csv_line, drawn
from support.projects import Project

GATE = "resolution/a:approve#1"
CHANGE = "resolution/a/x:apply#1"
TERMS = {"required": 1, "timeout": 900.0, "from": ["ann", "bob"], "asks": "1 of sre"}
RUNBOOK = """
name: book
title: Write a file
owners: [tests]
resolution:
  - id: write
    title: Write a file
    steps:
      - {id: touch, uses: command.run, with: {argv: [touch, written]}}
verification:
  within: 1s
  every: 1s
  checks:
    - {id: there, uses: command.run, with: {argv: [test, -e, written], effect: read}}
"""


def person(name: str, via: str = "os") -> Actor:
    """Somebody who said something."""
    return Actor(kind="person", id=name, via=via)


def told(*records: tuple[str, str | None, dict[str, Any], str]) -> Audited:
    """What is found in these records: type, key, data, who."""
    journal = Journal(MemoryStore(), clock=iter(range(10**6, 10**7)).__next__)
    start = {"runbook": "book", "mode": "normal", "initiator": "ann", "documents": {"reviewed": [{"ref": "main"}]}}
    journal.open_stream("run/1", Draft("run.started", None, start, person("ann")), epoch=0)
    store = journal._store
    with store.transaction() as tx:
        for type_, key, data, who in records:
            writer = journal._writer(tx, "run/1", None)
            writer._check = lambda draft: None  # what only a runner writes, without one
            writer.append(Draft(type_, key, data, person(who)))
    return audited("1", list(journal.read("run/1")))


def opened() -> tuple[str, str, dict[str, Any], str]:
    """A gate that asks ann or bob."""
    data = {"option": "a", "digest": "d" * 64, "terms": TERMS, "deadline": 9e9, "attempt": 1, "changes": []}
    return ("gate.opened", GATE, data, "engine")


def decided(by: str, **more: Any) -> tuple[str, str, dict[str, Any], str]:
    """What came of it."""
    return ("decision.given", GATE, {"verdict": "granted", "by": [by], "until": 9e9, **more}, "engine")


def vote(by: str) -> tuple[str, None, dict[str, Any], str]:
    """Somebody's yes."""
    return ("vote.given", None, {"gate": GATE, "digest": "d" * 64, "verdict": "grant"}, by)


def whats(found: Audited) -> list[str]:
    """What was out of the ordinary."""
    return [oddity.what for oddity in found.oddities]


def test_an_approval_by_somebody_else_is_told_with_how_they_were_known() -> None:
    """Nothing is out of the ordinary about it."""
    found = told(opened(), vote("bob"), decided("bob"))
    [approval] = found.row["approvals"]
    assert (approval["by"], approval["via"], approval["gate"]) == (["bob"], ["os"], "resolution/a")
    assert (whats(found), tuple(found.row)) == ([], COLUMNS)


@pytest.mark.parametrize(
    ("records", "what", "who"),
    [
        ([opened(), vote("ann"), decided("ann")], ["self_approval"], "ann"),
        ([opened(), decided("bob", break_glass=True, reason="all down")], ["break_glass"], "bob"),
        ([opened(), decided("bob", verdict="denied", reason="no")], ["denied"], "bob"),
        ([opened(), vote("eve")], ["vote_not_counted"], "eve"),
        ([("change.confirmed", CHANGE, {"found": "unknown", "reason": "lost"}, "")], ["doubt_open"], ""),
        ([("settlement.given", CHANGE, {"as": "applied", "reason": "seen"}, "bob")], ["doubt_settled"], "bob"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) and isinstance(value[0], str) else "",
)  # fmt: skip
def test_what_is_out_of_the_ordinary_names_who_and_where(records: list[Any], what: list[str], who: str) -> None:
    """Each is one line that says what, who, when and where to look."""
    found = told(*records)
    assert whats(found) == what
    [oddity] = found.oddities
    assert (oddity.who, oddity.where.split("/")[0], oddity.run) == (who, "resolution", "1")
    assert oddity.at is not None


def test_a_spreadsheet_computes_nothing_of_what_people_wrote() -> None:
    """A reason that begins like a formula is text."""
    assert csv_line([[{"by": "ann", "reason": "--yes"}]]) == "by=ann reason=--yes"  # no cell begins with it
    assert csv_line(["=1+1", ["a", "b"], None, 'say "no", now']) == '\'=1+1,a; b,,"say ""no"", now"'


def test_the_same_seed_draws_the_same_runs_whatever_else_is_there() -> None:
    """The order in which runs are listed changes nothing, and a run more replaces one at most."""
    runs = [f"run{number}" for number in range(200)]
    first = drawn(runs, 10, "2026-Q3")
    assert drawn(runs[::-1], 10, "2026-Q3") == first != drawn(runs, 10, "2026-Q4")
    assert len(set(first) - set(drawn([*runs, "another"], 10, "2026-Q3"))) <= 1


def test_the_commands_tell_of_the_runs_of_a_project(tmp_path: Path) -> None:
    """One run, approved by who started it, unreviewed: exported in both formats, listed, and drawn."""
    project = Project(tmp_path / "project")
    project.runbook(RUNBOOK)
    run = project.run("book", "--yes").run["run"]
    assert project.does("plan", "book").exit == 0
    [line] = project.does("audit", "export").out.splitlines()
    assert run in line
    head, row = project.does("audit", "export", "--output", "csv", "--since", "1h").out.splitlines()
    assert (head, row.split(",")[0]) == (",".join(COLUMNS), run)
    listed = project.does("audit", "exceptions", "--output", "json").json["exceptions"]
    assert [(one["what"], one["run"]) for one in listed] == [("self_approval", run)]
    assert project.does("audit", "exceptions", "--until", "2020-01-01").err == "nothing out of the ordinary\n"
    drawn_ = project.does("audit", "sample", "--count", "3", "--seed", "7", "--output", "json").json["sample"]
    assert (drawn_["of"], [one["run"] for one in drawn_["runs"]]) == (1, [run])
    assert project.does("audit", "export", "--since", "yesterday").exit == 2
