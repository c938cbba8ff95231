"""The page on Kubernetes and its Roles, held to what the kinds say that they need."""

from __future__ import annotations

import pytest

from support.kube_permissions import DOCS, KINDS, Rule, granted, needed, roles, row

PAGE = DOCS / "kubernetes.md"


@pytest.mark.parametrize("name", KINDS)
def test_the_page_says_what_a_kind_needs(name: str) -> None:
    """Row by row: `PYTHONPATH=tests python -m support.kube_permissions` prints them."""
    assert row(name) in PAGE.read_text().splitlines()


def test_the_roles_grant_what_the_kinds_need_and_nothing_else() -> None:
    """Besides, whoever may may know which cluster it is."""
    grants = set().union(*(granted(role) for role in roles()))
    needs = set().union(*(needed(name) for name in KINDS))
    assert grants - {Rule("get", "namespaces")} == needs
