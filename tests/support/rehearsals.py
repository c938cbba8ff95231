"""A small runbook with everything that a scenario can reach, and scenarios of it, written and played."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from runbook import kinds
from runbook.authoring.emit import emitted
from runbook.bootstrap import Project
from runbook.document.load import load
from runbook.document.model import Runbook, ScenarioCase, Scenarios
from runbook.hosts.rehearsal import Rehearsal, Script, rehearsed
from support.sessions import Heard, session

BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: practice
title: Things are wrong
parameters: {replicas: {type: integer, default: 3}}
symptoms:
  - id: wrong
    uses: command.run
    with: {argv: ["true"], effect: read}
triage:
  - id: members
    uses: command.run
    with: {argv: [ls], effect: read}
    outputs: {names: {json: names, type: array}}
  - id: look
    uses: command.run
    with: {argv: [uptime], effect: read}
    means: [{if: exit_code == 0, say: It answers.}, {else: true, say: It is silent.}]
resolution:
  - id: restart
    when: steps.look.exit_code == 0
    when_not_helped: undo
    steps:
      - id: defrag
        for_each: {items: steps.members.names, as: member}
        uses: command.run
        with: {argv: [defrag, "{{ member }}"], undo: {argv: [undefrag, "{{ member }}"]}}
  - id: scale
    on_failure: undo
    approval: {from: [sre]}
    steps:
      - id: up
        uses: command.run
        with: {argv: [scale, "{{ params.replicas }}"], undo: {argv: [scale, "1"]}}
      - id: confirm
        uses: manual.ask
        with: {question: "Is it up?", type: boolean}
      - id: down
        uses: command.run
        with: {argv: [down], undo: {argv: [up]}}
communication:
  - {to: incidents, at: start, template: initial}
  - {to: incidents, at: resolved, text: Over.}
escalation: {to: platform}
verification:
  within: 1m
  every: 30s
  checks:
    - id: right
      uses: command.run
      with: {argv: ["true"], effect: read}
finally:
  - id: after
    uses: command.run
    with: {argv: [uptime], effect: read}
"""

YES = {"restart": {"granted_by": ["ann"], "after": "40s"}, "scale": {"granted_by": ["ann"]}}
GIVEN: dict[str, Any] = {
    "wrong": {"verdict": "pass"},
    "look": {"exit_code": 0},
    "members": {"exit_code": 0, "names": ["a", "b"]},
    "right": [{"verdict": "fail"}, {"after": "defrag[b]", "verdict": "pass"}],
    "after": {"exit_code": 0},
}


def book() -> Runbook:
    """The runbook."""
    document = load(BOOK.encode(), kinds.specs()).document
    assert isinstance(document, Runbook)
    return document


def scenario(name: str = "it helps", **keys: Any) -> dict[str, Any]:
    """One scenario as data: the restart helps, unless `keys` say otherwise; `given` is put over what it gives."""
    plain: dict[str, Any] = {"name": name, "initiator": "ann", "approvals": YES, "expect": {"outcome": "resolved"}}
    return {**plain, **keys, "given": {**GIVEN, **keys.get("given", {})}}


def document(*scenarios: dict[str, Any], of: str = "practice") -> str:
    """A Scenario document."""
    head = {"apiVersion": "runbook/v1", "kind": "Scenario", "runbook": of}
    return emitted({**head, "scenarios": list(scenarios)})


def case(**keys: Any) -> ScenarioCase:
    """One scenario, loaded."""
    loaded = load(document(scenario(**keys)).encode(), kinds.specs()).document
    assert isinstance(loaded, Scenarios)
    return loaded.scenarios[0]


def script(folder: Path, text: str = BOOK) -> Script:
    """What is needed to play the runbook, out of a folder of its own."""
    (folder / "practice.yaml").write_text(text)
    return Project(folder).script(str(folder / "practice.yaml"))


def played(folder: Path, **keys: Any) -> Rehearsal:
    """One scenario, played."""
    return rehearsed(script(folder), case(**keys))


def trial(folder: Path, *scenarios: dict[str, Any], text: str | None = None) -> Heard:
    """A session in a project with the runbook and these scenarios (or the `text` of a document)."""
    heard = session(folder, runbook=BOOK)
    (folder / "runbooks" / "practice.scenarios.yaml").write_text(text if text is not None else document(*scenarios))
    return heard


def told(rehearsal: Rehearsal) -> list[tuple[str, list[str]]]:
    """What came out differently, as lines."""
    return [(one.what, [f"{mark} {text}" for mark, text in one.lines]) for one in rehearsal.differences]


def plain(value: Any) -> Any:
    """Structs as JSON would have them."""
    return msgspec.to_builtins(value)
