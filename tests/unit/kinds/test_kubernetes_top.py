from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.errors import WorldError
from runbook.kinds import kubernetes_top as top
from support.kube_kinds import Shop, shop

METRICS = "/apis/metrics.k8s.io/v1beta1"
MEASURED = {"timestamp": "2026-11-23T11:59:30Z", "window": "30s"}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def measure(at: Shop, name: str, **memory: str) -> None:
    parts = [{"name": part, "usage": {"cpu": "250m", "memory": much}} for part, much in memory.items()]
    at.api.put(f"{METRICS}/namespaces/shop/pods/{name}", MEASURED | {"containers": parts})


def node(at: Shop, name: str, usage: dict[str, str]) -> None:
    at.api.put(f"{METRICS}/nodes/{name}", MEASURED | {"usage": usage})
    at.api.put(f"/api/v1/nodes/{name}", {"status": {"allocatable": {"cpu": "4", "memory": "8Gi"}}})


def seen(at: Shop, **inputs: Any) -> Any:
    return top.observe({"namespace": "shop"} | inputs, at.world())


def test_a_pod_uses_what_its_containers_use(at: Shop) -> None:
    """The hungriest first."""
    measure(at, "small", api="64Mi")
    measure(at, "big", api="64Mi", sidecar="64Mi")
    output = seen(at, of="pods").output
    assert [one["name"] for one in output["usage"]] == ["big", "small"]
    assert (output["cpu"], output["memory"]) == (0.75, 192 * 2**20)
    assert output["usage"][0]["cpu_percent"] is None
    assert output["highest_cpu_percent"] is None


def test_a_node_is_measured_by_what_it_has_for_pods(at: Shop) -> None:
    """In percent, and the highest of all."""
    node(at, "n1", {"cpu": "1", "memory": "2Gi"})
    node(at, "n2", {"cpu": "2", "memory": "1Gi"})
    output = seen(at, of="nodes").output
    assert (output["highest_cpu_percent"], output["highest_memory_percent"]) == (50.0, 25.0)
    assert seen(at, of="nodes", name="n2").output["count"] == 1


def test_nodes_that_may_not_be_read_have_no_percentages(at: Shop) -> None:
    """Which is said."""
    node(at, "n1", {"cpu": "1", "memory": "2Gi"})
    at.api.fail("GET", delay=0)
    at.api.fail("GET", status=403, message="no")
    found = seen(at, of="nodes")
    assert found.output["highest_cpu_percent"] is None
    assert "percentages are not known" in found.warnings[0]


def test_nothing_measured_is_not_nothing_used(at: Shop) -> None:
    """A pod that has just started has no metrics yet."""
    measure(at, "other", api="64Mi")
    found = seen(at, of="pods", name="new")
    assert found.output["memory"] == 0
    assert "nothing was measured" in found.unknown


def test_a_metrics_server_that_does_not_answer_is_no_answer(at: Shop) -> None:
    """503: the API is there and nobody serves it."""
    at.api.fail("GET", status=503, message="the server is currently unable to handle the request")
    with pytest.raises(WorldError, match="currently unable"):
        seen(at, of="pods")


def test_numbers_that_are_none_are_said(at: Shop) -> None:
    """They are not taken for zero."""
    measure(at, "odd", api="lots")
    with pytest.raises(WorldError, match="no quantity"):
        seen(at, of="pods")
