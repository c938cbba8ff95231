from __future__ import annotations

from typing import Any

import pytest

from runbook.kinds import budgets

SELECTORS: list[tuple[dict[str, Any] | None, bool]] = [
    (None, False),
    ({}, True),
    ({"matchLabels": {"app": "api"}}, True),
    ({"matchLabels": {"app": "api", "tier": "back"}}, False),
    ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api", "web"]}]}, True),
    ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["api"]}]}, False),
    ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["back"]}]}, True),
    ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
    ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True),
    ({"matchLabels": {"app": "api"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]}, False),
    ({"matchExpressions": [{"key": "app", "operator": "Newer"}]}, False),
]


def budget(name: str = "api", where: str = "shop", **selector: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": where}, "spec": selector}


@pytest.mark.parametrize(("selector", "chosen"), SELECTORS)
def test_a_selector_chooses_as_the_server_does(selector: dict[str, Any] | None, chosen: bool) -> None:
    """An empty one everything, an absent one nothing."""
    assert budgets.matches(selector, {"app": "api"}) is chosen


def test_a_budget_covers_pods_of_its_namespace_only() -> None:
    """The same labels elsewhere are another's."""
    pod = {"metadata": {"name": "p", "namespace": "shop", "labels": {"app": "api"}}}
    here, there = budget(selector={}), budget(where="other", selector={})
    assert budgets.covering([here, there], pod) == [here]


def test_a_budget_that_was_never_counted_allows_nothing() -> None:
    """Its controller has not come to it yet."""
    said = budgets.said(budget(selector={}))
    assert said == "disruption budget shop/api allows 0 now (0 healthy, 0 needed)"
