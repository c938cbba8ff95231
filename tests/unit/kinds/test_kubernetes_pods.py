from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.errors import Forbidden, ParameterError
from runbook.kinds import kubernetes_pods as pods
from support.kube_kinds import Shop, shop

POD = "/api/v1/namespaces/shop/pods/{}"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def put(at: Shop, pod: str, **owner: str) -> None:
    references = [{"controller": True, **owner}] if owner else []
    metadata = {"labels": {"app": "api"}, "ownerReferences": references}
    at.api.put(POD.format(pod), {"metadata": metadata, "spec": {"containers": [{"name": "api"}]}})


def test_a_neighbour_with_the_same_labels_is_not_counted(at: Shop) -> None:
    """The Deployment's ReplicaSets own the one, by uid."""
    sets = [one for path, one in at.api.objects.items() if "/replicasets/api-" in path]
    put(at, "mine", kind="ReplicaSet", name=sets[0]["metadata"]["name"], uid=sets[0]["metadata"]["uid"])
    put(at, "theirs", kind="ReplicaSet", name="other", uid="other")
    assert pods.observe(at.inputs, at.world()).output["names"] == ["mine"]
    assert pods.observe({"namespace": "shop", "selector": "app=api"}, at.world()).output["count"] == 2


def test_what_may_not_be_read_is_no_zero(at: Shop) -> None:
    """A missing permission is raised, with its name."""
    at.api.fail("GET", status=403, message='pods is forbidden: User "u" cannot list resource "pods"')
    with pytest.raises(Forbidden, match="cannot list"):
        pods.observe({"namespace": "shop"}, at.world())


@pytest.mark.parametrize(
    "inputs", [{"deployment": "a", "job": "b"}, {"all_namespaces": True, "deployment": "a"}, {"selector": ["a"]}]
)
def test_inputs_that_contradict_each_other_are_refused(at: Shop, inputs: dict[str, object]) -> None:
    """Before anything is asked."""
    with pytest.raises(ParameterError):
        pods.observe(inputs, at.world())
    assert at.api.requests == []


def test_what_finished_or_ends_is_not_waited_for(at: Shop) -> None:
    """`not_ready` is what should be ready."""
    for name, phase in [("done", "Succeeded"), ("evicted", "Failed"), ("starting", "Pending")]:
        put(at, name)
        at.api.objects[POD.format(name)]["status"] = {"phase": phase}
    put(at, "ending")
    at.api.objects[POD.format("ending")]["metadata"]["deletionTimestamp"] = "2026-11-23T11:00:00Z"
    output = pods.observe({"namespace": "shop"}, at.world()).output
    assert output["not_ready"] == ["starting"]
    assert output["failed"] == ["evicted"]


def test_lines_for_people(at: Shop) -> None:
    """What it does, and what a person would type."""
    inputs = {"namespace": "shop", "deployment": "api", "selector": "tier=web", "node": "n1"}
    assert pods.describe(inputs) == "Pods of Deployment api with tier=web on node n1 in shop"
    assert "--field-selector=spec.nodeName=n1" in pods.by_hand(inputs)
