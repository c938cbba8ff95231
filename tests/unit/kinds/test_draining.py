from __future__ import annotations

from typing import Any

import pytest

from runbook.kinds import draining

SET = [{"kind": "ReplicaSet", "name": "api", "uid": "u", "controller": True}]
AGENT = [{"kind": "DaemonSet", "name": "agent", "uid": "u", "controller": True}]
CACHE = [{"name": "cache", "emptyDir": {}}, {"name": "config", "configMap": {}}]


def pod(name: str = "p", *, owners: Any = SET, phase: str = "Running", volumes: Any = (), **meta: Any) -> Any:
    metadata = {"name": name, "namespace": "shop", "uid": name, "ownerReferences": owners} | meta
    return {"metadata": metadata, "spec": {"volumes": list(volumes)}, "status": {"phase": phase}}


CASES: list[tuple[dict[str, Any], dict[str, bool], str, str]] = [
    (pod(), {}, "evict", ""),
    (pod(annotations={"kubernetes.io/config.mirror": "x"}, owners=[]), {}, "skipped", "static"),
    (pod(deletionTimestamp="2026-11-23T12:00:00Z", owners=[]), {}, "skipped", "being deleted"),
    (pod(phase="Succeeded", owners=[]), {}, "skipped", "has ended"),
    (pod(phase="Failed", volumes=CACHE), {}, "skipped", "has ended"),
    (pod(owners=AGENT, volumes=CACHE), {}, "skipped", "DaemonSet agent"),
    (pod(owners=[]), {}, "blocking", "`force`"),
    (pod(owners=[]), {"force": True}, "evict", ""),
    (pod(owners=[{"kind": "Node", "name": "n", "uid": "u"}]), {}, "blocking", "`force`"),
    (pod(volumes=CACHE), {}, "blocking", "volumes cache would be lost"),
    (pod(volumes=CACHE), {"force": True}, "blocking", "`delete_emptydir_data`"),
    (pod(volumes=CACHE), {"delete_emptydir_data": True}, "evict", ""),
    (pod(volumes=CACHE, owners=[]), {}, "blocking", "; its emptyDir"),
]


@pytest.mark.parametrize(("one", "accepts", "where", "why"), CASES)
def test_each_pod_is_in_one_list_with_its_reason(one: Any, accepts: Any, where: str, why: str) -> None:
    """As kubectl sorts them, but that what has ended stays."""
    flags = {"delete_emptydir_data": False, "force": False} | accepts
    made = draining.sort([one], **flags)
    assert [name for name, listed in zip(made._fields, made, strict=True) if listed] == [where]
    assert why in " ".join(map(str, [*made.skipped, *made.blocking]))


def test_a_list_does_not_depend_on_the_order_of_the_answer() -> None:
    """Or every other plan would be another approval."""
    found = [pod("b"), pod("a"), pod("c")]
    flags = {"delete_emptydir_data": False, "force": False}
    assert draining.sort(found, **flags) == draining.sort(reversed(found), **flags)


def budget(name: str, allowed: int) -> dict[str, Any]:
    status = {"disruptionsAllowed": allowed, "currentHealthy": 3, "desiredHealthy": 3 - allowed}
    return {"metadata": {"name": name, "namespace": "shop"}, "spec": {"selector": {}}, "status": status}


def test_a_budget_is_said_once_with_what_it_covers() -> None:
    """And that the others wait only where some do."""
    (said,) = draining.in_the_way([pod("a"), pod("b")], [budget("tight", 1)])
    assert "covers 2 of these pods; the others wait" in said
    (said,) = draining.in_the_way([pod("a"), pod("b")], [budget("loose", 2)])
    assert said.endswith("covers 2 of these pods")


def test_pods_that_can_never_be_evicted_are_found_beforehand() -> None:
    """Two budgets over one pod are an error of the server."""
    ((found, over),) = draining.covered_twice([pod("a")], [budget("x", 1), budget("y", 1)])
    assert (found["metadata"]["name"], len(over)) == ("a", 2)
