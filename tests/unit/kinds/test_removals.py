"""What taking pods away needs, held to what it sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.core.changes import Change
from runbook.core.words import Applied
from runbook.kinds import kubernetes_cordon as cordon
from runbook.kinds import kubernetes_delete_pod as delete
from runbook.kinds import kubernetes_drain as drain
from runbook.kinds import kubernetes_evict_pod as evict
from support.kube_cluster import Cluster, scripted
from support.kube_verbs import all_asked


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with scripted(tmp_path) as made:
        made.make("Node", "n1", {"spec": {}})
        spec = {"replicas": 1, "selector": {"matchLabels": {"app": "api"}}}
        above = made.make("ReplicaSet", "api", {"spec": spec})
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "api", "uid": above["metadata"]["uid"]}
        made.pod("api-1", nodeName="n1", owner=owner | {"controller": True})
        yield made


def sent(at: Cluster, kind: Any) -> Any:
    """Plan, apply and look; gives the needs of the step."""
    assert at.scripted is not None
    inputs = {"node": "n1"} if kind in (cordon, drain) else {"namespace": at.namespace, "pod": "api-1"}
    at.scripted.requests.clear()
    change = kind.plan(inputs, at.world())
    assert isinstance(change, Change)
    outcome = kind.apply(change, at.world("intent-1"))
    assert outcome.applied is Applied.YES
    if kind.SPEC.arrives:
        kind.arrived(change, outcome, at.world())
    return kind.needs(inputs)


ALL = pytest.mark.parametrize("kind", [cordon, delete, drain, evict], ids=lambda kind: kind.SPEC.name)


@ALL
def test_what_is_needed_is_what_is_sent(at: Cluster, kind: Any) -> None:
    """All that is sent was said, and all that a step cannot do without is sent."""
    needs = sent(at, kind)
    asked = all_asked(at.scripted.requests)  # type: ignore[union-attr]
    assert asked <= {(need.verb, need.resource) for need in needs}
    assert {(need.verb, need.resource) for need in needs if need.without is None} <= asked


@ALL
def test_each_request_is_one_that_the_plan_shows(at: Cluster, kind: Any) -> None:
    """What was changed for good is the request of the change: nothing besides, nothing twice."""
    sent(at, kind)
    changes = [one for one in at.scripted.requests if one["method"] != "GET"]  # type: ignore[union-attr]
    dry, real = [], []
    for one in changes:
        is_dry = one["query"].get("dryRun") or (isinstance(one["body"], dict) and one["body"].get("dryRun"))
        (dry if is_dry else real).append((one["method"], one["path"]))
    assert sorted(dry) == sorted(real)
    assert len(real) == (2 if kind is drain else 1)


def test_no_deletion_is_without_the_uid(at: Cluster) -> None:
    """Neither the dry run nor the request."""
    pod = at.get("Pod", "api-1")
    sent(at, evict)
    bodies = [one["body"] for one in at.scripted.requests if one["method"] == "POST"]  # type: ignore[union-attr]
    assert pod is not None
    wanted = {"uid": pod["metadata"]["uid"]}
    assert [body["deleteOptions"]["preconditions"] for body in bodies] == [wanted, wanted]
