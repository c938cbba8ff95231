"""Commands in containers as a real API server answers them where its kubelet runs none.

The upgrade, its authorization, the protocol and the Status at the end are real; nothing is ever started.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.clients.kubernetes import channels
from runbook.clients.kubernetes.errors import NotFound, Rejected
from runbook.core.changes import Change
from runbook.core.words import Applied
from runbook.errors import Forbidden
from runbook.kinds import kubernetes_exec as execute
from runbook.kinds import pods
from runbook.testing.world import FakeWorld
from support.kube_cluster import Cluster, real
from support.kube_jobs import looking
from support.real_cluster import KUBECONFIG, needs_a_cluster, wait

pytestmark = needs_a_cluster


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with real(tmp_path, KUBECONFIG) as made:
        spec = {"containers": [{"name": "api", "image": "busybox:1.36"}], "terminationGracePeriodSeconds": 0}
        made.make("Pod", "api-1", {"spec": spec})
        wait(lambda: pods.is_ready(made.get("Pod", "api-1") or {"status": {}}))
        yield made


def test_a_kubelet_that_does_not_start_it_says_so_over_the_upgraded_connection(at: Cluster) -> None:
    """Not applied: its words come as a Status, and it was never upgraded itself."""
    change = execute.plan({"namespace": at.namespace, "pod": "api-1", "argv": ["date"]}, at.world())
    assert isinstance(change, Change)
    outcome = execute.apply(change, at.world("intent-1"))
    assert (outcome.applied, outcome.output) == (Applied.NO, {})
    assert outcome.error is not None
    assert "unable to upgrade connection" in outcome.error.message


def test_who_may_only_look_may_run_no_command(at: Cluster) -> None:
    """Said when planning, and by the server itself before it upgrades."""
    viewer = looking(at)
    world = FakeWorld(at.folder, clients={"kubernetes": viewer})
    wait(lambda: _may_read(viewer, at))
    inputs = {"namespace": at.namespace, "pod": "api-1", "argv": ["date"]}
    with pytest.raises(Forbidden, match="`create` on pods/exec"):
        execute.plan(inputs, world)
    with pytest.raises(Forbidden, match="pods/exec"):
        execute.observe({**inputs, "effect": "read"}, world)


@pytest.mark.parametrize(("pod", "container", "error"), [("api-1", "nobody", Rejected), ("nobody", "api", NotFound)])
def test_what_is_not_there_is_said_before_the_upgrade(at: Cluster, pod: str, container: str, error: type) -> None:
    """As of any other request."""
    asked = channels.query(["date"], container, stdin=False)
    with pytest.raises(error):
        at.client._changing.upgraded(
            at.path("Pod", pod, "exec"), query=asked, protocols=(channels.V5, channels.V4), timeout=5
        )


def _may_read(viewer: object, at: Cluster) -> bool:
    try:
        return bool(viewer.read(at.path("Pod", "api-1"), timeout=5))  # type: ignore[attr-defined]
    except Forbidden:
        return False
