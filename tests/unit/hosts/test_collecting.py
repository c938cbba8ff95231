"""Everything that a run may come to use is read before it starts, and is what it goes on with."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.errors import DocumentError
from runbook.hosts.past import stream_of
from runbook.hosts.pinned import recalled
from support.crash import place

STEPS = """\
apiVersion: runbook/v1
kind: Steps
name: database
parameters:
  word: {type: string, pattern: "[a-z]+"}
steps:
  - {id: said, uses: command.run, with: {argv: [echo, "{{ params.word }}"], effect: read}}
  - {include: inner, as: in, with: {word: "{{ params.word }}s"}}
"""
INNER = STEPS.replace("database", "inner").replace(
    '  - {include: inner, as: in, with: {word: "{{ params.word }}s"}}\n', ""
)
BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: queue
title: The queue is stuck
triage:
  - {id: first, uses: command.run, with: {argv: [echo, disk], effect: read}}
  - {include: database, as: db, with: {word: "{{ steps.first.stdout | trim }}"}}
resolution:
  - id: ask
    when: steps.db_in_said.stdout | trim == 'disks'
    steps: [{id: asked, uses: manual.do, with: {text: Look.}}]
verification:
  checks: [{id: fine, uses: command.run, with: {argv: ["true"], effect: read}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place.project(tmp_path / "p", runbook=BOOK)
    (tmp_path / "p" / "database.yaml").write_text(STEPS)
    (tmp_path / "p" / "inner.yaml").write_text(INNER)
    return tmp_path / "p"


def test_included_steps_run_under_their_prefix_with_what_they_were_given(folder: Path) -> None:
    """Through two layers, and only once what they were given is known."""
    of = place.opened(folder)
    place.begin(of, place.run_id(1))
    told = place.told(of.journal, place.run_id(1))
    seen = {row.path: row.output.get("stdout") for row in told.rows.values() if row.phase == "triage"}
    assert seen == {"triage/first": "disk\n", "triage/db_said": "disk\n", "triage/db_in_said": "disks\n"}
    assert told.open_questions[0].id == "asked"


def test_a_run_goes_on_with_the_steps_that_it_was_started_with(folder: Path) -> None:
    """Whatever stands in the files by then; the record holds every byte."""
    of = place.opened(folder)
    place.begin(of, place.run_id(1))
    for name in ("database", "inner"):
        (folder / f"{name}.yaml").unlink()
    first = next(iter(of.journal.read(stream_of(place.run_id(1)))))
    assert first.data["documents"]["steps"]["inner"]["text"] == INNER
    _, pinned = recalled(place.run_id(1), first.data)
    assert [step.id for step in pinned.loaded(of.specs)[0].triage] == ["first", "db_said", "db_in_said"]
    place.go_on(of, place.run_id(1))
    assert place.told(of.journal, place.run_id(1)).open_questions


def test_a_runbook_that_takes_nothing_in_is_recorded_as_ever(folder: Path) -> None:
    """Keys that nobody needs are not there."""
    (folder / "queue.yaml").write_text(place.phases())
    place.begin(place.opened(folder), place.run_id(1), yes=False)
    first = next(iter(place.opened(folder).journal.read(stream_of(place.run_id(1)))))
    assert first.data["documents"].keys() == {"runbook", "evidence"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "include: inner",
            "include: iner",
            "there are no steps 'iner', which 'database' includes; did you mean 'inner'?",
        ),
        ("include: inner", "include: database", "the steps 'database' include themselves: database → database"),
        ('word: "{{ params.word }}s"', "wrd: x", "the steps 'inner' have no parameter 'wrd'"),
        ("uses: command.run", "uses: command.rum", "names no kind of step: 'command.rum'"),
    ],
    ids=["missing", "circle", "parameter", "kind"],
)
def test_steps_that_cannot_be_used_stop_a_run_before_it_starts(folder: Path, old: str, new: str, expected: str) -> None:
    """With the place, exit 3, and nothing recorded."""
    text = (folder / "database.yaml").read_text()
    assert old in text
    (folder / "database.yaml").write_text(text.replace(old, new))
    of = place.opened(folder)
    with pytest.raises(DocumentError, match="RB") as raised:
        place.begin(of, place.run_id(1))
    assert any(expected in str(finding) for finding in raised.value.findings), raised.value
    assert of.journal.names("run/") == []


def test_a_value_that_a_parameter_does_not_take_is_unknown_to_the_steps_that_use_it(folder: Path) -> None:
    """It is known only in the run; nothing is done with it."""
    (folder / "queue.yaml").write_text(BOOK.replace("echo, disk", "echo, DISK"))
    of = place.opened(folder)
    place.begin(of, place.run_id(1))
    rows = place.told(of.journal, place.run_id(1)).rows
    assert "must match [a-z]+ as a whole, got 'DISK'" in str(rows["triage/db_said"].reason)
