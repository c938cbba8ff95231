from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.errors import ParameterError
from runbook.kinds import kubernetes_can_i as can_i
from support.kube_kinds import Shop, shop


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def asked(at: Shop, **inputs: Any) -> dict[str, Any]:
    can_i.observe({"verb": "get"} | inputs, at.world())
    attributes: dict[str, Any] = at.api.requests[-1]["body"]["spec"]["resourceAttributes"]
    return attributes


HERE = {"namespace": "from-context"}
APPS = {"group": "apps", "resource": "deployments"}
ROLLOUTS = {"group": "argoproj.io", "resource": "rollouts"}


@pytest.mark.parametrize(
    ("inputs", "attributes"),
    [
        ({"resource": "pods"}, {"resource": "pods"} | HERE),
        ({"resource": "pods/eviction"}, {"resource": "pods", "subresource": "eviction"} | HERE),
        ({"resource": "deployments", "namespace": "shop"}, APPS | {"namespace": "shop"}),
        ({"resource": "deployments.apps", "name": "api", "all_namespaces": True}, APPS | {"name": "api"}),
        ({"resource": "nodes", "namespace": "shop"}, {"resource": "nodes"}),
        ({"resource": "rollouts.argoproj.io"}, ROLLOUTS | HERE),
        ({"resource": "*"}, {"group": "*", "resource": "*"} | HERE),
    ],
)
def test_what_is_asked_names_group_and_place(at: Shop, inputs: dict[str, Any], attributes: dict[str, Any]) -> None:
    """Nodes are in no namespace, whatever is said."""
    assert asked(at, **inputs) == {"verb": "get"} | attributes


def test_an_authorizer_that_failed_is_no_denial(at: Shop) -> None:
    """Unknown, with its words; but what another one allows is allowed."""
    at.api.may = lambda _asked: {"allowed": False, "evaluationError": "webhook timed out"}
    assert "webhook timed out" in (can_i.observe({"verb": "get", "resource": "pods"}, at.world()).unknown or "")
    at.api.may = lambda _asked: {"allowed": True, "evaluationError": "webhook timed out"}
    assert can_i.observe({"verb": "get", "resource": "pods"}, at.world()).unknown is None


def test_a_denial_is_an_answer(at: Shop) -> None:
    """With the reason, where there is one."""
    at.api.may = lambda _asked: {"allowed": False, "reason": "no rule"}
    found = can_i.observe({"verb": "delete", "resource": "pods", "namespace": "shop"}, at.world())
    assert found.output == {
        "allowed": False,
        "reason": "no rule",
        "message": "delete pods in namespace shop is not allowed",
    }


def test_a_resource_of_no_known_group_is_refused(at: Shop) -> None:
    """An answer about another group would be an answer to another question."""
    with pytest.raises(ParameterError, match=r"widgets\.example\.org"):
        can_i.observe({"verb": "get", "resource": "widgets"}, at.world())
