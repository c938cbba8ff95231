from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.errors import NotFound
from runbook.errors import ParameterError
from runbook.kinds import kubernetes_rollout_status as status
from support import kube_revisions
from support.kube_api import deploy
from support.kube_kinds import Shop, shop
from support.kube_revisions import DAEMON_SET, STATEFUL_SET

QUEUE, AGENT = {"statefulset": "queue", "namespace": "shop"}, {"daemonset": "agent", "namespace": "shop"}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        made.api.broken = {"bad"}
        for path in (STATEFUL_SET, DAEMON_SET):
            kube_revisions.deploy(made.api, path, "good:1")
        yield made


@pytest.mark.parametrize("inputs", [Shop.inputs, QUEUE, AGENT], ids=["Deployment", "StatefulSet", "DaemonSet"])
def test_what_has_rolled_out_is_complete(at: Shop, inputs: dict[str, Any]) -> None:
    """With what it is that has."""
    seen = status.observe(inputs, at.world())
    assert (seen.unknown, seen.output["state"]) == (None, "complete")
    assert set(seen.output) == status.SPEC.output_names
    assert seen.output["available"] == seen.output["replicas"] > 0


def test_a_rollout_whose_pods_are_not_ready_is_progressing(at: Shop) -> None:
    """Not complete; `until` looks again."""
    at.api.ready = False
    deploy(at.api, "api:3")
    seen = status.observe(at.inputs, at.world())
    assert (seen.unknown, seen.output["state"]) == (None, "progressing")
    assert "0 of 2 new replicas" in seen.output["message"]


@pytest.mark.parametrize(("path", "inputs"), [(STATEFUL_SET, QUEUE), (DAEMON_SET, AGENT)])
def test_broken_pods_keep_the_other_kinds_progressing(at: Shop, path: str, inputs: dict[str, Any]) -> None:
    """They have no deadline; how long is long enough is for the runbook to say."""
    kube_revisions.deploy(at.api, path, "bad")
    assert status.observe(inputs, at.world()).output["state"] == "progressing"


def test_a_paused_deployment_is_not_called_healthy(at: Shop) -> None:
    """However good its counts are: it may have a template that nobody rolls out."""
    at.deployment["spec"]["paused"] = True
    seen = status.observe(at.inputs, at.world())
    assert seen.output["state"] == "paused"
    assert seen.unknown is not None
    assert "paused" in seen.unknown


def test_on_delete_has_no_end_to_be_told(at: Shop) -> None:
    """kubectl refuses to say, too."""
    at.api.objects[STATEFUL_SET]["spec"]["updateStrategy"] = {"type": "OnDelete"}
    seen = status.observe(QUEUE, at.world())
    assert seen.output["state"] is None
    assert "OnDelete" in (seen.unknown or "")


def test_a_controller_that_is_behind_is_unknown(at: Shop) -> None:
    """Its counts are of another template."""
    at.api.controller = False
    deploy(at.api, "api:3")
    seen = status.observe(at.inputs, at.world())
    assert seen.output["state"] is None
    assert "to see the change" in (seen.unknown or "")


@pytest.mark.parametrize(("stamped", "state"), [("T14:00:01Z", "failed"), ("T13:59:59Z", "complete")])
def test_a_deadline_from_before_the_template_is_stale(at: Shop, stamped: str, state: str) -> None:
    """Who set the template last, and when, is the server's own record."""
    at.api.now = at.api.now.replace(hour=14)
    fields = {"f:spec": {"f:template": {}}}
    at.deployment["metadata"]["managedFields"] = [
        {"manager": "kubectl", "time": "2026-11-23T14:00:00Z", "fieldsV1": fields},
        {"manager": "kube-controller-manager", "time": "2026-11-23T14:00:03Z", "subresource": "status"},
    ]
    condition = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "lastUpdateTime": f"2026-11-23{stamped}"}
    at.deployment["status"]["conditions"] = [condition]
    assert status.observe(at.inputs, at.world()).output["state"] == state


def test_counts_alone_do_not_make_it_complete(at: Shop) -> None:
    """The ReplicaSet of the template itself must have every replica available."""
    for path, one in at.api.objects.items():
        if "/replicasets/" in path:
            one["status"] = {"availableReplicas": 1}
    seen = status.observe(at.inputs, at.world())
    assert seen.output["state"] == "progressing"
    assert "1 of 2 replicas of api-" in seen.output["message"]


def test_one_workload_is_named_and_is_there(at: Shop) -> None:
    """Neither two nor none; what is not there is an error, no verdict."""
    with pytest.raises(ParameterError, match="one deployment or one statefulset or one daemonset"):
        status.observe(QUEUE | AGENT, at.world())
    with pytest.raises(NotFound):
        status.observe(QUEUE | {"statefulset": "nope"}, at.world())
