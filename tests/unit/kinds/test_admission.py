from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.kinds import admission, kubernetes_scale, kubernetes_set_env, kubernetes_set_image
from support.kube_kinds import Shop, shop


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def caps(obj: dict[str, Any]) -> None:
    """A webhook that lets nobody have more than four replicas."""
    obj["spec"]["replicas"] = min(obj["spec"]["replicas"], 4)


def mirrors(obj: dict[str, Any]) -> None:
    """A webhook that takes every image from elsewhere, and puts a label on everything."""
    container = obj["spec"]["template"]["spec"]["containers"][0]
    container["image"] = f"mirror/{container['image'].removeprefix('mirror/')}"
    obj["metadata"].setdefault("labels", {})["seen"] = "true"


def test_a_number_that_would_be_another_one_is_said(at: Shop) -> None:
    """Whoever approves ten must not get four."""
    at.api.admission = caps
    assert any(
        "changes /spec/replicas on its way in: it would be 4" in line
        for line in at.planned(kubernetes_scale, replicas=10).warnings
    )
    assert not any("webhook" in line for line in at.planned(kubernetes_scale, replicas=3).warnings)


def test_an_image_that_would_be_another_one_is_said(at: Shop) -> None:
    """With what it would be."""
    at.api.admission = mirrors
    [said] = [line for line in at.planned(kubernetes_set_image, image="api:3").warnings if "webhook" in line]
    assert "it would be 'mirror/api:3'" in said


def test_what_is_added_beside_is_no_difference(at: Shop) -> None:
    """Labels, defaults, another container's image."""
    at.api.admission = mirrors
    warnings = at.planned(kubernetes_set_env, env={"DB_POOL_SIZE": "30", "NEW": "1"}).warnings
    assert not any("webhook" in line for line in warnings)


@pytest.mark.parametrize(
    ("operations", "tried", "said"),
    [
        ([{"op": "add", "path": "/a", "value": {"b": 1}}], {"a": {"b": 1, "c": 2}}, ()),
        ([{"op": "add", "path": "/a", "value": {"b": 1}}], {"a": {"b": 2}}, ("/a",)),
        ([{"op": "replace", "path": "/a", "value": 1}], {}, ("would be nothing",)),
        ([{"op": "add", "path": "/a", "value": None}], {}, ()),
        ([{"op": "add", "path": "/a/-", "value": 3}], {"a": [1, 3]}, ()),
        ([{"op": "add", "path": "/a/-", "value": 3}], {"a": []}, ("/a/-",)),
        ([{"op": "replace", "path": "/a/0/b", "value": 3}], {"a": [{"b": 4}]}, ("/a/0/b",)),
        ([{"op": "remove", "path": "/a/0"}, {"op": "add", "path": "/a/1/b", "value": 3}], {"a": []}, ()),
        ([{"op": "add", "path": "/m/x~1y", "value": "v"}], {"m": {"x/y": "v"}}, ()),
        ([{"op": "test", "path": "/a", "value": 1}, {"op": "remove", "path": "/b"}], {}, ()),
        ([{"op": "add", "path": "/a", "value": [1, {"b": 2}]}], {"a": [1, {"b": 2, "c": 3}]}, ()),
        ([{"op": "add", "path": "/a", "value": [1]}], {"a": [1, 2]}, ("/a",)),
    ],
)
def test_values_are_looked_for_where_they_were_put(
    operations: list[dict[str, Any]], tried: dict[str, Any], said: tuple[str, ...]
) -> None:
    """Positions that other operations move are not guessed."""
    found = admission.altered(operations, tried)
    assert len(found) == len(said)
    assert all(part in line for part, line in zip(said, found, strict=True))
