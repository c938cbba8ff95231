"""A value that breaks what it is given to, and a number that somebody else sets too, on a real control plane."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.paths import PLACES
from runbook.core.words import Verdict
from runbook.kinds import kubernetes_rollout_status as status
from runbook.kinds import kubernetes_scale as scale
from runbook.kinds import kubernetes_set_env as set_env
from support.real_cluster import Cluster, Workload, cluster, needs_a_cluster, wait

pytestmark = needs_a_cluster

WORKLOADS: dict[str, dict[str, Any]] = {"Deployment": {"replicas": 2}, "StatefulSet": {"replicas": 2}, "DaemonSet": {}}
BAD = {"env": {"FAKE_MODE": "bad"}}  # what runs starts, and is never ready


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


@pytest.fixture(params=WORKLOADS)
def app(at: Cluster, request: pytest.FixtureRequest) -> Workload:
    made = at.make(request.param, "app", **WORKLOADS[request.param])
    wait(lambda: made.see(status).output["state"] == "complete" and made.see(status).output["available"] > 0)
    return made


def test_a_value_with_which_nothing_becomes_ready_never_arrives(app: Workload) -> None:
    """At no look; and it can be taken back while it is stuck."""
    change = app.planned(set_env, **BAD)
    outcome = app.applied(set_env, change)
    seen: list[Any] = []
    wait(lambda: seen.append(set_env.arrived(change, outcome, app.cluster.world()).verdict) or len(seen) == 20)
    assert set(seen) == {Verdict.UNKNOWN}
    assert change.undo is not None
    back = app.planned(set_env, **change.undo.inputs)
    assert back.digest == change.undo.digest
    outcome = app.applied(set_env, back, "intent-2")
    if app.kind == "StatefulSet":  # "Forced rollback": with OrderedReady the pod that is stuck stays so
        last = wait(lambda: stuck(set_env.arrived(back, outcome, app.cluster.world()).unknown))
        assert last == "app-1"
        app.cluster.delete(app.pod(1))
    wait(lambda: set_env.arrived(back, outcome, app.cluster.world()).verdict is Verdict.PASS)


def stuck(said: str | None) -> str | None:
    """The pod that a person is told to delete."""
    _, told, rest = (said or "").partition("delete pod ")
    return rest.strip("`") if told else None


@pytest.mark.parametrize("app", ["Deployment"], indirect=True)
def test_a_value_with_which_nothing_becomes_ready_fails_by_the_deadline(app: Workload) -> None:
    """Which is the Deployment's own."""
    app.edit("/spec/progressDeadlineSeconds", 3)
    wait(lambda: app.see(status).output["state"] == "complete")
    change = app.planned(set_env, **BAD)
    outcome = app.applied(set_env, change)
    wait(lambda: set_env.arrived(change, outcome, app.cluster.world()).verdict is Verdict.FAIL)
    assert "progress deadline" in (set_env.arrived(change, outcome, app.cluster.world()).unknown or "")


@pytest.mark.parametrize("app", ["Deployment", "StatefulSet"], indirect=True)
def test_a_number_that_an_autoscaler_sets_anew_did_not_arrive(app: Workload) -> None:
    """The plan names the autoscaler; what it does is then said as somebody else's change."""
    reference = {"apiVersion": "apps/v1", "kind": app.kind, "name": "app"}
    spec = {"scaleTargetRef": reference, "minReplicas": 1, "maxReplicas": 3}
    metadata = {"name": "app-hpa", "namespace": app.cluster.namespace}
    body = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec}
    app.cluster.post(PLACES["HorizontalPodAutoscaler"].path(app.cluster.namespace), body)
    change = app.planned(scale, replicas=5)
    assert any("app-hpa" in said and "1 to 3" in said for said in change.warnings)
    outcome = app.applied(scale, change)
    wait(lambda: app.read()["spec"]["replicas"] == 3)
    seen = scale.arrived(change, outcome, app.cluster.world())
    assert seen.verdict is Verdict.FAIL
    assert "somebody else has set its replicas to 3" in (seen.unknown or "")
    assert app.planned(scale, replicas=5).digest != change.digest
