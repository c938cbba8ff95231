from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.errors import NotFound
from runbook.kinds import kubernetes_owner as owner
from support.kube_kinds import Shop, shop

APPLICATION = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/web"
POD = "/api/v1/namespaces/shop/pods/api-1"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    """A pod of the current ReplicaSet of `shop/api`."""
    with shop(tmp_path) as made:
        sets = sorted(path for path in made.api.objects if "/replicasets/" in path)
        for path in sets:
            made.api.objects[path]["metadata"]["ownerReferences"][0] |= {"apiVersion": "apps/v1", "name": "api"}
        above = made.api.objects[sets[0]]["metadata"]
        reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": above["name"], "uid": above["uid"]}
        made.api.put(POD, {"metadata": {"ownerReferences": [reference | {"controller": True}]}, "spec": {}})
        yield made


def seen(at: Shop, kind: str = "Pod", name: str = "api-1", **inputs: Any) -> dict[str, Any]:
    output = owner.observe({"kind": kind, "name": name, "namespace": "shop"} | inputs, at.world()).output
    assert set(output) == owner.SPEC.output_names
    return dict(output)


def test_controllers_are_followed_to_the_topmost(at: Shop) -> None:
    """A pod's ReplicaSet, and its Deployment."""
    found = seen(at)
    assert found["owner"] == "Deployment/api"
    assert [one["kind"] for one in found["controllers"]] == ["ReplicaSet", "Deployment"]
    assert found["controllers"][1]["uid"] == at.deployment["metadata"]["uid"]
    assert (found["unread"], found["reverts"]) == ([], False)


def test_the_mark_of_the_topmost_is_found_from_the_pod(at: Shop) -> None:
    """And when it reverts."""
    at.api.put(APPLICATION, {"spec": {"syncPolicy": {"automated": {"selfHeal": True, "prune": True}}}})
    at.deployment["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = "web:apps/Deployment:shop/api"
    found = seen(at)
    (manager,) = found["managers"]
    assert (manager["of"], manager["name"], manager["namespace"]) == ("Deployment/api", "web", "argocd")
    assert (manager["self_heal"], manager["prune"], found["reverts"]) == (True, True, True)
    assert any("within seconds" in line for line in found["said"])


def test_what_may_not_be_read_leaves_open_whether_it_reverts(at: Shop) -> None:
    """Null, not false."""
    at.deployment["metadata"]["labels"] = {"argocd.argoproj.io/instance": "web"}
    found = seen(at, "Deployment", "api")
    assert found["reverts"] is None
    assert any("Argo CD Application web: " in line for line in found["unread"])


def test_a_chain_that_breaks_off_is_said(at: Shop) -> None:
    """What is above it is not known."""
    del at.api.objects["/apis/apps/v1/namespaces/shop/deployments/api"]
    found = seen(at)
    assert found["owner"] == "Deployment/api"
    assert found["reverts"] is None
    assert any(line.startswith("Deployment api: ") for line in found["unread"])


def test_a_controller_that_was_made_anew_is_not_the_one(at: Shop) -> None:
    """Same name, another uid."""
    at.deployment["metadata"]["uid"] = "another"
    assert "Deployment api: it was deleted, and made anew by somebody else" in seen(at)["unread"]


def test_helm_kubectl_autoscalers_and_field_managers_are_told(at: Shop) -> None:
    """Each from where it stands."""
    metadata = at.deployment["metadata"]
    metadata["annotations"] |= {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "apps"}
    metadata["managedFields"] = [
        {"manager": "helm", "operation": "Update", "time": "2026-11-23T10:00:00Z"},
        {"manager": "kubelet", "operation": "Update", "time": "2026-11-23T11:00:00Z", "subresource": "status"},
    ]
    for name, scaled in (("hpa", "api"), ("other", "web")):
        target = {"scaleTargetRef": {"kind": "Deployment", "name": scaled}, "maxReplicas": 5}
        at.api.put(f"/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/{name}", {"spec": target})
    found = seen(at, "Deployment", "api")
    assert (found["helm_release"], found["autoscalers"]) == ("apps/web", ["hpa"])
    assert [(one["name"], one["subresource"]) for one in found["field_managers"]] == [
        ("kubelet", "status"),
        ("helm", None),
    ]


def test_autoscalers_that_may_not_be_read_are_said(at: Shop) -> None:
    """An empty list would say that there are none."""
    at.api.fail("GET")
    at.api.fail("GET", status=403, message="horizontalpodautoscalers.autoscaling is forbidden")
    found = seen(at, "Deployment", "api")
    assert found["autoscalers"] == []
    assert any(line.startswith("autoscalers: ") for line in found["unread"])


def test_an_object_that_is_not_there_is_owned_by_nobody(at: Shop) -> None:
    """And that is no answer."""
    with pytest.raises(NotFound):
        seen(at, "Deployment", "none")
