"""Jobs, on the scripted API server and on a real one."""

from __future__ import annotations

import pytest

from runbook.clients.kubernetes.errors import NotFound
from runbook.core.changes import CannotTell, DidApply, Refused
from runbook.core.words import Applied, Verdict
from runbook.errors import Forbidden
from runbook.kinds import job_specs
from runbook.kinds import kubernetes_job as job
from runbook.testing.world import FakeWorld
from support.kube_cluster import Cluster
from support.kube_jobs import INTENT, all_jobs, cronjob, ends, inputs, looking, planned, pod, seen, sent
from support.real_cluster import wait

PULL = 'Back-off pulling image "busybox:nopull"'
WAITS = {"name": "main", "restartCount": 0, "state": {"waiting": {"reason": "ImagePullBackOff", "message": PULL}}}
NO_NODE = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/2 nodes are available"}


def test_a_plan_makes_nothing_and_pins_the_whole_spec(cluster: Cluster) -> None:
    """The server tries it out; name and marks aside, what is sent is what was approved."""
    change = planned(cluster, argv=["./copy", "--all"], env={"REGION": "eu"})
    assert all_jobs(cluster) == []
    assert change.digest != planned(cluster, argv=["./copy", "--all"], env={"REGION": "us"}).digest
    assert change.digest == planned(cluster, argv=["./copy", "--all"], env={"REGION": "eu"}).digest
    name = sent(cluster, change).state["name"]
    made = cluster.get("Job", name)
    assert made is not None
    spec = made["spec"]
    assert (spec["backoffLimit"], spec["activeDeadlineSeconds"], spec["ttlSecondsAfterFinished"]) == (0, 300, 86400)
    pods = spec["template"]["spec"]
    assert pods["restartPolicy"] == "Never"
    assert pods["containers"][0]["command"] == ["./copy", "--all"]
    assert pods["containers"][0]["env"] == [{"name": "REGION", "value": "eu"}]


def test_a_job_that_completes_has_arrived_with_what_it_said(cluster: Cluster) -> None:
    """Its log is the step's text."""
    change = planned(cluster, env={"FAKE_LOG": "12 rows copied"})
    outcome = sent(cluster, change)
    ends(cluster, outcome, log="12 rows copied\n")
    found = seen(cluster, change, outcome)
    assert (found.verdict, found.unknown) == (Verdict.PASS, None)
    assert set(found.output) == job.SPEC.output_names
    assert (found.output["state"], found.output["exit_code"], found.output["succeeded"]) == ("complete", 0, 1)
    assert found.output["log"] == "12 rows copied\n"
    assert found.output["duration_seconds"] >= 0


def test_a_job_that_fails_is_tried_once_and_its_log_is_kept(cluster: Cluster) -> None:
    """Which container, which code, its last line."""
    change = planned(cluster, image="busybox:crash")
    outcome = sent(cluster, change)
    ends(cluster, outcome, code=1, log="starting\nRuntimeError: database unreachable\n")
    found = seen(cluster, change, outcome)
    assert (found.verdict, found.output["state"], found.output["failed"]) == (Verdict.FAIL, "failed", 1)
    assert found.output["exit_code"] == 1
    assert "BackoffLimitExceeded" in (found.unknown or "")
    assert "exited with 1: RuntimeError: database unreachable" in (found.unknown or "")
    assert "database unreachable" in found.output["log"]


def test_sent_twice_under_one_intent_it_is_made_once(cluster: Cluster) -> None:
    """The second is told 409, and sees that it is ours."""
    change = planned(cluster)
    first, second = sent(cluster, change), sent(cluster, change)
    assert first.state == second.state
    assert all_jobs(cluster) == [first.state["name"]]
    assert sent(cluster, change, "another").state["name"] != first.state["name"]
    assert isinstance(job.confirm(change, cluster.world(INTENT)), DidApply)


def test_a_name_that_is_anothers_is_refused(cluster: Cluster) -> None:
    """And so is the attempt to find ours in it."""
    change, name = planned(cluster), job_specs.named("task", INTENT)
    cluster.make("Job", name, {"spec": change.request["job"]["spec"]})
    outcome = job.apply(change, cluster.world(INTENT))
    assert outcome.applied is Applied.NO
    assert outcome.error is not None
    assert outcome.error.code == "already-exists"
    assert not isinstance(job.confirm(change, cluster.world(INTENT)), DidApply)


def test_what_a_cronjob_would_run_is_run_once_even_where_it_is_suspended(cluster: Cluster) -> None:
    """With its labels; its retries, its restarts and its suspension are not taken over, and that is said."""
    cronjob(cluster, suspend=True, template={"backoffLimit": 4})
    change = planned(cluster, from_cronjob="invoices")
    said = " ".join(change.warnings)
    assert "its schedule is suspended" in said
    assert "up to 5 times" in said
    assert "restartPolicy Never in place of OnFailure" in said
    made = cluster.get("Job", sent(cluster, change).state["name"])
    assert made is not None
    assert made["metadata"]["labels"]["team"] == "billing"
    assert (made["spec"]["backoffLimit"], made["spec"]["template"]["spec"]["restartPolicy"]) == (0, "Never")
    assert "ownerReferences" not in made["metadata"]


def test_a_cronjob_that_is_gone_or_another_one_voids_the_plan(cluster: Cluster) -> None:
    """By its uid, not by its name."""
    cronjob(cluster)
    before = planned(cluster, from_cronjob="invoices")
    cluster.client.delete(cluster.path("CronJob", "invoices"), {}, timeout=5)
    wait(lambda: cluster.get("CronJob", "invoices") is None)
    with pytest.raises(NotFound, match="invoices"):
        job.plan(inputs(cluster, from_cronjob="invoices"), cluster.world())
    cronjob(cluster)
    assert planned(cluster, from_cronjob="invoices").digest != before.digest


def test_an_image_that_cannot_be_pulled_is_said(cluster: Cluster) -> None:
    """It may still come; with the line that stops it."""
    change = planned(cluster, image="busybox:nopull")
    outcome = sent(cluster, change)
    if cluster.scripted is not None:
        pod(cluster, outcome, None, phase="Pending", containerStatuses=[WAITS])
    found = wait(lambda: _waiting(cluster, change, outcome, "Pull"))
    assert found.verdict is Verdict.UNKNOWN
    assert f"delete job {outcome.state['name']}" in found.unknown


def test_a_pod_that_no_node_takes_is_said(cluster: Cluster) -> None:
    """With the scheduler's words."""
    node = {"nodeSelector": {"kubernetes.io/os": "none"}}
    spec = {"containers": [{"name": "main", "image": "busybox:1.36"}]} | node
    change = planned(cluster, template={"spec": spec})
    outcome = sent(cluster, change)
    if cluster.scripted is not None:
        pod(cluster, outcome, None, phase="Pending", conditions=[NO_NODE])
    found = wait(lambda: _waiting(cluster, change, outcome, "no node takes it"))
    assert "nodes are available" in found.unknown


def test_a_job_that_somebody_deleted_has_failed_and_is_not_run_again(cluster: Cluster) -> None:
    """Its pod may have done everything, or nothing."""
    change = planned(cluster)
    outcome = sent(cluster, change)
    name = outcome.state["name"]
    if cluster.scripted is not None:
        about = {"kind": "Job", "name": name}
        cluster.make("Event", "made", {"involvedObject": about, "reason": "SuccessfulCreate"})
    else:
        wait(lambda: (cluster.get("Job", name) or {}).get("status", {}).get("active"))
    cluster.client.delete(cluster.path("Job", name), {"propagationPolicy": "Background"}, timeout=5)
    wait(lambda: cluster.get("Job", name) is None)
    assert job.arrived(change, outcome, cluster.world()).verdict is Verdict.FAIL
    found = job.confirm(change, cluster.world(INTENT, timeout=60))
    assert isinstance(found, CannotTell)
    assert "was made and is gone" in found.reason


def test_a_quota_of_jobs_refuses_the_plan(cluster: Cluster) -> None:
    """No matter of permission, although the server says 403."""
    if cluster.scripted is not None:
        said = 'jobs.batch "task" is forbidden: exceeded quota: none, requested: count/jobs.batch=1'
        cluster.scripted.fail("POST", status=403, message=said)
    else:
        where = f"/api/v1/namespaces/{cluster.namespace}/resourcequotas"
        quota = {"metadata": {"name": "none"}, "spec": {"hard": {"count/jobs.batch": "0"}}}
        cluster.client.post(where, {"apiVersion": "v1", "kind": "ResourceQuota"} | quota, timeout=5)
        wait(lambda: cluster.client.read(f"{where}/none", timeout=5).body.get("status", {}).get("hard"))
    refused = job.plan(inputs(cluster), cluster.world())
    assert isinstance(refused, Refused)
    assert "exceeded quota" in refused.reason


def test_who_may_only_look_is_told_so_when_planning(cluster: Cluster) -> None:
    """The server's dry run needs the permission that the Job needs."""
    world = cluster.world()
    if cluster.scripted is not None:
        cluster.scripted.fail("POST", status=403, message='User "me" cannot create resource "jobs"')
    else:
        viewer = looking(cluster)
        world = FakeWorld(cluster.folder, clients={"kubernetes": viewer})
        wait(lambda: _may_list(viewer, cluster))
    with pytest.raises(Forbidden, match="cannot create"):
        job.plan(inputs(cluster), world)


def _waiting(at: Cluster, change: job.Change, outcome: job.Outcome, word: str) -> job.Observation | None:
    found = job.arrived(change, outcome, at.world())
    return found if word in (found.unknown or "") else None


def _may_list(viewer: job.Any, at: Cluster) -> bool:
    try:
        viewer.read_all(at.path("Job"), timeout=5)
    except Forbidden:
        return False
    return True
