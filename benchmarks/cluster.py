"""An API server on loopback with one Deployment to be rolled back, and what a cold `runbook plan` of that costs.

The server is the one of the tests (`tests/support/kube_api.py`); it says how long it took to answer, and that much is
not ours.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.documents import ROOT
from benchmarks.measure import Command

CONFIG = """\
apiVersion: runbook/v1
kind: Config
connections: {{kubernetes: {{kubeconfig: {0}}}}}
"""
RUNBOOK = """\
apiVersion: runbook/v1
kind: Runbook
name: back
title: The last release is bad
owners: [bench]
resolution:
  - id: rollback
    steps: [{id: roll_back, uses: kubernetes.rollout_undo, with: {deployment: api, namespace: shop}}]
verification:
  checks: [{id: there, uses: kubernetes.rollout_status, with: {deployment: api, namespace: shop}}]
"""


@contextmanager
def shop(folder: Path) -> Iterator[Any]:
    """The server, with `shop/api` and an earlier release of it; its project is in the folder."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.kube_api import deploy, serving

    folder.mkdir(exist_ok=True)
    with serving() as api:
        deploy(api, "api:1")
        deploy(api, "api:2")
        (folder / "runbook.yaml").write_text(CONFIG.format(api.kubeconfig(folder)))
        (folder / "back.yaml").write_text(RUNBOOK)
        yield api


def beyond(api: Any, plan: Command) -> Callable[[], float]:
    """Milliseconds that a command takes beside those in which the server answers."""
    answer, spent = api.answer, [0.0]

    def timed(*asked: Any) -> Any:
        begun = time.perf_counter()
        try:
            return answer(*asked)
        finally:
            spent[0] += (time.perf_counter() - begun) * 1000

    api.answer = timed

    def run() -> float:
        spent[0] = 0.0
        return plan.run() - spent[0]

    return run
