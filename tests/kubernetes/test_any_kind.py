"""Objects of a kind that nobody knew beforehand, and somebody who may only look, on a real control plane."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.core.changes import Change, NothingToDo, Refused
from runbook.core.words import Applied, Verdict
from runbook.errors import Forbidden, WorldError
from runbook.kinds import kubernetes_apply as apply
from runbook.kinds import kubernetes_get as get
from runbook.kinds import kubernetes_patch as patch
from runbook.kinds import kubernetes_set_env as set_env
from runbook.kinds import kubernetes_set_image as set_image
from runbook.testing.world import FakeWorld
from support.kube_cluster import Cluster, real
from support.kube_jobs import looking
from support.real_cluster import KUBECONFIG, needs_a_cluster, wait

pytestmark = needs_a_cluster

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with real(tmp_path, KUBECONFIG) as made:
        yield made


@pytest.fixture(params=["Namespaced", "Cluster"])
def gadgets(at: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """The API version of a kind `Gadget2` of this test's own."""
    group = f"{at.namespace}.example.com"
    properties = {"spec": {"type": "object", "properties": {"size": {"type": "integer", "minimum": 0}}}}
    versions = [
        {
            "name": "v1alpha1",
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": {"type": "object", "properties": properties}},
        }
    ]
    spec = {"group": group, "scope": request.param, "versions": versions}
    spec["names"] = {"kind": "Gadget2", "plural": "gadgets", "singular": "gadget"}
    kind = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    made = kind | {"metadata": {"name": f"gadgets.{group}"}, "spec": spec}
    path = f"{DEFINITIONS}/{at.client.post(DEFINITIONS, made, timeout=10).body['metadata']['name']}"
    wait(lambda: "Established" in str(at.client.read(path, timeout=10).body.get("status")))
    wait(lambda: known(at, f"{group}/v1alpha1"))
    yield f"{group}/v1alpha1"
    at.client.delete(path, {}, timeout=10)


def known(at: Cluster, version: str) -> bool:
    try:
        at.client.place("Gadget2", version, timeout=10)
    except WorldError:
        return False
    return True


def test_a_kind_of_strangers_is_made_read_patched_and_removed(at: Cluster, gadgets: str) -> None:
    """By its API version; in a namespace or without one."""
    manifest = {"apiVersion": gadgets, "kind": "Gadget2", "metadata": {"name": "one"}, "spec": {"size": 1}}
    made = apply.plan({"namespace": at.namespace, "manifest": manifest}, at.world())
    assert isinstance(made, Change), made
    assert done(apply, made, at)
    what = {"kind": "Gadget2", "api_version": gadgets, "name": "one", "namespace": at.namespace}
    seen = get.observe(what, at.world()).output
    assert (seen["exists"], seen["object"]["spec"]) == (True, {"size": 1})
    assert get.observe({key: what[key] for key in what if key != "name"}, at.world()).output["count"] == 1
    change = patch.plan(what | {"patch": {"spec": {"size": 2}}}, at.world())
    assert isinstance(change, Change), change
    assert done(patch, change, at)
    assert change.undo is not None
    back = patch.plan(change.undo.inputs, at.world())
    assert isinstance(back, Change)
    assert back.digest == change.undo.digest
    invalid = patch.plan(what | {"patch": {"spec": {"size": -1}}}, at.world())
    assert isinstance(invalid, Refused)
    assert "spec.size" in invalid.reason
    assert made.undo is not None
    removal = apply.plan(made.undo.inputs, at.world())
    assert isinstance(removal, Change)
    assert done(apply, removal, at)
    assert get.observe(what, at.world()).output["exists"] is False
    assert isinstance(apply.plan(made.undo.inputs, at.world()), NothingToDo)


def done(kind: Any, change: Change, at: Cluster) -> bool:
    outcome = kind.apply(change, at.world("intent-1"))
    assert outcome.applied is Applied.YES, outcome
    return bool(wait(lambda: kind.arrived(change, outcome, at.world()).verdict is Verdict.PASS))


def test_somebody_who_may_only_look_is_told_what_is_missing(at: Cluster) -> None:
    """While planning, by the verb and the resource; nothing has changed."""
    template = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": "busybox:1"}]}}
    at.make("Deployment", "api", {"spec": {"selector": {"matchLabels": {"app": "api"}}, "template": template}})
    viewer = FakeWorld(at.folder, clients={"kubernetes": looking(at)})
    where = {"namespace": at.namespace}
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "flags"}, "data": {"a": "1"}}
    plans: list[tuple[Any, dict[str, Any], str]] = [
        (set_image, {"deployment": "api", "image": "busybox:2"}, 'cannot patch resource "deployments"'),
        (set_env, {"deployment": "api", "env": {"A": "1"}}, 'cannot patch resource "deployments"'),
        (patch, {"kind": "Deployment", "name": "api", "patch": {"spec": {"replicas": 2}}}, "cannot patch"),
        (apply, {"manifest": manifest}, 'cannot patch resource "configmaps"'),
        (patch, {"kind": "Secret", "name": "db", "patch": {"data": {"a": None}}}, 'cannot get resource "secrets"'),
    ]
    for kind, inputs, said in plans:
        with pytest.raises(Forbidden, match=said):
            kind.plan(where | inputs, viewer)
    found = at.get("Deployment", "api")
    assert found is not None
    assert found["metadata"]["generation"] == 1
