"""Pods deleted and evicted: this very pod or none, on the scripted API server and on a real one."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.core.changes import Change, DidApply, DidNotApply, NothingToDo, Refused
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import WorldError
from runbook.kinds import kubernetes_delete_pod as delete
from runbook.kinds import kubernetes_evict_pod as evict
from support.kube_cluster import Cluster

BOTH = pytest.mark.parametrize("kind", [delete, evict], ids=["delete", "evict"])
NEVER_ENDS = 600  # a grace period, where no kubelet ends anything


def planned(at: Cluster, kind: Any, pod: str, **inputs: Any) -> Change:
    change = kind.plan({"namespace": at.namespace, "pod": pod} | inputs, at.world())
    assert isinstance(change, Change), change
    return change


def uid(at: Cluster, pod: str) -> str | None:
    found = at.get("Pod", pod)
    return found["metadata"]["uid"] if found else None


@BOTH
def test_a_pod_is_taken_away_by_its_uid(cluster: Cluster, kind: Any) -> None:
    """Planning takes nothing away; the request names the uid; gone is gone."""
    made = cluster.pod("api-1", nodeName=cluster.node(), owner=cluster.owner())
    change = planned(cluster, kind, "api-1")
    assert uid(cluster, "api-1") == change.target.uid == made["metadata"]["uid"]
    assert change.effect is Effect.DESTRUCTIVE
    assert change.undo is None
    assert "ConfigMap operator makes another" in (change.irreversible or "")
    outcome = kind.apply(change, cluster.world("intent-1"))
    assert outcome.applied is Applied.YES
    assert uid(cluster, "api-1") is None
    seen = kind.arrived(change, outcome, cluster.world())
    assert (seen.verdict, set(seen.output)) == (Verdict.PASS, kind.SPEC.output_names)


@BOTH
def test_the_same_request_sent_twice_never_takes_the_replacement_away(cluster: Cluster, kind: Any) -> None:
    """kubectl, repeated, kills the pod that a StatefulSet has made under the same name."""
    node = cluster.node()
    cluster.pod("web-0", nodeName=node)
    change = planned(cluster, kind, "web-0")
    assert kind.apply(change, cluster.world("intent-1")).applied is Applied.YES
    again = cluster.pod("web-0", nodeName=node)["metadata"]["uid"]
    outcome = kind.apply(change, cluster.world("intent-1"))
    assert (outcome.applied, outcome.error.code) == (Applied.NO, "precondition")
    assert uid(cluster, "web-0") == again


@BOTH
def test_a_pod_that_went_in_between_is_to_be_planned_anew(cluster: Cluster, kind: Any) -> None:
    """And that plan has nothing to do."""
    cluster.pod("api-1", nodeName=cluster.node())
    change = planned(cluster, kind, "api-1")
    cluster.client.delete(cluster.path("Pod", "api-1"), {}, timeout=5)
    outcome = kind.apply(change, cluster.world("intent-1"))
    assert (outcome.applied, outcome.error.code) == (Applied.NO, "precondition")
    assert isinstance(kind.plan(change.inputs, cluster.world()), NothingToDo)


@BOTH
def test_only_the_pod_that_was_seen_is_meant(cluster: Cluster, kind: Any) -> None:
    """A loop over what triage found must not take away what came in its place."""
    cluster.pod("api-1", nodeName=cluster.node())
    inputs = {"namespace": cluster.namespace, "pod": "api-1", "uid": "another"}
    found = kind.plan(inputs, cluster.world())
    assert isinstance(found, NothingToDo)
    assert "another one by now" in found.reason
    assert planned(cluster, kind, "api-1", uid=uid(cluster, "api-1"))


@BOTH
def test_a_pod_without_a_controller_is_said_to_be_gone_for_good(cluster: Cluster, kind: Any) -> None:
    """So is what is in its emptyDir volumes."""
    cluster.pod("alone", nodeName=cluster.node(), volumes=[{"name": "cache", "emptyDir": {}}])
    change = planned(cluster, kind, "alone")
    assert "nothing makes another: it has no controller" in change.summary
    assert "nothing makes another" in (change.irreversible or "")
    assert any("emptyDir volumes is lost: cache" in warning for warning in change.warnings)


@BOTH
def test_a_pod_that_ends_slowly_has_not_arrived(cluster: Cluster, kind: Any) -> None:
    """Accepted is not gone; and asked again there is nothing to do."""
    cluster.pod("slow", nodeName=cluster.node(), grace=NEVER_ENDS)
    change = planned(cluster, kind, "slow")
    outcome = kind.apply(change, cluster.world("intent-1"))
    seen = kind.arrived(change, outcome, cluster.world())
    assert (seen.verdict, "Terminating" in seen.output["message"]) == (Verdict.UNKNOWN, True)
    assert isinstance(kind.plan(change.inputs, cluster.world()), NothingToDo)
    assert isinstance(kind.confirm(change, cluster.world("intent-1")), DidApply)


def test_a_pod_that_hangs_is_forgotten_when_that_is_asked_for(cluster: Cluster) -> None:
    """Its end was asked for already; without a grace period it goes, whatever its node does."""
    cluster.pod("stuck", nodeName=cluster.node(), grace=NEVER_ENDS)
    cluster.client.delete(cluster.path("Pod", "stuck"), {}, timeout=5)
    change = planned(cluster, delete, "stuck", grace_period="0s")
    assert any("its containers may run on" in warning for warning in change.warnings)
    assert "--grace-period=0 --force" in change.by_hand
    assert isinstance(delete.confirm(change, cluster.world("intent-1")), DidNotApply)
    assert delete.apply(change, cluster.world("intent-1")).applied is Applied.YES
    assert uid(cluster, "stuck") is None
    assert isinstance(delete.confirm(change, cluster.world("intent-1")), DidApply)


def test_a_deletion_names_the_budgets_that_it_does_not_heed(cluster: Cluster) -> None:
    """It goes through all the same."""
    cluster.pod("api-1", nodeName=cluster.node(), owner=cluster.owner())
    cluster.budget("api", least=1, healthy=1)
    change = planned(cluster, delete, "api-1")
    said = f"a deletion does not heed it: disruption budget {cluster.namespace}/api allows 0 now (1 healthy, 1 needed)"
    assert said in change.warnings
    assert delete.apply(change, cluster.world("intent-1")).applied is Applied.YES


def test_an_eviction_that_a_budget_does_not_allow_is_not_planned(cluster: Cluster) -> None:
    """The budget is named, and no approval is spent."""
    cluster.pod("api-1", nodeName=cluster.node(), owner=cluster.owner())
    cluster.budget("api", least=1, healthy=1)
    found = evict.plan({"namespace": cluster.namespace, "pod": "api-1"}, cluster.world())
    assert isinstance(found, Refused)
    assert "The disruption budget api needs 1 healthy pods and has 1 currently" in found.reason
    assert uid(cluster, "api-1") is not None


def test_an_eviction_that_a_budget_forbids_since_is_not_applied(cluster: Cluster) -> None:
    """429 is the server's word that it did nothing."""
    owner, node = cluster.owner(), cluster.node()
    cluster.pod("api-1", nodeName=node, owner=owner)
    change = planned(cluster, evict, "api-1")
    cluster.budget("api", least=1, healthy=1)
    outcome = evict.apply(change, cluster.world("intent-1"))
    assert (outcome.applied, outcome.error.code) == (Applied.NO, "throttled")
    assert "disruption budget api" in outcome.error.message
    assert uid(cluster, "api-1") is not None


def test_two_budgets_over_one_pod_are_a_refusal_before_the_server_fails(cluster: Cluster) -> None:
    """It answers 500 to that, which would be a doubt."""
    cluster.pod("api-1", nodeName=cluster.node(), owner=cluster.owner())
    cluster.budget("one", least=0, healthy=1)
    cluster.budget("two", least=0, healthy=1)
    found = evict.plan({"namespace": cluster.namespace, "pod": "api-1"}, cluster.world())
    assert isinstance(found, Refused)
    assert all(f"{cluster.namespace}/{name}" in found.reason for name in ("one", "two"))


@BOTH
def test_a_pod_that_is_there_when_the_server_has_had_its_time_was_not_taken_away(cluster: Cluster, kind: Any) -> None:
    """Nothing was sent."""
    cluster.client.timeout = 0.5
    cluster.pod("api-1", nodeName=cluster.node())
    change = planned(cluster, kind, "api-1")
    found = kind.confirm(change, cluster.world("intent-1"))
    assert isinstance(found, DidNotApply)
    assert "the server has had its time" in found.reason


@BOTH
@pytest.mark.parametrize("grace", [0, NEVER_ENDS], ids=["gone", "going"])
def test_a_lost_answer_is_settled_by_the_pods_end(cluster: Cluster, kind: Any, grace: int) -> None:
    """An object of one uid ends once; that somebody else may have asked for it is said."""
    cluster.pod("api-1", nodeName=cluster.node(), grace=grace)
    change = planned(cluster, kind, "api-1")
    if cluster.scripted is not None:
        cluster.scripted.fail("POST" if kind is evict else "DELETE", lost=True)
        with pytest.raises(WorldError):
            kind.apply(change, cluster.world("intent-1"))
    else:  # the answer came; that it is not used is as if it had not
        kind.apply(change, cluster.world("intent-1"))
    found = kind.confirm(change, cluster.world("intent-1"))
    assert isinstance(found, DidApply)
    assert found.outcome.warnings
    seen = kind.arrived(change, found.outcome, cluster.world())
    assert seen.verdict is (Verdict.UNKNOWN if grace else Verdict.PASS)


@BOTH
def test_a_successor_of_the_same_name_does_not_hide_that_it_was_applied(cluster: Cluster, kind: Any) -> None:
    """Another uid is another pod."""
    node = cluster.node()
    cluster.pod("web-0", nodeName=node)
    change = planned(cluster, kind, "web-0")
    kind.apply(change, cluster.world("intent-1"))
    cluster.pod("web-0", nodeName=node)
    assert isinstance(kind.confirm(change, cluster.world("intent-1")), DidApply)


@BOTH
def test_a_redeployed_pod_voids_the_approval(cluster: Cluster, kind: Any) -> None:
    """Same name, another uid, another digest; its restarts and its status are none of it."""
    node = cluster.node()
    cluster.pod("web-0", nodeName=node)
    before = planned(cluster, kind, "web-0").digest
    assert planned(cluster, kind, "web-0").digest == before
    cluster.client.delete(cluster.path("Pod", "web-0"), {}, timeout=5)
    cluster.pod("web-0", nodeName=node)
    assert planned(cluster, kind, "web-0").digest != before
