"""What manifests say about a field that a run has changed."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.core.changes import Field, Target
from runbook.incident.declared import Agrees, Manifest, declared

TARGET = Target(connection="c", kind="Deployment", name="api", namespace="production")
API: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {"name": "api", "namespace": "production"},
    "spec": {
        "replicas": 3,
        "template": {
            "spec": {"containers": [{"name": "api", "image": "api:7", "env": [{"name": "POOL", "value": 20}]}]}
        },
    },
}


def told(path: str, after: Any, *values: dict[str, Any]) -> tuple[Agrees, Any]:
    found = declared(
        [Manifest(f"{n}.yaml", value) for n, value in enumerate(values or (API,))],
        TARGET,
        Field(path=path, after=after),
    )
    return found.agrees, found.value


@pytest.mark.parametrize(
    ("path", "after", "said"),
    [
        ("/spec/replicas", 3, (Agrees.SAME, 3)),
        ("/spec/replicas", 10, (Agrees.OTHER, 3)),
        ("/spec/paused", True, (Agrees.SILENT, None)),
        ("/spec/paused", None, (Agrees.SAME, None)),
        ("/spec/template/env/POOL", "20", (Agrees.SAME, 20)),
        ("/spec/template/env/POOL", "50", (Agrees.OTHER, 20)),
        ("/spec/template/env/OTHER", "1", (Agrees.SILENT, None)),
        ("/spec/template/image", "api:6", (Agrees.OTHER, "api:7")),
        ("/spec/template", "6d5b", (Agrees.UNKNOWN, None)),
        ("pods/api-0", None, (Agrees.UNKNOWN, None)),
    ],
)
def test_git_is_held_beside_what_was_left(path: str, after: Any, said: tuple[Agrees, Any]) -> None:
    """The same, another value, nothing, or not to be told."""
    assert told(path, after) == said


def test_two_manifests_of_one_object_are_not_guessed_from() -> None:
    """An overlay and its base: which one is sent, only Kustomize knows."""
    assert told("/spec/replicas", 3, API, API) == (Agrees.UNKNOWN, None)


def test_another_namespace_is_another_object_and_none_is_any() -> None:
    """Manifests often leave the namespace to whoever applies them."""
    elsewhere = {**API, "metadata": {"name": "api", "namespace": "staging"}}
    anywhere = {**API, "metadata": {"name": "api"}}
    assert told("/spec/replicas", 3, elsewhere) == (Agrees.UNKNOWN, None)
    assert told("/spec/replicas", 3, anywhere) == (Agrees.SAME, 3)


def test_a_variable_of_two_containers_is_not_guessed() -> None:
    """Which of them was meant is not in the change's words."""
    twice = {**API, "spec": {"template": {"spec": {"containers": API["spec"]["template"]["spec"]["containers"] * 2}}}}
    assert told("/spec/template/env/POOL", "20", twice) == (Agrees.UNKNOWN, None)
    assert told("/spec/template/image", "api:7", twice) == (Agrees.UNKNOWN, None)


@pytest.mark.parametrize(
    "odd", [{}, {"kind": "Deployment"}, {"metadata": "x"}, {"metadata": {"name": "api"}, "spec": 1}]
)
def test_what_is_no_manifest_says_nothing(odd: dict[str, Any]) -> None:
    """Values of a chart, CI files, anything."""
    assert told("/spec/replicas", 3, odd) == (Agrees.UNKNOWN, None)
