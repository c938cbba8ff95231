"""`set_env` and `set_image` of every kind of workload, on the scripted API server and on a real one."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.core.changes import Change, NothingToDo, Outcome, Refused
from runbook.core.words import Applied, Verdict
from runbook.kinds import kubernetes_set_env as set_env
from runbook.kinds import kubernetes_set_image as set_image
from support.kube_cluster import Cluster
from support.real_cluster import wait

WORKLOADS: dict[str, dict[str, Any]] = {
    "Deployment": {"replicas": 2},
    "StatefulSet": {"replicas": 2, "serviceName": "app"},
    "DaemonSet": {},
}
POOL, IMAGE = {"env": {"DB_POOL_SIZE": "50", "NEW": "1"}}, {"image": "busybox:1.37"}


class App:
    """A workload of one container in a cluster."""

    def __init__(self, cluster: Cluster, kind: str) -> None:
        self.cluster, self.kind = cluster, kind
        one = {"name": "app", "image": "busybox:1.36", "env": [{"name": "DB_POOL_SIZE", "value": "20"}]}
        pod = {"containers": [one], "terminationGracePeriodSeconds": 0}
        template = {"metadata": {"labels": {"app": "app"}}, "spec": pod}
        spec = {"selector": {"matchLabels": {"app": "app"}}, "template": template} | WORKLOADS[kind]
        cluster.make(kind, "app", {"spec": spec})
        self.inputs: dict[str, Any] = {kind.lower(): "app", "namespace": cluster.namespace}

    def read(self) -> dict[str, Any]:
        found = self.cluster.get(self.kind, "app")
        assert found is not None
        return found

    def template(self) -> dict[str, Any]:
        return dict(self.read()["spec"]["template"])

    def edit(self, path: str, value: Any) -> None:
        operations = [{"op": "add", "path": path, "value": value}]
        self.cluster.client.patch(self.cluster.path(self.kind, "app"), operations, timeout=10)

    def planned(self, kind: Any, **more: Any) -> Change:
        change = kind.plan(self.inputs | more, self.cluster.world())
        assert isinstance(change, Change), change
        return change

    def done(self, kind: Any, change: Change, intent: str) -> Outcome:
        outcome: Outcome = kind.apply(change, self.cluster.world(intent))
        assert outcome.applied is Applied.YES, outcome
        wait(lambda: kind.arrived(change, outcome, self.cluster.world()).verdict is Verdict.PASS)
        return outcome


@pytest.fixture(params=WORKLOADS)
def app(cluster: Cluster, request: pytest.FixtureRequest) -> App:
    return App(cluster, request.param)


@pytest.mark.parametrize(("kind", "wanted"), [(set_env, POOL), (set_image, IMAGE)], ids=["set_env", "set_image"])
def test_a_value_is_set_and_put_back_under_the_same_approval(app: App, kind: Any, wanted: dict[str, Any]) -> None:
    """Arrived; nothing to do when planned again; the template as it was once it is taken back."""
    before, change = app.template(), app.planned(kind, **wanted)
    app.done(kind, change, "intent-1")
    assert isinstance(kind.plan(app.inputs | wanted, app.cluster.world()), NothingToDo)
    assert kind.apply(change, app.cluster.world("intent-1")).applied is Applied.NO
    assert change.undo is not None
    back = app.planned(kind, **change.undo.inputs)
    assert back.digest == change.undo.digest
    app.done(kind, back, "intent-2")
    assert app.template() == before


def test_a_workload_made_anew_is_another_one(app: App) -> None:
    """Its uid is in the digest and in what is sent."""
    change = app.planned(set_image, **IMAGE)
    app.cluster.client.delete(app.cluster.path(app.kind, "app"), {"propagationPolicy": "Background"}, timeout=10)
    wait(lambda: app.cluster.get(app.kind, "app") is None)
    made = App(app.cluster, app.kind)
    assert set_image.apply(change, app.cluster.world("intent-1")).applied is Applied.NO
    assert made.template()["spec"]["containers"][0]["image"] == "busybox:1.36"
    assert made.planned(set_image, **IMAGE).digest != change.digest


def test_what_would_reach_no_pod_is_refused(app: App) -> None:
    """Accepted by the server, and never there."""
    stops = {
        "Deployment": ("/spec/paused", True, "paused"),
        "StatefulSet": ("/spec/updateStrategy", {"type": "OnDelete"}, "OnDelete"),
        "DaemonSet": ("/spec/updateStrategy", {"type": "OnDelete"}, "OnDelete"),
    }
    path, value, said = stops[app.kind]
    app.edit(path, value)
    for kind, wanted in ((set_env, POOL), (set_image, IMAGE)):
        refused = kind.plan(app.inputs | wanted, app.cluster.world())
        assert isinstance(refused, Refused)
        assert said in refused.reason
