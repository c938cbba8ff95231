from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.errors import ParameterError
from runbook.kinds import kubernetes_logs as logs
from support.kube_kinds import Shop, shop

PODS = "/api/v1/namespaces/shop/pods"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        pod(made, "api-1", api=0, proxy=2)
        pod(made, "api-2", api=1)
        yield made


def pod(at: Shop, name: str, **restarts: int) -> None:
    states = [{"name": container, "restartCount": count} for container, count in restarts.items()]
    at.api.put(f"{PODS}/{name}", {"metadata": {"labels": {"app": "api"}}, "status": {"containerStatuses": states}})
    at.api.texts[f"{PODS}/{name}/log"] = f"a line of {name}\n"


def observed(at: Shop, **inputs: Any) -> dict[str, Any]:
    return logs.observe({"namespace": "shop"} | inputs, at.world()).output


def read(output: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(log["pod"], log["container"], log["previous"]) for log in output["logs"]]


def test_every_container_of_every_pod_of_a_deployment_is_read(at: Shop) -> None:
    """A sidecar's log explains as much as the service's."""
    output = observed(at, deployment="api")
    assert set(output) == logs.SPEC.output_names
    assert read(output) == [("api-1", "api", False), ("api-1", "proxy", False), ("api-2", "api", False)]
    assert output["logs"][2]["text"] == "a line of api-2\n"
    assert (output["pods"], output["truncated"], output["missing"]) == (2, False, [])


def test_the_log_before_a_restart_is_read_where_there_was_one(at: Shop) -> None:
    """In addition: the one after it is wanted too."""
    output = observed(at, deployment="api", previous=True)
    assert [entry for entry in read(output) if entry[2]] == [("api-1", "proxy", True), ("api-2", "api", True)]
    assert len(output["logs"]) == 5


def test_one_pod_and_one_container_can_be_named(at: Shop) -> None:
    """And labels."""
    assert read(observed(at, pod="api-1", container="proxy")) == [("api-1", "proxy", False)]
    assert len(read(observed(at, selector="app=api"))) == 3


def test_all_lines_are_one_text_with_whose_they_are(at: Shop) -> None:
    """What `outputs` read; `all` is what leaving the container out means."""
    output = observed(at, deployment="api", container="all")
    assert output["text"] == "api-1/api: a line of api-1\napi-1/proxy: a line of api-1\napi-2/api: a line of api-2\n"
    assert logs.SPEC.text == "text"


def test_a_container_that_has_not_started_is_missing_and_not_forgotten(at: Shop) -> None:
    """A pod that waits for a node has no status of containers at all."""
    spec = {"initContainers": [{"name": "init"}], "containers": [{"name": "api"}]}
    at.api.put(f"{PODS}/api-3", {"metadata": {"labels": {"app": "other"}}, "spec": spec})
    output = observed(at, pod="api-3")
    assert [one.partition(":")[0] for one in output["missing"]] == ["api-3/init", "api-3/api"]


def test_a_container_that_no_pod_has_is_said(at: Shop) -> None:
    """A misspelt name is not a log without lines."""
    assert observed(at, deployment="api", container="apy")["missing"] == ["no pod has a container apy"]


def test_the_server_is_asked_for_no_more_than_is_wanted(at: Shop) -> None:
    """Lines, age and stamps are its work."""
    observed(at, pod="api-2", since="2h", tail=100, timestamps=True)
    assert at.api.requests[-1]["query"] == {
        "container": "api",
        "tailLines": "100",
        "timestamps": "true",
        "sinceSeconds": "7200",
    }


def test_a_log_that_cannot_be_had_is_said_beside_the_others(at: Shop) -> None:
    """A container that has not started fails nothing."""
    del at.api.texts[f"{PODS}/api-2/log"]
    output = observed(at, deployment="api")
    assert len(output["logs"]) == 2
    assert [one.partition(":")[0] for one in output["missing"]] == ["api-2/api"]
    assert output["truncated"] is True


def test_logs_are_cut_each_and_all_together(at: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was cut or left out is said."""
    monkeypatch.setattr(logs, "MOST_BYTES_EACH", 4)
    monkeypatch.setattr(logs, "MOST_BYTES", 8)
    output = observed(at, deployment="api")
    assert [log["text"] for log in output["logs"]] == ["a li", "a li"]
    assert all(log["truncated"] for log in output["logs"])
    assert output["missing"] == ["api-2/api: left out, space is over"]


def test_more_pods_than_are_read_is_said(at: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Deployment of hundreds does not fill the store."""
    monkeypatch.setattr(logs, "MOST_PODS", 1)
    assert observed(at, deployment="api")["missing"] == ["pods beyond the first 1"]


def test_no_pods_is_unknown(at: Shop) -> None:
    """Nothing was looked at, so nothing may be judged."""
    assert logs.observe({"namespace": "shop", "selector": "app=none"}, at.world()).unknown == "there are no such pods"


def test_something_has_to_be_named(at: Shop) -> None:
    """Not all logs of a namespace."""
    with pytest.raises(ParameterError, match="a deployment, a pod or a selector"):
        observed(at)
