"""The Roles of the docs on a real API server: with them every action is done, and beyond them nothing is granted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.paths import PLACES
from runbook.errors import Forbidden
from runbook.kinds import controller_revisions
from runbook.kinds import kubernetes_delete_pod as delete_pod
from runbook.kinds import kubernetes_drain as drain
from runbook.kinds import kubernetes_evict_pod as evict_pod
from runbook.kinds import kubernetes_job as job
from runbook.kinds import kubernetes_rollout_history as history
from runbook.kinds import kubernetes_rollout_pause as pause
from runbook.kinds import kubernetes_rollout_restart as restart
from runbook.kinds import kubernetes_rollout_resume as resume
from runbook.kinds import kubernetes_rollout_undo as undo
from runbook.kinds import kubernetes_scale as scale
from runbook.kinds import kubernetes_set_env as set_env
from runbook.kinds import kubernetes_uncordon as uncordon
from support.kube_account import Account
from support.kube_permissions import granted, roles
from support.real_cluster import GOOD, NEWER, Cluster, Workload, cluster, needs_a_cluster, wait

pytestmark = needs_a_cluster

VERBS = ("get", "list", "create", "update", "patch", "delete")
RESOURCES = (
    "configmaps", "cronjobs.batch", "daemonsets.apps", "deployments.apps", "events", "jobs.batch", "nodes", "pods",
    "pods/log", "pods/exec", "pods/eviction", "replicasets.apps", "roles.rbac.authorization.k8s.io", "secrets",
    "serviceaccounts/token", "services", "statefulsets.apps",
)  # fmt: skip


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


@pytest.fixture
def app(at: Cluster) -> Workload:
    """GOOD, then NEWER, which is current."""
    made = at.make("Deployment", "app", replicas=1)
    wait(lambda: made.see(history).output["latest"])
    made.deploy(NEWER)
    wait(lambda: len(made.see(history).output["revisions"]) == 2 and made.see(history).unknown is None)
    return made


def test_every_action_on_a_workload_is_done_with_the_roles_of_the_docs(at: Cluster, app: Workload) -> None:
    """Planned, tried out, applied and seen to arrive."""
    account = Account(at, "runbook-read", "runbook-change")
    account.does(undo, "1", **app.inputs)
    assert app.image() == GOOD
    account.does(scale, "2", **app.inputs, replicas=2)
    account.does(set_env, "3", **app.inputs, env={"DB_POOL_SIZE": "50"})
    account.does(restart, "4", **app.inputs)
    account.does(pause, "5", **app.inputs)
    account.does(resume, "6", **app.inputs)


def test_pods_are_taken_away_and_jobs_are_run_with_theirs(at: Cluster) -> None:
    """By uid, replaced; made, completed, and its log read."""
    app = at.make("Deployment", "app", replicas=2)
    wait(lambda: (app.read().get("status") or {}).get("availableReplicas") == 2)
    account = Account(at, "runbook-read", "runbook-pods", "runbook-jobs")
    for number, kind in enumerate((delete_pod, evict_pod)):
        wait(lambda: len(ready(at)) == 2)
        account.does(kind, str(number), pod=ready(at)[0], namespace=at.namespace)
    image = {"image": GOOD, "argv": ["true"], "env": {"FAKE_MODE": "complete"}}
    account.does(job, "3", name="once", namespace=at.namespace, deadline="60s", **image)


def ready(at: Cluster) -> list[str]:
    """Names of the ready pods."""
    found = at.client.read_all(PLACES["Pod"].path(at.namespace), timeout=5).items
    return [pod["metadata"]["name"] for pod in found if controller_revisions.ready(pod)]


def test_a_node_is_drained_and_taken_back_with_the_role_for_nodes(at: Cluster) -> None:
    """In whatever namespace its pods are."""
    node = f"node-{at.namespace}"
    at.post("/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}, "spec": {}})
    account = Account(at, "runbook-nodes")
    try:
        wait(lambda: at.client.read_all(PLACES["ServiceAccount"].path(at.namespace), timeout=5).items[1:])
        at.post(PLACES["Pod"].path(at.namespace), bare_pod(node))
        account.does(drain, "1", node=node, force=True)
        assert ready(at) == []
        account.does(uncordon, "2", node=node)
    finally:
        account.close()
        at.delete(f"/api/v1/nodes/{node}")


def bare_pod(node: str) -> dict[str, Any]:
    """A pod on a node, that nobody controls and that ends at once."""
    container = {"name": "main", "image": GOOD, "command": ["sleep", "3600"]}
    spec = {"nodeName": node, "containers": [container], "terminationGracePeriodSeconds": 0}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare"}, "spec": spec}


@pytest.mark.parametrize("names", [("runbook-read",), ("runbook-read", "runbook-evidence", "runbook-change")])
def test_the_roles_grant_what_they_say_and_nothing_else(at: Cluster, names: tuple[str, ...]) -> None:
    """Of every verb on what matters, as the cluster's authorizers answer."""
    account = Account(at, *names)
    said = {tuple(rule) for role in roles() if role["metadata"]["name"] in names for rule in granted(role)}
    asked = [(verb, resource) for verb in VERBS for resource in RESOURCES]
    allowed = {one for one in asked if account.may(*one)}
    assert allowed == {one for one in said if one in asked}


def test_who_may_only_look_sees_everything_and_plans_nothing(at: Cluster, app: Workload) -> None:
    """The refusal names the verb and the resource; nothing was changed."""
    account = Account(at, "runbook-read")
    assert history.observe(app.inputs, account.world()).output["previous"]["images"] == {"app": GOOD}
    for kind, more in ((undo, {}), (scale, {"replicas": 3}), (pause, {})):
        with pytest.raises(Forbidden, match="cannot patch"):
            kind.plan(app.inputs | more, account.world())
    with pytest.raises(Forbidden):
        account.client.read(f"/api/v1/namespaces/{at.namespace}/secrets/any", timeout=5)
    assert app.image() == NEWER
