from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.errors import Forbidden, UsageError
from runbook.kinds import kubernetes_get as get
from support.kube_kinds import Shop, shop


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def observed(at: Shop, **inputs: Any) -> dict[str, Any]:
    return get.observe({"namespace": "shop"} | inputs, at.world()).output


def test_one_object_is_read_by_name(at: Shop) -> None:
    """As the server has it, without its bookkeeping."""
    at.deployment["metadata"]["managedFields"] = [{"manager": "kubectl"}]
    output = observed(at, kind="Deployment", name="api")
    assert set(output) == get.SPEC.output_names
    assert output["object"]["spec"] == at.deployment["spec"]
    assert "managedFields" not in output["object"]["metadata"]
    assert (output["exists"], output["count"]) == (True, 1)


def test_an_object_that_is_not_there_is_an_answer(at: Shop) -> None:
    """`expect: exists` can judge it."""
    output = observed(at, kind="Deployment", name="nope")
    assert (output["exists"], output["object"]) == (False, None)


def test_all_objects_of_some_kinds_are_read(at: Shop) -> None:
    """Items of a list do not say their kind; these do."""
    output = observed(at, kinds=["Deployment", "ReplicaSet"])
    assert sorted(one["kind"] for one in output["objects"]) == ["Deployment", "ReplicaSet", "ReplicaSet"]
    assert {one["apiVersion"] for one in output["objects"]} == {"apps/v1"}


@pytest.mark.parametrize("inputs", [{"kind": "Secret", "name": "db"}, {"kinds": ["Secret"]}])
def test_the_values_of_secrets_are_never_told(at: Shop, inputs: dict[str, Any]) -> None:
    """Not their data, and not the copy that `kubectl apply` keeps of it."""
    note = {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"password":"c2VjcmV0"}}', "team": "shop"}
    body = {"metadata": {"annotations": note}, "data": {"password": "c2VjcmV0"}, "stringData": {"user": "c2VjcmV0"}}
    at.api.put("/api/v1/namespaces/shop/secrets/db", body)
    output = observed(at, **inputs)
    assert "c2VjcmV0" not in str(output)
    assert output["objects"][0]["data"] == {"password": "[redacted]"}
    assert output["objects"][0]["metadata"]["annotations"]["team"] == "shop"


def test_a_kind_that_may_not_be_read_is_said_beside_the_others(at: Shop) -> None:
    """Evidence that is there is kept; alone, the refusal is the answer."""
    at.api.fail("GET", status=403, message="no secrets for you")
    output = observed(at, kinds=["Secret", "Deployment"])
    assert output["count"] == 1
    assert "no secrets for you" in output["missing"][0]
    at.api.fail("GET", status=403, message="no secrets for you")
    with pytest.raises(Forbidden):
        observed(at, kinds=["Secret"])


def test_a_long_list_is_cut_and_says_so(at: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of objects are not evidence."""
    monkeypatch.setattr(get, "MOST_OBJECTS", 1)
    output = observed(at, kinds=["ReplicaSet"])
    assert (output["count"], output["truncated"]) == (1, True)


def test_a_kind_that_nobody_knows_needs_its_api_version(at: Shop) -> None:
    """The hint says so."""
    with pytest.raises(UsageError, match="api_version"):
        observed(at, kind="Rollout", name="api")


def test_the_line_for_a_person_is_quoted() -> None:
    """It is pasted into a shell."""
    assert get.by_hand({"namespace": "a b", "kinds": ["Pod", "Service"]}) == "kubectl -n 'a b' get pod,service -o yaml"
