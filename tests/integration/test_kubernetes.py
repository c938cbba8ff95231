"""The Kubernetes kinds against a real control plane, wherever RUNBOOK_TEST_KUBECONFIG points.

Revisions are tags of one small image; a tag that does not exist is a revision that never becomes ready.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients import kubernetes as client_module
from runbook.clients.kubernetes import KubernetesClient
from runbook.clients.kubernetes import config as kubernetes_config
from runbook.clients.kubernetes.paths import PLACES
from runbook.core.changes import Change, DidApply, DidNotApply, NothingToDo, Outcome, Refused
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import Forbidden
from runbook.kinds import (
    kubernetes_events,
    kubernetes_get,
    kubernetes_logs,
    kubernetes_rollout_history,
    kubernetes_rollout_undo,
    kubernetes_scale,
    kubernetes_set_env,
)
from runbook.testing.world import FakeWorld

KUBECONFIG = os.environ.get("RUNBOOK_TEST_KUBECONFIG", "")
GOOD, NEWER, BROKEN = "busybox:1.36", "busybox:1.37", "busybox:nopull"

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not KUBECONFIG, reason="RUNBOOK_TEST_KUBECONFIG names no cluster"),
]


@pytest.fixture(scope="module")
def cluster() -> KubernetesClient:
    return client_module.connect({"kubeconfig": KUBECONFIG}, str)


class Api:
    """A Deployment `api` in a namespace of its own."""

    def __init__(self, cluster: KubernetesClient, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder
        self.namespace = f"runbook-{uuid.uuid4().hex[:8]}"
        self.inputs = {"deployment": "api", "namespace": self.namespace}
        self.post("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make an object."""
        return self.cluster.post(path, body, timeout=10).body

    def create(self) -> None:
        container = {
            "name": "api",
            "image": GOOD,
            "command": ["sh", "-c", "echo started; sleep 3600"],
            "env": [{"name": "DB_POOL_SIZE", "value": "20"}],
        }
        pod = {"containers": [container], "terminationGracePeriodSeconds": 0}
        body = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "api", "namespace": self.namespace},
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": {"app": "api"}},
                "template": {"metadata": {"labels": {"app": "api"}}, "spec": pod},
            },
        }
        self.post(PLACES["Deployment"].path(self.namespace), body)

    def edit(self, path: str, value: Any) -> None:
        self.cluster.patch(self.path, [{"op": "add", "path": path, "value": value}], timeout=10)

    def deploy(self, image: str) -> None:
        self.edit("/spec/template/spec/containers/0/image", image)

    @property
    def path(self) -> str:
        return PLACES["Deployment"].path(self.namespace, "api")

    def read(self) -> dict[str, Any]:
        return self.cluster.read(self.path, timeout=10).body

    def image(self) -> str:
        return str(self.read()["spec"]["template"]["spec"]["containers"][0]["image"])

    def world(self, intent: str | None = None) -> FakeWorld:
        return FakeWorld(self.folder, clients={"kubernetes": self.cluster}, intent=intent, timeout=60)

    def history(self) -> dict[str, Any]:
        return kubernetes_rollout_history.observe(self.inputs, self.world()).output


@pytest.fixture
def api(cluster: KubernetesClient, tmp_path: Path) -> Iterator[Api]:
    """Two revisions: a good one, and a newer one which is current."""
    made = Api(cluster, tmp_path)
    made.create()
    wait(lambda: made.history()["latest"])
    made.deploy(NEWER)
    wait(lambda: len(made.history()["revisions"]) == 2 and made.history()["latest"]["revision"] == 2)
    yield made
    cluster.delete(f"/api/v1/namespaces/{made.namespace}", {}, timeout=10)


def wait(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Poll until a condition holds."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.1)


def planned(kind: Any, inputs: dict[str, Any], api: Api) -> Change:
    change = kind.plan(inputs, api.world())
    assert isinstance(change, Change), change
    return change


def done(kind: Any, change: Change, api: Api, intent: str = "intent-1") -> Outcome:
    outcome: Outcome = kind.apply(change, api.world(intent))
    assert outcome.applied is Applied.YES, outcome
    wait(lambda: kind.arrived(change, outcome, api.world()).verdict is Verdict.PASS)
    return outcome


def test_a_rollback_returns_to_the_revision_before_and_says_when_it_has_arrived(api: Api) -> None:
    """Planned, applied once, arrived; the history then says what was rolled back from."""
    change = planned(kubernetes_rollout_undo, api.inputs, api)
    assert change.request["target"]["revision"] == 1
    assert NEWER in change.diff and GOOD in change.diff
    done(kubernetes_rollout_undo, change, api)
    assert api.image() == GOOD
    history = api.history()
    assert history["latest"]["revision"] == 3
    assert [one["rolled_back"] for one in history["revisions"]] == [False, True]
    assert history["previous"] is None


@pytest.mark.fault(69)
def test_a_second_rollback_never_returns_to_the_broken_version(api: Api) -> None:
    """After a rollback there is nothing known to be good before the current template: refused."""
    done(kubernetes_rollout_undo, planned(kubernetes_rollout_undo, api.inputs, api), api)
    again = kubernetes_rollout_undo.plan(api.inputs, api.world())
    assert isinstance(again, Refused)
    assert "known to be good" in again.reason
    assert api.image() == GOOD


def test_the_same_change_sent_twice_is_refused_by_its_precondition(api: Api) -> None:
    """The generation has moved: the server says no, and that is an outcome, not a doubt."""
    change = planned(kubernetes_rollout_undo, api.inputs, api)
    done(kubernetes_rollout_undo, change, api)
    repeated = kubernetes_rollout_undo.apply(change, api.world("intent-1"))
    assert repeated.applied is Applied.NO
    assert repeated.error is not None
    assert repeated.error.code == "precondition"
    assert api.image() == GOOD


def test_a_change_of_replicas_during_the_gate_does_not_void_the_approval(api: Api) -> None:
    """What is approved does not contain the generation; what is sent does."""
    before = planned(kubernetes_rollout_undo, api.inputs, api)
    api.edit("/spec/replicas", 3)
    after = planned(kubernetes_rollout_undo, api.inputs, api)
    assert after.digest == before.digest
    assert after.precondition != before.precondition


def test_the_undo_planned_anew_is_the_undo_that_was_approved(api: Api) -> None:
    """While what a rollback left is there, taking it back goes under the same approval."""
    change = planned(kubernetes_rollout_undo, api.inputs, api)
    done(kubernetes_rollout_undo, change, api)
    assert change.undo is not None
    fresh = planned(kubernetes_rollout_undo, change.undo.inputs, api)
    assert fresh.digest == change.undo.digest
    done(kubernetes_rollout_undo, fresh, api, "intent-2")
    assert api.image() == NEWER
    assert not any(one["rolled_back"] for one in api.history()["revisions"])


@pytest.mark.fault(67)
def test_a_change_whose_answer_was_lost_is_found_by_its_mark(api: Api) -> None:
    """Applied, then superseded by nobody: our intent stands on the Deployment."""
    change = planned(kubernetes_rollout_undo, api.inputs, api)
    kubernetes_rollout_undo.apply(change, api.world("intent-1"))
    found = kubernetes_rollout_undo.confirm(change, api.world("intent-1"))
    assert isinstance(found, DidApply)
    assert found.outcome.state["uid"] == change.target.uid


@pytest.mark.fault(67)
def test_a_change_that_never_went_out_is_proven_not_applied(api: Api) -> None:
    """Nothing was sent, and the object has moved on: it cannot arrive any more."""
    change = planned(kubernetes_rollout_undo, api.inputs, api)
    api.edit("/spec/replicas", 3)
    assert isinstance(kubernetes_rollout_undo.confirm(change, api.world("intent-1")), DidNotApply)


@pytest.mark.fault(69)
def test_a_paused_deployment_is_not_rolled_back(api: Api) -> None:
    """kubectl refuses it too; the reason says what to do."""
    api.edit("/spec/paused", True)
    refused = kubernetes_rollout_undo.plan(api.inputs, api.world())
    assert isinstance(refused, Refused)
    assert "paused" in refused.reason


@pytest.mark.fault(69)
def test_a_revision_that_is_not_kept_is_refused_and_the_current_one_needs_nothing(api: Api) -> None:
    """Both are said before anything is sent."""
    gone = kubernetes_rollout_undo.plan(api.inputs | {"to_revision": 9}, api.world())
    assert isinstance(gone, Refused)
    assert "there are 1, 2" in gone.reason
    assert isinstance(kubernetes_rollout_undo.plan(api.inputs | {"to_revision": 2}, api.world()), NothingToDo)


def test_scaling_up_is_done_and_taken_back_under_the_same_approval(api: Api) -> None:
    """Up, arrived, back: two patches, each tested on the number before."""
    inputs = api.inputs | {"replicas": 4, "only": "up"}
    change = planned(kubernetes_scale, inputs, api)
    assert change.effect is Effect.CHANGE
    done(kubernetes_scale, change, api)
    assert isinstance(kubernetes_scale.plan(inputs, api.world()), NothingToDo)
    assert isinstance(kubernetes_scale.plan(inputs | {"replicas": 3}, api.world()), NothingToDo)
    assert change.undo is not None
    back = planned(kubernetes_scale, change.undo.inputs, api)
    assert back.digest == change.undo.digest
    done(kubernetes_scale, back, api, "intent-2")
    assert api.read()["spec"]["replicas"] == 2


def test_an_autoscaler_is_named_by_the_plan(api: Api) -> None:
    """Whoever approves knows that the number may not stay."""
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    body = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "api-hpa", "namespace": api.namespace},
        "spec": {"scaleTargetRef": reference, "minReplicas": 2, "maxReplicas": 5},
    }
    api.post(PLACES["HorizontalPodAutoscaler"].path(api.namespace), body)
    change = planned(kubernetes_scale, api.inputs | {"replicas": 4}, api)
    assert any("api-hpa" in warning for warning in change.warnings)


def test_a_variable_is_set_and_put_back_exactly(api: Api) -> None:
    """One value changes, one variable is new; the undo restores the one and removes the other."""
    inputs = api.inputs | {"env": {"DB_POOL_SIZE": "50", "NEW": "1"}}
    change = planned(kubernetes_set_env, inputs, api)
    before = api.read()["spec"]["template"]
    done(kubernetes_set_env, change, api)
    assert isinstance(kubernetes_set_env.plan(inputs, api.world()), NothingToDo)
    assert change.undo is not None
    back = planned(kubernetes_set_env, change.undo.inputs, api)
    assert back.digest == change.undo.digest
    done(kubernetes_set_env, back, api, "intent-2")
    assert api.read()["spec"]["template"] == before


def test_events_name_what_the_controller_did(api: Api) -> None:
    """Scaling a ReplicaSet is an event of the Deployment."""
    inputs = {"namespace": api.namespace, "since": "10m", "kind": "Deployment", "name": "api"}
    seen = wait(lambda: kubernetes_events.observe(inputs, api.world()).output["events"])
    assert any(event["reason"] == "ScalingReplicaSet" for event in seen)


def test_logs_of_a_deployment_have_an_entry_per_container(api: Api) -> None:
    """Every pod that was started is there, or is named with the reason why not."""
    wait(lambda: api.read()["status"].get("availableReplicas") == 2)
    output = kubernetes_logs.observe(api.inputs | {"previous": True, "timestamps": True}, api.world()).output
    assert output["pods"] >= 2
    assert len(output["logs"]) + len(output["missing"]) >= 2


def test_objects_are_read_by_kind_and_secrets_stay_where_they_are(api: Api) -> None:
    """The Secret is listed; its value is not."""
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"password": "hunter2!"}}
    api.post(PLACES["Secret"].path(api.namespace), secret)
    inputs = {"namespace": api.namespace, "kinds": ["Deployment", "ReplicaSet", "Secret"]}
    output = kubernetes_get.observe(inputs, api.world()).output
    assert {one["kind"] for one in output["objects"]} == {"Deployment", "ReplicaSet", "Secret"}
    assert "aHVudGVyMiE=" not in str(output)
    named = kubernetes_get.observe({"namespace": api.namespace, "kind": "Deployment", "name": "api"}, api.world())
    assert named.output["object"]["metadata"]["name"] == "api"


def viewer(api: Api) -> KubernetesClient:
    """Somebody with the cluster's own role `view` in the namespace, and nothing else."""
    where = f"/api/v1/namespaces/{api.namespace}/serviceaccounts"
    api.post(where, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "viewer"}})
    subject = {"kind": "ServiceAccount", "name": "viewer", "namespace": api.namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    binding = {"metadata": {"name": "viewer"}, "subjects": [subject], "roleRef": role}
    bindings = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{api.namespace}/rolebindings"
    api.post(bindings, {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding"} | binding)
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}
    token = api.post(f"{where}/viewer/token", asked)["status"]["token"]
    config, _ = kubernetes_config.context({"kubeconfig": KUBECONFIG})
    assert config is not None
    path = api.folder / "viewer"
    path.write_text(json.dumps(config | {"users": [{"name": "user", "user": {"token": token}}]}))
    return client_module.connect({"kubeconfig": str(path)}, str)


def test_somebody_who_may_only_look_is_told_so_when_planning(api: Api) -> None:
    """The server's dry run needs the permission that the change needs."""
    looking = viewer(api)
    world = FakeWorld(api.folder, clients={"kubernetes": looking})
    seen = wait(lambda: kubernetes_rollout_history.observe(api.inputs, world).output["latest"])
    assert seen["revision"] == 2
    assert looking.identity == looking.server  # kube-system is not theirs to see
    with pytest.raises(Forbidden, match="cannot patch"):
        kubernetes_rollout_undo.plan(api.inputs, world)


def deadline_exceeded(api: Api) -> bool:
    conditions = api.read()["status"].get("conditions") or []
    return any(one.get("reason") == "ProgressDeadlineExceeded" for one in conditions)


@pytest.mark.fault(70)
def test_a_deadline_that_was_exceeded_before_is_not_held_against_a_rollback(api: Api) -> None:
    """The broken rollout hit its deadline; the status says so for a while after the rollback was accepted."""
    api.edit("/spec/progressDeadlineSeconds", 5)
    api.deploy(BROKEN)
    wait(lambda: deadline_exceeded(api))
    change = planned(kubernetes_rollout_undo, api.inputs, api)
    assert change.request["target"]["images"] == {"api": NEWER}
    outcome = kubernetes_rollout_undo.apply(change, api.world("intent-1"))
    verdicts = []

    def arrived() -> bool:
        verdicts.append(kubernetes_rollout_undo.arrived(change, outcome, api.world()).verdict)
        return verdicts[-1] is Verdict.PASS

    wait(arrived)
    assert Verdict.FAIL not in verdicts


@pytest.mark.fault(70)
def test_a_rollout_that_never_becomes_ready_fails_by_its_own_deadline(api: Api) -> None:
    """The deadline is stamped after the change was accepted, so it is ours."""
    api.edit("/spec/progressDeadlineSeconds", 3)
    api.edit("/spec/template/spec/containers/0/imagePullPolicy", "Always")
    api.deploy(BROKEN)
    wait(lambda: len(api.history()["revisions"]) >= 3)
    change = planned(kubernetes_set_env, api.inputs | {"env": {"DB_POOL_SIZE": "0"}}, api)
    outcome = kubernetes_set_env.apply(change, api.world("intent-1"))
    seen = wait(
        lambda: (
            looked
            if (looked := kubernetes_set_env.arrived(change, outcome, api.world())).verdict is Verdict.FAIL
            else None
        )
    )
    assert "progress deadline" in seen.output["message"]


def test_a_second_runner_with_the_same_approval_is_too_late(api: Api) -> None:
    """Both planned the same; the server lets one of them through."""
    one = planned(kubernetes_rollout_undo, api.inputs, api)
    other = planned(kubernetes_rollout_undo, api.inputs, api)
    assert one.digest == other.digest
    applied = [
        kubernetes_rollout_undo.apply(change, api.world(f"intent-{number}")).applied
        for number, change in enumerate((one, other))
    ]
    assert applied == [Applied.YES, Applied.NO]
    assert api.image() == GOOD
