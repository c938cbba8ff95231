"""A command's surroundings in a test: a folder, and streams that can be read afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from runbook.cli.session import Session

PRACTICE = """\
apiVersion: runbook/v1
kind: Runbook
name: practice
title: The marker is there
parameters:
  marker: {type: string, default: broken, from_alert: labels.marker}
  count: {type: integer, default: 1, maximum: 9}
symptoms:
  - alert: MarkerThere
    labels: {service: practice}
  - id: marked
    title: The marker is there
    uses: command.run
    with: {argv: [test, -e, "{{ params.marker }}"], effect: read}
resolution:
  - id: remove
    title: Remove the marker
    steps:
      - id: rm
        uses: command.run
        with:
          argv: [rm, --, "{{ params.marker }}"]
          undo: {argv: [touch, --, "{{ params.marker }}"]}
  - id: other
    steps:
      - id: touch
        uses: command.run
        with: {argv: [touch, other]}
verification:
  within: 5s
  every: 1s
  checks:
    - id: gone
      uses: command.run
      with: {argv: [test, "!", -e, "{{ params.marker }}"], effect: read}
"""


class Heard(Session):
    """A session whose words are kept."""

    out: StringIO
    err: StringIO

    @property
    def json(self) -> dict[str, Any]:
        """The last line of stdout, as JSON."""
        found: dict[str, Any] = json.loads(self.out.getvalue().strip().splitlines()[-1])
        return found


def session(folder: Path, *, environ: Mapping[str, str] | None = None, runbook: str | None = PRACTICE) -> Heard:
    """A session in a project with one runbook and a store of its own."""
    (folder / "runbooks").mkdir(exist_ok=True)
    if not (folder / "runbook.yaml").exists():
        (folder / "runbook.yaml").write_text(
            "apiVersion: runbook/v1\nkind: Config\nstore: sqlite:///.runbook/journal.db\n"
        )
    if runbook is not None:
        (folder / "runbooks" / "practice.yaml").write_text(runbook)
    out, err = StringIO(), StringIO()
    heard = Heard(
        folder, environ={"PATH": "/usr/bin:/bin", **(environ or {})}, stdin=StringIO(), stdout=out, stderr=err
    )
    heard.out, heard.err = out, err
    return heard
