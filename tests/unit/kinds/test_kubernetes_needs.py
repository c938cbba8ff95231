"""What kinds say that they need, held to what they send."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook import kinds
from runbook.core.changes import Change
from runbook.document.words import Role
from support.kube_kinds import Shop, shop
from support.kube_verbs import all_asked

API = {"deployment": "api"}
CASES: dict[str, dict[str, Any]] = {
    "kubernetes.endpoints": {"service": "api"},
    "kubernetes.events": {},
    "kubernetes.get": {"kind": "Deployment", "name": "api"},
    "kubernetes.logs": API,
    "kubernetes.patch": {"kind": "Deployment", "name": "api", "patch": {"spec": {"replicas": 3}}},
    "kubernetes.pods": API,
    "kubernetes.rollout_history": API,
    "kubernetes.rollout_pause": API,
    "kubernetes.rollout_restart": API,
    "kubernetes.rollout_status": API,
    "kubernetes.rollout_undo": API,
    "kubernetes.scale": API | {"replicas": 5},
    "kubernetes.set_env": API | {"env": {"DB_POOL_SIZE": "40"}},
    "kubernetes.set_image": API | {"image": "api:3"},
    "kubernetes.top": {"of": "nodes"},
}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        made.api.put("/api/v1/namespaces/shop/services/api", {"spec": {"selector": {"app": "api"}}})
        running = {"containerStatuses": [{"name": "api", "restartCount": 0}]}
        made.api.put("/api/v1/namespaces/shop/pods/api-1", {"metadata": {"labels": {"app": "api"}}, "status": running})
        made.api.put("/apis/metrics.k8s.io/v1beta1/nodes/n1", {"usage": {"cpu": "1", "memory": "1Gi"}})
        made.api.put("/api/v1/nodes/n1", {"status": {"allocatable": {"cpu": "2", "memory": "2Gi"}}})
        yield made


@pytest.mark.parametrize("name", [name for name in kinds.MODULES if name.startswith("kubernetes.")])
def test_every_kind_on_kubernetes_says_what_it_needs(name: str) -> None:
    """Of its example, without a cluster: `doctor` asks for that, and the Role in the docs is made of it."""
    module = kinds.get(name)
    needs = module.needs(module.SPEC.example["with"])
    assert needs or name == "kubernetes.can_i"


@pytest.mark.parametrize("name", CASES)
def test_what_is_needed_is_what_is_sent(at: Shop, name: str) -> None:
    """Nothing is asked of the cluster that was not said, and nothing is said that is not asked."""
    module, inputs = kinds.get(name), {"namespace": "shop"} | CASES[name]
    at.api.requests.clear()
    if module.SPEC.role is Role.PROBE:
        module.observe(inputs, at.world())
    else:
        change = module.plan(inputs, at.world())
        assert isinstance(change, Change)
        module.arrived(change, at.applied(module, change), at.world())
    assert all_asked(at.api.requests) == {(need.verb, need.resource) for need in module.needs(inputs)}


def test_an_object_that_is_named_has_to_be_there(at: Shop) -> None:
    """The one that a step changes, by name; a list names none."""
    needs = kinds.get("kubernetes.scale").needs({"deployment": "api", "replicas": 1})
    assert [(need.place.plural, need.name) for need in needs if need.is_there] == [("deployments", "api")]
    assert [need.without is None for need in needs] == [True, True, False]
