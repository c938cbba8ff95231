"""What every plan of a change to an object names: the cluster, the object, what it tests, and who may revert it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from runbook.clients import kubernetes as client_module
from runbook.core.words import Applied
from runbook.kinds import (
    kubernetes_apply,
    kubernetes_patch,
    kubernetes_rollout_pause,
    kubernetes_rollout_restart,
    kubernetes_rollout_resume,
    kubernetes_rollout_undo,
    kubernetes_scale,
    kubernetes_set_env,
    kubernetes_set_image,
)
from support.kube_api import DEPLOYMENT
from support.kube_kinds import Shop, shop

MANIFEST = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api"}, "spec": {"minReadySeconds": 5}}
ACTIONS: list[tuple[ModuleType, dict[str, Any]]] = [
    (kubernetes_apply, {"manifest": MANIFEST}),
    (kubernetes_patch, {"kind": "Deployment", "name": "api", "patch": {"spec": {"replicas": 5}}}),
    (kubernetes_rollout_pause, {}),
    (kubernetes_rollout_restart, {}),
    (kubernetes_rollout_resume, {}),
    (kubernetes_rollout_undo, {}),
    (kubernetes_scale, {"replicas": 5}),
    (kubernetes_set_env, {"env": {"DB_POOL_SIZE": "30"}}),
    (kubernetes_set_image, {"image": "api:3"}),
]
every_action = pytest.mark.parametrize(("kind", "inputs"), [pytest.param(*one, id=one[0].SPEC.name) for one in ACTIONS])


@pytest.fixture
def at(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        made.api.put("/api/v1/namespaces/kube-system", {"metadata": {"uid": "cluster-uid"}})
        if request.node.callspec.params["kind"] is kubernetes_rollout_resume:
            made.deployment["spec"]["paused"] = True
        yield made


@every_action
def test_a_plan_names_cluster_and_object(at: Shop, kind: ModuleType, inputs: dict[str, Any]) -> None:
    """By their uids, and so does its undo: a name alone can be another thing tomorrow."""
    change = at.planned(kind, **inputs)
    assert (change.target.connection, change.target.uid) == ("cluster-uid", at.deployment["metadata"]["uid"])
    assert str(change.target) == "Deployment shop/api"
    assert change.undo is None or change.undo.target == change.target


@every_action
def test_what_is_sent_tests_the_object_and_what_was_read(at: Shop, kind: ModuleType, inputs: dict[str, Any]) -> None:
    """Its uid always; its generation, or the very field where the generation may move on; of a manifest the version."""
    change = at.planned(kind, **inputs)
    at.applied(kind, change)
    [sent] = at.api.sent("PATCH")
    if kind is kubernetes_apply:
        tests = {f"/metadata/{name}": value for name, value in sent["body"]["metadata"].items()}
    else:
        tests = {one["path"]: one["value"] for one in sent["body"] if one["op"] == "test"}
    assert tests["/metadata/uid"] == change.target.uid
    assert {"/metadata/generation", "/spec/replicas", "/metadata/resourceVersion"} & tests.keys()


@every_action
def test_what_moves_by_itself_voids_no_approval(at: Shop, kind: ModuleType, inputs: dict[str, Any]) -> None:
    """A label, a status, an autoscaler's write: the plan is the same, so it is not asked for again."""
    before = at.planned(kind, **inputs)
    metadata = at.deployment["metadata"]
    metadata["generation"] += 3
    metadata["resourceVersion"] = "999999"
    metadata["labels"] = {"team": "shop"}
    at.deployment["status"]["observedGeneration"] = metadata["generation"]
    assert at.planned(kind, **inputs).digest == before.digest


@every_action
def test_an_object_made_anew_voids_it_and_is_not_touched(at: Shop, kind: ModuleType, inputs: dict[str, Any]) -> None:
    """The same name and another uid: another plan, and the old one is refused by the server."""
    change = at.planned(kind, **inputs)
    again = copy.deepcopy(at.deployment)
    again["metadata"] = {"annotations": again["metadata"]["annotations"], "uid": "another-uid"}
    at.api.put(DEPLOYMENT, again)
    outcome = kind.apply(change, at.world("intent-1"))
    assert outcome.applied is Applied.NO
    assert outcome.error.code == "precondition"
    planned = kind.plan(at.inputs | inputs, at.world())
    assert getattr(planned, "digest", None) != change.digest


@every_action
def test_another_cluster_is_another_plan(at: Shop, kind: ModuleType, inputs: dict[str, Any], tmp_path: Path) -> None:
    """Even where everything in it is the same."""
    change = at.planned(kind, **inputs)
    at.api.put("/api/v1/namespaces/kube-system", {"metadata": {"uid": "another-cluster"}})
    at.client = client_module.connect({"kubeconfig": str(at.api.kubeconfig(tmp_path)), "timeout": "600ms"}, str)
    other = at.planned(kind, **inputs)
    assert other.target.connection == "another-cluster"
    assert other.digest != change.digest


@every_action
def test_whoever_may_revert_it_is_named(at: Shop, kind: ModuleType, inputs: dict[str, Any]) -> None:
    """Argo CD, Flux, Helm, `kubectl apply`: whoever approves has read it."""
    at.deployment["metadata"]["labels"] = {"helm.toolkit.fluxcd.io/name": "shop"}
    at.deployment["metadata"]["annotations"]["meta.helm.sh/release-name"] = "shop"
    warnings = at.planned(kind, **inputs).warnings
    assert any("Flux" in line for line in warnings)
    assert any("Helm release shop" in line for line in warnings)
