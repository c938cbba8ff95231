"""What a test run says at its end of Kubernetes: how much ran on the scripted API server, how much on a real cluster.

A suite that skips everything that matters is as green as one that ran it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

REAL = ("tests/kubernetes/", "tests/integration/test_kubernetes")
SCRIPTED = ("tests/unit/kinds/test_kubernetes_", "tests/unit/clients/test_kubernetes")
ENDED = ("passed", "failed", "error", "skipped")


def lines(ended: Mapping[str, Sequence[str]], kubeconfig: str) -> list[str]:
    """One line of both; none where no test was about Kubernetes. `ended`: ids of tests by how they ended."""
    counted = {
        where: Counter({how: sum(_where(id_) == where for id_ in ended.get(how, ())) for how in ENDED})
        for where in ("scripted", "real")
    }
    if not any(count.total() for count in counted.values()):
        return []
    cluster = f"the cluster of {kubeconfig}" if kubeconfig else "a real cluster (RUNBOOK_TEST_KUBECONFIG names none)"
    scripted, real = _told(counted["scripted"]), _told(counted["real"])
    return [f"Kubernetes: {scripted} on the scripted API server; {real} on {cluster}"]


def _where(id_: str) -> str | None:
    name = id_.replace("\\", "/")
    if name.startswith(SCRIPTED) or (name.startswith(REAL) and "[scripted" in name):
        return "scripted"
    return "real" if name.startswith(REAL) else None


def _told(count: Counter[str]) -> str:
    return ", ".join(f"{count[how]} {how}" for how in ENDED if count[how]) or "none ran"
