from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.core.changes import Change
from runbook.core.words import Verdict
from runbook.errors import Forbidden, ParameterError
from runbook.kinds import kubernetes_delete_pod as delete
from runbook.kinds import kubernetes_evict_pod as evict
from runbook.kinds import removals
from support.kube_cluster import Cluster, scripted

LABELS = {"app": "api"}
API = {"selector": {"matchLabels": LABELS}, "template": {"metadata": {"labels": LABELS}, "spec": {"containers": []}}}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with scripted(tmp_path) as made:
        assert made.scripted is not None
        made.scripted.controller = False
        yield made


def owner_of(at: Cluster, kind: str, **more: Any) -> dict[str, Any]:
    made = at.make(kind, "api", {"spec": API | {"replicas": 2}} | more)
    return {"apiVersion": "apps/v1", "kind": kind, "name": "api", "uid": made["metadata"]["uid"], "controller": True}


def deleted(at: Cluster, pod: str) -> tuple[Change, Any]:
    change = delete.plan({"namespace": at.namespace, "pod": pod}, at.world())
    assert isinstance(change, Change)
    return change, delete.apply(change, at.world("intent-1"))


def look(at: Cluster, sent: tuple[Change, Any]) -> Any:
    return delete.arrived(*sent, at.world())


def later(at: Cluster) -> None:
    assert at.scripted is not None
    at.scripted.later(5)


def test_a_pod_that_is_gone_waits_for_the_one_in_its_place(at: Cluster) -> None:
    """Made since, and ready; the others were there before."""
    owner = owner_of(at, "ReplicaSet")
    at.pod("old", owner=owner, nodeName="n1")
    at.pod("sick", owner=owner)
    at.set_status("Pod", "sick", {"phase": "Pending"})
    later(at)
    sent = deleted(at, "old")
    seen = look(at, sent)
    assert (seen.verdict, "0 of 2 pods are ready" in seen.unknown) == (Verdict.UNKNOWN, True)
    later(at)
    at.pod("new", owner=owner)
    at.set_status("Pod", "new", {"phase": "Pending"})
    assert look(at, sent).verdict is Verdict.UNKNOWN
    at.set_status("Pod", "new", {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]})
    seen = look(at, sent)
    assert (seen.verdict, seen.output["replacement"]) == (Verdict.PASS, "new")


def test_a_controller_that_has_enough_makes_no_other(at: Cluster) -> None:
    """As many are ready as are wanted."""
    owner = owner_of(at, "ReplicaSet")
    for name in ("a", "b", "c"):
        at.pod(name, owner=owner)
    later(at)
    seen = look(at, deleted(at, "a"))
    assert (seen.verdict, seen.output["replacement"]) == (Verdict.PASS, None)


def test_a_stateful_pod_is_replaced_under_its_own_name(at: Cluster) -> None:
    """Another one that has become ready is not it."""
    owner = owner_of(at, "StatefulSet")
    at.pod("api-0", owner=owner)
    sent = deleted(at, "api-0")
    later(at)
    at.pod("api-1", owner=owner)
    assert look(at, sent).verdict is Verdict.UNKNOWN
    at.pod("api-0", owner=owner)
    assert look(at, sent).output["replacement"] == "api-0"


def test_a_daemon_is_replaced_on_its_own_node(at: Cluster) -> None:
    """Elsewhere it is another's."""
    owner = owner_of(at, "DaemonSet", status={"desiredNumberScheduled": 2})
    at.pod("one", owner=owner, nodeName="n1")
    sent = deleted(at, "one")
    later(at)
    at.pod("other", owner=owner, nodeName="n2")
    assert look(at, sent).verdict is Verdict.UNKNOWN
    at.pod("next", owner=owner, nodeName="n1")
    assert look(at, sent).output["replacement"] == "next"


def test_a_controller_that_is_gone_too_makes_no_other(at: Cluster) -> None:
    """Nothing is waited for, and that is said."""
    owner = owner_of(at, "ReplicaSet")
    at.pod("old", owner=owner)
    sent = deleted(at, "old")
    at.client.delete(at.path("ReplicaSet", "api"), {}, timeout=5)
    seen = look(at, sent)
    assert (seen.verdict, "and so is ReplicaSet api" in seen.output["message"]) == (Verdict.PASS, True)


def test_a_controller_that_is_not_known_here_is_not_followed(at: Cluster) -> None:
    """An operator's own kind: its habits are its own."""
    at.pod("old", owner=at.owner())
    seen = look(at, deleted(at, "old"))
    assert (seen.verdict, "was not followed" in seen.output["message"]) == (Verdict.PASS, True)


def test_a_replacement_that_may_not_be_read_is_not_taken_for_ready(at: Cluster) -> None:
    """The host says it, and looks again."""
    at.pod("old", owner=owner_of(at, "ReplicaSet"))
    sent = deleted(at, "old")
    at.scripted.fail("GET", status=404, message="gone")  # type: ignore[union-attr]
    at.scripted.fail("GET", status=403, message="replicasets.apps is forbidden")  # type: ignore[union-attr]
    with pytest.raises(Forbidden, match="replicasets"):
        look(at, sent)


def test_after_a_lost_answer_the_count_alone_tells(at: Cluster) -> None:
    """When it was accepted is not known, so none is known to be made since."""
    owner = owner_of(at, "ReplicaSet")
    at.pod("old", owner=owner)
    change = deleted(at, "old")[0]
    outcome = delete.confirm(change, at.world("intent-1")).outcome  # type: ignore[union-attr]
    later(at)
    at.pod("a", owner=owner)
    assert look(at, (change, outcome)).verdict is Verdict.UNKNOWN
    at.pod("b", owner=owner)
    assert look(at, (change, outcome)).verdict is Verdict.PASS


HABITS = [("StatefulSet", "under the same name"), ("DaemonSet", "on the same node"), ("Job", "counts it as failed")]


@pytest.mark.parametrize(("kind", "says"), HABITS)
def test_what_the_controller_does_then_is_said_beforehand(at: Cluster, kind: str, says: str) -> None:
    """Each has habits of its own."""
    at.pod("old", owner=at.owner() | {"kind": kind, "name": "api"})
    change = evict.plan({"namespace": at.namespace, "pod": "old"}, at.world())
    assert isinstance(change, Change)
    assert any(says in warning for warning in change.warnings)
    assert change.summary.endswith(f"{kind} api makes another")


def test_budgets_that_may_not_be_read_are_said(at: Cluster) -> None:
    """A missing permission is no proof that none is in the way."""
    at.client.identity  # noqa: B018 - so that the plan reads the pod first, then the budgets
    at.pod("old", owner=at.owner())
    at.scripted.fail("GET")  # type: ignore[union-attr]
    at.scripted.fail("GET", status=403, message="poddisruptionbudgets.policy is forbidden")  # type: ignore[union-attr]
    change = evict.plan({"namespace": at.namespace, "pod": "old"}, at.world())
    assert isinstance(change, Change)
    assert any("budgets stand in the way could not be read" in warning for warning in change.warnings)


@pytest.mark.parametrize("grace", ["soon", 5, "-1s"])
def test_a_grace_period_is_a_length_of_time(grace: Any) -> None:
    """A template may have yielded anything."""
    with pytest.raises(ParameterError, match="grace_period"):
        removals.seconds({"grace_period": grace})
