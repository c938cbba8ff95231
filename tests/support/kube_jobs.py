"""Jobs for tests that the scripted API server and a real control plane can both play.

A real controller and the fake kubelet of the test cluster run a Job by themselves: a second, then its exit. On the
scripted server the test says how it goes.
"""

from __future__ import annotations

from typing import Any

from runbook.core.changes import Change, Observation, Outcome
from runbook.core.words import Applied, Verdict
from runbook.kinds import kubernetes_job as job
from support.kube_cluster import Cluster
from support.real_cluster import KUBECONFIG, wait

INTENT = "01j/resolution/fix/run:apply#1"
OWNER = "batch.kubernetes.io/controller-uid"


def inputs(at: Cluster, **more: Any) -> dict[str, Any]:
    """A Job of an image, unless the step says of what."""
    image = {} if {"template", "from_cronjob"} & more.keys() else {"image": "busybox:1.36"}
    return {"namespace": at.namespace, "name": "task"} | image | more


def planned(at: Cluster, **more: Any) -> Change:
    change = job.plan(inputs(at, **more), at.world())
    assert isinstance(change, Change), change
    return change


def sent(at: Cluster, change: Change, intent: str = INTENT) -> Outcome:
    outcome = job.apply(change, at.world(intent))
    assert outcome.applied is Applied.YES, outcome
    return outcome


def all_jobs(at: Cluster) -> list[str]:
    return [one["metadata"]["name"] for one in at.client.read_all(at.path("Job"), timeout=5).items]


def pod(at: Cluster, outcome: Outcome, log: str | None, **status: Any) -> None:
    """Play one pod of a Job on the scripted server."""
    name = f"{outcome.state['name']}-x7k2p"
    spec = {"containers": [{"name": "main", "image": "busybox:1.36"}], "restartPolicy": "Never"}
    at.make("Pod", name, {"spec": spec}, labels={OWNER: outcome.state["uid"]})
    at.set_status("Pod", name, status)
    if at.scripted is not None and log is not None:
        at.scripted.texts[at.path("Pod", name, "log")] = log


def ends(at: Cluster, outcome: Outcome, *, code: int = 0, log: str = "") -> None:
    """Play the end of a Job on the scripted server; a real one sees to that itself."""
    if at.scripted is None:
        return
    over = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed"}}
    state = [{"name": "main", "restartCount": 0, "state": over}]
    pod(at, outcome, log, phase="Failed" if code else "Succeeded", containerStatuses=state)
    said = {"type": "Failed", "reason": "BackoffLimitExceeded"} if code else {"type": "Complete"}
    said |= {"status": "True", "lastTransitionTime": "2026-11-23T12:00:07Z"}
    status = {"startTime": "2026-11-23T12:00:00Z", "conditions": [said], "failed" if code else "succeeded": 1}
    status |= {} if code else {"completionTime": "2026-11-23T12:00:07Z"}
    at.set_status("Job", outcome.state["name"], status)


def seen(at: Cluster, change: Change, outcome: Outcome) -> Observation:
    """What is seen once it has ended."""

    def look() -> Observation | None:
        found = job.arrived(change, outcome, at.world())
        return found if found.verdict is not Verdict.UNKNOWN else None

    found: Observation = wait(look)
    return found


def cronjob(at: Cluster, name: str = "invoices", template: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """A CronJob whose time never comes."""
    pods = {"containers": [{"name": "main", "image": "busybox:1.36"}], "restartPolicy": "OnFailure"}
    made = {"metadata": {"labels": {"team": "billing"}}, "spec": {"template": {"spec": pods}} | (template or {})}
    return at.make("CronJob", name, {"spec": {"schedule": "0 0 31 2 *", "jobTemplate": made} | spec})


def looking(at: Cluster) -> Any:
    """A client with the cluster's own role `view` in the namespace of the test, and nothing else; a real cluster's."""
    import json

    from runbook.clients import kubernetes
    from runbook.clients.kubernetes import config as kubernetes_config

    at.make("ServiceAccount", "viewer", {})
    subject = {"kind": "ServiceAccount", "name": "viewer", "namespace": at.namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "viewer"}}
    where = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{at.namespace}/rolebindings"
    at.client.post(where, binding | {"subjects": [subject], "roleRef": role}, timeout=10)
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}}
    token = at.client.post(at.path("ServiceAccount", "viewer", "token"), asked, timeout=10).body["status"]["token"]
    config, _ = kubernetes_config.context({"kubeconfig": KUBECONFIG})
    assert config is not None
    path = at.folder / "viewer"
    path.write_text(json.dumps(config | {"users": [{"name": "user", "user": {"token": token}}]}))
    return kubernetes.connect({"kubeconfig": str(path)}, str)
