"""A run that hands over to another runbook: the first drains and hands on, the second restarts, which resolves.

`LINES` is what the ledger of `place` holds when nothing goes wrong. Both hold the lock of the same host.
"""

from __future__ import annotations

from pathlib import Path

from runbook.journal.verify import verify
from support.crash import place

LINES = ["drain", "restart"]

CHECK = """\
verification:
  within: 2s
  every: 1s
  checks:
    - {id: moving, uses: command.run, with: {argv: [bin/sick], effect: read}, expect: exit_code == 1}
"""
FIRST = """\
apiVersion: runbook/v1
kind: Runbook
name: queue
title: The queue is stuck
concurrency: the-queue
resolution:
  - id: clear
    steps:
      - {id: drain, uses: command.run, with: {argv: [bin/act, drain]{confirm_drain}}, timeout: 20s}
  - id: over
    continue_with: {runbook: restarting, parameters: {what: "{{ steps.drain.exit_code }}{{ params.mark }}"}}
parameters:
  mark: {type: string, default: a}
communication:
  - {at: start, to: team, text: We look at it.}
  - {at: finished, to: team, text: "It ended: {{ run.outcome }}."}
"""
SECOND = """\
apiVersion: runbook/v1
kind: Runbook
name: restarting
title: It must be restarted
concurrency: restarting
parameters:
  what: {type: string}
resolution:
  - id: again
    steps:
      - {id: restart, uses: command.run, with: {argv: [bin/act, restart]{confirm_restart}}, timeout: 20s}
"""


def project(folder: Path, *, confirm: bool = False, second: str = SECOND, config: str = place.CONFIG) -> Path:
    """Write both runbooks; changes are those of `place`."""
    place.project(folder, confirm=confirm, runbook=FIRST + CHECK, config=config)
    said = ", confirm: {argv: [bin/did, restart]}" if confirm else ""
    (folder / "restarting.yaml").write_text((second + CHECK).replace("{confirm_restart}", said))
    return folder


def runs(of: place.Project) -> list[str]:
    """The ids of all runs, the first one first."""
    return [name.partition("/")[2] for name in reversed(of.journal.names("run/"))]


def check(folder: Path) -> None:
    """Nothing twice, nothing lost: two runs, linked, each change once, the record whole, nothing left locked."""
    of = place.opened(folder)
    first, *others = runs(of)
    told = place.told(of.journal, first)
    assert told.continued is not None, told.finished
    assert others == [told.continued["run"]], f"started twice, or another: {others}"
    second = place.told(of.journal, others[0])
    assert second.started["continued_from"] == first
    assert second.finished is not None
    assert place.ledger(folder) == LINES
    bad = [verdict for verdict in verify(of.journal) if not verdict.ok]
    assert not bad, bad
    assert of.journal.locks() == []
    of.journal.close()
