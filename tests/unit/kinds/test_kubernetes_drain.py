"""Draining, evicting and deleting against what a real API server will not do on demand; and in rehearsals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.core.changes import Change, NothingToDo, Refused
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import ParameterError, WorldError
from runbook.kinds import kubernetes_cordon as cordon
from runbook.kinds import kubernetes_delete_pod as delete
from runbook.kinds import kubernetes_drain as drain
from runbook.kinds import kubernetes_evict_pod as evict
from runbook.kinds import kubernetes_uncordon as uncordon
from support.kube_cluster import Cluster, scripted

METHODS = {delete: "DELETE", evict: "POST", cordon: "PATCH", drain: "PATCH"}
ALL = pytest.mark.parametrize("kind", METHODS, ids=lambda kind: kind.SPEC.name)


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with scripted(tmp_path) as made:
        made.make("Node", "n1", {"spec": {}})
        made.pod("api-1", nodeName="n1", owner=made.owner())
        assert made.client.identity  # so that it is not read by the plan
        yield made


def inputs(at: Cluster, kind: Any) -> dict[str, Any]:
    return {"node": "n1"} if kind in (cordon, drain) else {"namespace": at.namespace, "pod": "api-1"}


def planned(at: Cluster, kind: Any) -> Change:
    change = kind.plan(inputs(at, kind), at.world())
    assert isinstance(change, Change), change
    return change


def fail(at: Cluster, method: str, **how: Any) -> None:
    assert at.scripted is not None
    at.scripted.fail(method, **how)


REFUSALS = [(400, "rejected"), (403, "forbidden"), (409, "precondition"), (410, "gone"), (429, "throttled")]


@ALL
@pytest.mark.parametrize(("status", "code"), [*REFUSALS, (405, "rejected"), (413, "rejected"), (415, "rejected")])
def test_a_refusal_is_not_applied(at: Cluster, kind: Any, status: int, code: str) -> None:
    """The server's word that it did nothing; one request, and the pod and the node are as they were."""
    change = planned(at, kind)
    fail(at, METHODS[kind], status=status, message="no")
    outcome = kind.apply(change, at.world("intent-1"))
    assert (outcome.applied, outcome.error.code) == (Applied.NO, code)
    assert at.get("Pod", "api-1") is not None
    assert not at.get("Node", "n1")["spec"].get("unschedulable")  # type: ignore[index]


@ALL
@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"status": 503}, {"status": 504}, {"dropped": True}, {"lost": True}]
)
def test_no_answer_is_a_doubt_and_nothing_is_sent_again(at: Cluster, kind: Any, fault: dict[str, Any]) -> None:
    """It may have been done; `confirm` finds out."""
    change = planned(at, kind)
    assert at.scripted is not None
    at.scripted.requests.clear()
    fail(at, METHODS[kind], **fault)
    with pytest.raises(WorldError):
        kind.apply(change, at.world("intent-1"))
    assert len(at.scripted.requests) == 1


@ALL
def test_a_webhook_that_takes_no_dry_run_is_said_and_not_fatal(at: Cluster, kind: Any) -> None:
    """The plan stands on what was read."""
    fail(at, METHODS[kind], status=400, message='admission webhook "w" does not support dry run')
    assert any("not tried out on the server" in warning for warning in planned(at, kind).warnings)


@pytest.mark.fault(72)
@ALL
def test_a_webhook_that_rejects_it_refuses_the_plan(at: Cluster, kind: Any) -> None:
    """In its own words, before anything is approved."""
    fail(at, METHODS[kind], status=400, message='admission webhook "w" denied the request: not on Fridays')
    found = kind.plan(inputs(at, kind), at.world())
    assert isinstance(found, Refused)
    assert "not on Fridays" in found.reason


@ALL
def test_a_server_that_is_busy_says_nothing_about_the_change(at: Cluster, kind: Any) -> None:
    """Its 429 is no budget's: the plan fails, and is not refused."""
    fail(at, METHODS[kind], status=429, message="too many requests, please try again later")
    with pytest.raises(WorldError, match="too many requests"):
        kind.plan(inputs(at, kind), at.world())


@pytest.mark.parametrize("kind", [evict, drain, delete], ids=lambda kind: kind.SPEC.name)
def test_a_pod_that_goes_while_it_is_planned_is_left_out(at: Cluster, kind: Any) -> None:
    """There is nothing of it to take away."""
    fail(at, "DELETE" if kind is delete else "POST", status=404, message='pods "api-1" not found')
    found = kind.plan(inputs(at, kind), at.world())
    if kind is drain:
        assert isinstance(found, Change)
        assert [one.path for one in found.fields] == ["/spec/unschedulable"]
    else:
        assert isinstance(found, NothingToDo)


def test_a_refused_eviction_leaves_the_drain_half_done_and_says_so(at: Cluster) -> None:
    """Cordoned, so partly; nobody is asked after that."""
    change = planned(at, drain)
    fail(at, "POST", status=403, message='pods "api-1" is forbidden: cannot create resource "pods/eviction"')
    outcome = drain.apply(change, at.world("intent-1"))
    assert (outcome.applied, outcome.error.code) == (Applied.PARTLY, "forbidden")
    assert outcome.output["remaining"] == [f"{at.namespace}/api-1"]
    assert "cannot create" in outcome.output["message"]
    assert change.undo is not None


def test_an_aborted_drain_says_what_it_left(at: Cluster) -> None:
    """It ends soon, and not by itself."""
    change, world = planned(at, drain), at.world("intent-1")
    world.cancel()
    outcome = drain.apply(change, world)
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.PARTLY, "interrupted")
    assert "not asked" in outcome.output["message"]


def test_a_node_made_anew_voids_the_approval(at: Cluster) -> None:
    """Same name, another machine."""
    before = planned(at, drain)
    at.client.delete(at.path("Node", "n1"), {}, timeout=5)
    at.make("Node", "n1", {"spec": {}})
    assert planned(at, drain).digest != before.digest
    outcome = drain.apply(before, at.world("intent-1"))
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, "precondition")
    assert at.get("Pod", "api-1") is not None


def test_a_node_that_was_cordoned_by_hand_has_room_for_our_marks(at: Cluster) -> None:
    """It may have no annotations at all."""
    node = at.scripted.objects["/api/v1/nodes/n1"]  # type: ignore[union-attr]
    node["spec"]["unschedulable"] = True
    node["metadata"].pop("annotations", None)
    change = planned(at, drain)
    assert drain.apply(change, at.world("intent-1")).applied is Applied.YES


def test_a_node_with_too_many_pods_is_not_half_drained(at: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is cut short is no list to approve."""
    at.pod("api-2", nodeName="n1", owner=at.owner("other"))
    monkeypatch.setattr(drain, "MOST_PODS", 1)
    with pytest.raises(WorldError, match="not all could be read"):
        drain.plan({"node": "n1"}, at.world())


@pytest.mark.parametrize("flag", ["force", "delete_emptydir_data"])
def test_a_flag_that_accepts_a_loss_is_true_or_false(at: Cluster, flag: str) -> None:
    """A template may have yielded the word "false"."""
    with pytest.raises(ParameterError, match=flag):
        drain.plan({"node": "n1", flag: "false"}, at.world())


def test_a_rehearsed_drain_says_what_it_is_given() -> None:
    """The cordon, and the pods of the simulated node; taken back by an uncordon."""
    change = drain.rehearse({"node": "n1"}, {"pods": ["shop/api-1"]})
    assert [one.path for one in change.fields] == ["/spec/unschedulable", "pods/shop/api-1"]
    assert (change.effect, change.target.connection) == (Effect.DESTRUCTIVE, "rehearsal")
    assert change.undo is not None
    assert change.undo.kind == "kubernetes.uncordon"


@pytest.mark.parametrize("kind", [delete, evict], ids=lambda kind: kind.SPEC.name)
def test_a_rehearsed_removal_has_no_way_back(kind: Any) -> None:
    """There as in the world."""
    change = kind.rehearse({"pod": "api-1", "namespace": "shop"}, {})
    assert (change.effect, change.undo, str(change.target)) == (Effect.DESTRUCTIVE, None, "Pod shop/api-1")
    assert change.irreversible


@pytest.mark.parametrize(("kind", "other"), [(cordon, uncordon), (uncordon, cordon)], ids=["cordon", "uncordon"])
def test_a_rehearsed_flag_is_taken_back_by_the_other(kind: Any, other: Any) -> None:
    """Each is the undo of the other."""
    change = kind.rehearse({"node": "n1"}, {})
    assert change.undo.kind == other.SPEC.name
    assert (change.fields[0].before, change.fields[0].after) == (
        change.undo.fields[0].after,
        change.undo.fields[0].before,
    )


def test_a_drain_has_not_arrived_where_the_list_cannot_be_read(at: Cluster) -> None:
    """The host says it, and looks again."""
    change = planned(at, drain)
    outcome = drain.apply(change, at.world("intent-1"))
    fail(at, "GET", status=503, message="no")
    with pytest.raises(WorldError):
        drain.arrived(change, outcome, at.world())
    assert drain.arrived(change, outcome, at.world()).verdict is Verdict.PASS
