from __future__ import annotations

from typing import Any

import pytest

from runbook.kinds import containers
from runbook.kinds.containers import NotEditable


def template(*names: str, init: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"spec": {"containers": [{"name": one} for one in names], "initContainers": [{"name": one} for one in init]}}


def test_the_only_container_needs_no_name() -> None:
    """An init container beside it is no second one."""
    root, where, one = containers.found(template("api", init=("migrate",)), None)
    assert (root, where, one["name"]) == (
        "/spec/template/spec/containers/0",
        "/spec/template/spec/containers/api",
        "api",
    )


def test_an_init_container_is_meant_where_it_is_named() -> None:
    """Its pointer leads to its own list."""
    root, where, _ = containers.found(template("api", init=("wait", "migrate")), "migrate")
    assert root == "/spec/template/spec/initContainers/1"
    assert where == "/spec/template/spec/initContainers/migrate"


@pytest.mark.parametrize(
    ("names", "init", "asked", "said"),
    [
        (("api", "proxy"), (), None, "several containers; name one with `container`: api, proxy"),
        (("api",), ("migrate",), "db", "no container 'db'; there are api, migrate"),
    ],
)
def test_what_is_not_clear_is_asked(
    names: tuple[str, ...], init: tuple[str, ...], asked: str | None, said: str
) -> None:
    """With the names that could be meant."""
    with pytest.raises(NotEditable, match=said):
        containers.found(template(*names, init=init), asked)
