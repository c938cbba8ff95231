"""A run is begun and gone on with from the same first record; what older records do not say, nobody makes up."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runbook import kinds
from runbook.document.load import load
from runbook.document.model import Runbook
from runbook.hosts.pinned import Pinned, Start, first_record, machine, recalled

BOOK = b"""\
apiVersion: runbook/v1
kind: Runbook
name: hangs
title: It hangs
target: {name: "{{ env.host }}"}
triage:
  - id: answers
    uses: tcp.connect
    with: {host: "{{ target.name }}", port: 80}
"""
START = Start(
    run="01kaqs3zq4v5w6x7y8z9a0b1c2", environment="prod", env={"host": "a"}, target={"name": "a"}, initiator="ann"
)


def first(start: Start) -> dict[str, Any]:
    """The data of the first record, as the journal gives it back."""
    book = load(BOOK, kinds.specs()).document
    assert isinstance(book, Runbook)
    data = first_record(start, Pinned(runbook=BOOK, path="hangs.yaml"), book, kinds.specs(), {})
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(data))
    return plain


@pytest.mark.parametrize("start", [START, Start(run=START.run)], ids=["with everything", "with nothing"])
def test_environment_and_target_are_recalled_as_they_were(start: Start) -> None:
    """Rendered once, and then a fact."""
    assert recalled(start.run, first(start))[0] == start


def test_a_record_from_before_there_were_environments_is_gone_on_with() -> None:
    """Its run has neither, and its machine starts as ever."""
    data = first(START)
    older = {key: value for key, value in data.items() if key not in ("environment", "target")} | {"env": {}}
    start, pinned = recalled(START.run, older)
    assert (start.environment, start.target, start.env) == (None, None, {})
    book, evidence = pinned.loaded(kinds.specs())
    [note] = machine(start, book, evidence, kinds.specs()).start(0.0)
    assert note.data["reason"] == "cannot tell its inputs: target has no 'name'"


def test_the_target_of_the_record_is_what_steps_see() -> None:
    """Not what its template would give today."""
    start, pinned = recalled(START.run, first(START) | {"env": {"host": "b"}})
    book, evidence = pinned.loaded(kinds.specs())
    [command] = machine(start, book, evidence, kinds.specs()).start(0.0)
    assert command.inputs["host"] == "a"
