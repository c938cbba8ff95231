"""A list of evictions against what a real API server will not do on demand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from runbook.kinds import evictions
from runbook.kinds.evictions import Round
from support.kube_cluster import Cluster, scripted


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setattr(evictions, "EVERY", 0.05)
    with scripted(tmp_path) as made:
        yield made


def listed(at: Cluster, *names: str, **spec: Any) -> list[dict[str, Any]]:
    owner = at.owner()
    return [evictions.request(at.pod(name, owner=owner, **spec), None) for name in names]


def gone(at: Cluster, *names: str) -> bool:
    return all(at.get("Pod", name) is None for name in names)


def went(at: Cluster, asked: list[dict[str, Any]], timeout: float = 20) -> Round:
    going = Round(asked)
    going.go(at.world("intent-1", timeout))
    return going


AGAIN: list[dict[str, Any]] = [
    {"lost": True},
    {"dropped": True},
    {"status": 500, "message": "etcdserver: request timed out"},
    {"status": 503, "message": "the server is currently unable to handle the request"},
    {"status": 504, "message": "Timeout: request did not complete within the allotted timeout"},
    {"status": 429, "message": "too many requests", "headers": {"Retry-After": "1"}},
    {"status": 409, "message": "the object has been modified"},
    {"status": 403, "message": "unable to create new content in namespace x because it is being terminated"},
]


@pytest.mark.parametrize("fault", AGAIN, ids=lambda fault: str(fault.get("status") or next(iter(fault))))
def test_what_may_still_be_done_is_asked_for_again(at: Cluster, fault: dict[str, Any]) -> None:
    """Once the server has had its time; the others are not kept waiting."""
    asked = listed(at, "a", "b")
    at.scripted.fail("POST", **fault)  # type: ignore[union-attr]
    going = went(at, asked)
    assert (going.left, going.refused) == ([], None)
    assert gone(at, "a", "b")
    assert going.requests >= 3


REFUSED = [
    (403, "pods is forbidden: User v cannot create resource pods/eviction", "forbidden"),
    (400, "admission webhook denied the request", "rejected"),
    (401, "Unauthorized", "unauthenticated"),
]


@pytest.mark.parametrize(("status", "message", "code"), REFUSED)
def test_a_refusal_ends_the_list(at: Cluster, status: int, message: str, code: str) -> None:
    """Each was tried out in the plan: what is refused now was not foreseen, and nothing follows it."""
    asked = listed(at, "a", "b")
    for _ in range(2 if status == 401 else 1):  # a login that has run out is renewed once
        at.scripted.fail("POST", status=status, message=message)  # type: ignore[union-attr]
    going = went(at, asked)
    assert going.refused is not None
    assert going.refused.code == code
    assert going.left == asked
    assert message in going.why[asked[0]["path"]]
    assert not gone(at, "a", "b")


def test_the_time_of_the_step_is_kept(at: Cluster) -> None:
    """A budget that never allows it ends with the time, and its name stands in the reason."""
    asked = listed(at, "a")
    at.budget("api", least=1, healthy=1)
    going = went(at, asked, timeout=1)
    assert going.left == asked
    assert "The disruption budget api" in going.why[asked[0]["path"]]
    assert going.requests > 1


def test_time_is_kept_for_what_is_evicted_last_to_end(at: Cluster) -> None:
    """Each is asked for once, however little time there is; again only while enough is left."""
    asked = listed(at, "a", "b")
    at.budget("api", least=1, healthy=2)
    going = Round(asked)
    going.go(at.world("intent-1", 20), reserve=30)
    assert (len(going.left), going.requests) == (1, 2)


def test_a_run_that_is_being_ended_asks_no_more(at: Cluster) -> None:
    """What is left is said; nothing more is begun."""
    asked, world = listed(at, "a"), at.world("intent-1")
    world.cancel()
    going = Round(asked)
    going.go(world)
    assert (going.left, going.requests) == (asked, 0)
    assert not gone(at, "a")


def test_a_pod_of_the_same_name_is_never_evicted(at: Cluster) -> None:
    """409, and another uid there: ours is gone."""
    asked = listed(at, "web-0")
    at.client.delete(at.path("Pod", "web-0"), {}, timeout=5)
    at.pod("web-0")
    assert went(at, asked).left == []
    assert not gone(at, "web-0")


def test_nothing_is_asked_again_while_the_server_may_still_be_at_it(at: Cluster) -> None:
    """The pod is looked at instead; a second eviction follows only when the first cannot arrive any more."""
    asked = listed(at, "a")
    at.scripted.fail("POST", dropped=True)  # type: ignore[union-attr]
    before = len(at.scripted.sent("POST"))  # type: ignore[union-attr]
    begun = monotonic()
    assert went(at, asked).left == []
    assert monotonic() - begun >= at.client.server_timeout
    assert len(at.scripted.sent("POST")) == before + 2  # type: ignore[union-attr]


def test_what_was_evicted_without_an_answer_is_not_asked_for_again(at: Cluster) -> None:
    """It is being deleted: that is seen."""
    asked = listed(at, "a", grace=600)
    at.scripted.fail("POST", lost=True)  # type: ignore[union-attr]
    before = len(at.scripted.sent("POST"))  # type: ignore[union-attr]
    assert went(at, asked).left == []
    assert len(at.scripted.sent("POST")) == before + 1  # type: ignore[union-attr]
