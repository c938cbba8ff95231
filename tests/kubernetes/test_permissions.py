"""The Roles of the docs on a real API server: with them every action is done, and beyond them nothing is granted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import kubernetes as client_module
from runbook.clients.kubernetes import KubernetesClient
from runbook.clients.kubernetes import config as kubernetes_config
from runbook.core.changes import Change
from runbook.core.words import Applied, Verdict
from runbook.errors import Forbidden
from runbook.kinds import kubernetes_can_i as can_i
from runbook.kinds import kubernetes_rollout_history as history
from runbook.kinds import kubernetes_rollout_pause as pause
from runbook.kinds import kubernetes_rollout_restart as restart
from runbook.kinds import kubernetes_rollout_resume as resume
from runbook.kinds import kubernetes_rollout_undo as undo
from runbook.kinds import kubernetes_scale as scale
from runbook.kinds import kubernetes_set_env as set_env
from runbook.testing.world import FakeWorld
from support.kube_permissions import granted, roles
from support.real_cluster import GOOD, KUBECONFIG, NEWER, Cluster, Workload, cluster, needs_a_cluster, wait

pytestmark = needs_a_cluster

RBAC = "rbac.authorization.k8s.io"
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


class Account:
    """Somebody with some of the Roles of the docs in one namespace, and nothing else."""

    def __init__(self, at: Cluster, *names: str) -> None:
        self._at, self.names = at, names
        where = f"/api/v1/namespaces/{at.namespace}/serviceaccounts"
        at.post(where, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "runbook"}})
        for role in roles():
            if role["metadata"]["name"] in names:
                self._bind(role)
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}
        token = at.post(f"{where}/runbook/token", asked)["status"]["token"]
        config, _ = kubernetes_config.context({"kubeconfig": KUBECONFIG})
        assert config is not None
        path = at.folder / "account"
        path.write_text(json.dumps(config | {"users": [{"name": "user", "user": {"token": token}}]}))
        self.client: KubernetesClient = client_module.connect({"kubeconfig": str(path)}, str)

    def _bind(self, role: dict[str, Any]) -> None:
        place = f"/apis/{RBAC}/v1/namespaces/{self._at.namespace}"
        name = role["metadata"]["name"]
        self._at.post(f"{place}/roles", role | {"kind": "Role"})
        subject = {"kind": "ServiceAccount", "name": "runbook", "namespace": self._at.namespace}
        ref = {"apiGroup": RBAC, "kind": "Role", "name": name}
        binding = {"metadata": {"name": name}, "subjects": [subject], "roleRef": ref}
        self._at.post(f"{place}/rolebindings", {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding"} | binding)

    def world(self, intent: str | None = None) -> FakeWorld:
        return FakeWorld(self._at.folder, clients={"kubernetes": self.client}, intent=intent, timeout=60)

    def does(self, kind: Any, app: Workload, intent: str, **inputs: Any) -> None:
        """Plan, apply, and wait until it has arrived."""
        change = kind.plan(app.inputs | inputs, self.world())
        assert isinstance(change, Change), change
        outcome = kind.apply(change, self.world(intent))
        assert outcome.applied is Applied.YES, outcome
        wait(lambda: kind.arrived(change, outcome, self.world()).verdict is Verdict.PASS)

    def may(self, verb: str, resource: str) -> bool:
        """What the cluster's authorizers say."""
        inputs = {"verb": verb, "resource": resource, "namespace": self._at.namespace}
        return bool(can_i.observe(inputs, self.world()).output["allowed"])


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
    account.does(undo, app, "1")
    assert app.image() == GOOD
    account.does(scale, app, "2", replicas=2)
    account.does(set_env, app, "3", env={"DB_POOL_SIZE": "50"})
    account.does(restart, app, "4")
    account.does(pause, app, "5")
    account.does(resume, app, "6")


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
