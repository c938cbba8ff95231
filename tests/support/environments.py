"""A project with two environments, and a runbook whose target is a value of theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runbook.cli import run as run_command
from runbook.cli import runs
from runbook.policy.identity import os_user
from support.sessions import Heard, session

CONFIG = """\
apiVersion: runbook/v1
kind: Config
store: sqlite:///.runbook/journal.db
connections:
  http: {url: https://shop.example.com}
environments:
  staging:
    values: {marker: marker-of-staging}
    labels: {stage: staging}
  prod:
    values: {marker: marker-of-prod}
    labels: {stage: prod}
    connections: {http: {url: https://prod.example.com}}
"""
BOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: practice
title: The marker is there
parameters:
  reason: {type: string, default: none given}
target:
  kind: Marker
  name: "{{ env.marker }}"
resolution:
  - id: remove
    steps:
      - id: rm
        uses: command.run
        with:
          argv: [rm, --, "{{ target.name }}"]
          env: {WHERE: "{{ run.environment }}"}
          undo: {argv: [touch, --, "{{ target.name }}"]}
verification:
  within: 5s
  every: 1s
  checks:
    - id: gone
      uses: command.run
      with: {argv: [test, "!", -e, "{{ env.marker }}"], effect: read}
"""
POLICY = """\
apiVersion: runbook/v1
kind: Policy
people: {{me: {{user: {me}}}}}
commands: {{read: [[test, -e, "*"], [test, "!", -e, "*"]]}}
auto: {{runbooks: [practice], effects: [read, change], cooldown: 1h}}
"""


def project(folder: Path) -> Path:
    """Its configuration, and a marker in each environment."""
    (folder / "runbook.yaml").write_text(CONFIG)
    for name in ("staging", "prod"):
        (folder / f"marker-of-{name}").touch()
    return folder


def policy() -> str:
    """A policy of whoever runs the tests, which lets the runbook run by itself."""
    return POLICY.format(me=os_user())


def heard(folder: Path) -> Heard:
    """A session in it."""
    return session(folder, runbook=BOOK)


def started(folder: Path, **options: Any) -> dict[str, Any]:
    """A run, as JSON."""
    here = heard(folder)
    given = {"environment": "prod", **options}
    run_command.run(here, run_command.Options("practice", output="json", **given))
    return here.json


def of_all(folder: Path) -> list[dict[str, Any]]:
    """Every run of its store, as JSON."""
    here = heard(folder)
    runs.runs(here, runs.Options(output="json"))
    return list(here.json["runs"])
