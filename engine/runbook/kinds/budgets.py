"""Disruption budgets: which of them cover a pod, and what they allow now. Pure functions of the API's raw JSON.

A budget stops evictions, not deletions. The server counts anew with each eviction, so what is said here is how it
stands, not a promise. Of a pod that two budgets cover no eviction is possible at all (registry, eviction.go).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Raw = Mapping[str, Any]

UNREAD = "whether disruption budgets stand in the way could not be read"


def matches(selector: Raw | None, labels: Raw) -> bool:
    """Whether a LabelSelector chooses something with these labels: an empty one all, an absent one nothing."""
    if selector is None:
        return False
    equal = (selector.get("matchLabels") or {}).items() <= labels.items()
    return equal and all(_holds(one, labels) for one in selector.get("matchExpressions") or [])


def _holds(expression: Raw, labels: Raw) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or []
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }.get(expression["operator"], False)


def covering(budgets: Iterable[Raw], pod: Raw) -> list[Raw]:
    """The budgets that cover a pod."""
    labels, where = pod["metadata"].get("labels") or {}, pod["metadata"].get("namespace")
    return [
        one
        for one in budgets
        if one["metadata"].get("namespace") == where and matches(one["spec"].get("selector"), labels)
    ]


def name(budget: Raw) -> str:
    """`namespace/name`."""
    return f"{budget['metadata'].get('namespace')}/{budget['metadata']['name']}"


def allowed(budget: Raw) -> int:
    """Disruptions that it allows now."""
    return int((budget.get("status") or {}).get("disruptionsAllowed") or 0)


def said(budget: Raw) -> str:
    """How it stands, for people."""
    status = budget.get("status") or {}
    healthy, needed = status.get("currentHealthy") or 0, status.get("desiredHealthy") or 0
    return f"disruption budget {name(budget)} allows {allowed(budget)} now ({healthy} healthy, {needed} needed)"
