"""Nodes cordoned, uncordoned and drained, on the scripted API server and on a real one."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from runbook.core.changes import Change, DidApply, DidNotApply, NothingToDo, Outcome, Refused
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import WorldError
from runbook.kinds import evictions
from runbook.kinds import kubernetes_cordon as cordon
from runbook.kinds import kubernetes_drain as drain
from runbook.kinds import kubernetes_patches as patches
from runbook.kinds import kubernetes_uncordon as uncordon
from support.kube_cluster import Cluster

NEVER_ENDS = 600  # a grace period, where no kubelet ends anything


@pytest.fixture(autouse=True)
def short_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evictions, "EVERY", 0.1)


def planned(at: Cluster, kind: Any, node_: str, **inputs: Any) -> Change:
    change = kind.plan({"node": node_} | inputs, at.world())
    assert isinstance(change, Change), change
    return change


def applied(at: Cluster, kind: Any, change: Change, intent: str = "intent-1", timeout: float = 30) -> Outcome:
    outcome: Outcome = kind.apply(change, at.world(intent, timeout))
    return outcome


def is_cordoned(at: Cluster, node: str) -> bool:
    return bool((at.get("Node", node) or {})["spec"].get("unschedulable"))


def there(at: Cluster, *names: str) -> list[str]:
    return [name for name in names if at.get("Pod", name) is not None]


FLAGS = [(cordon, uncordon, True), (uncordon, cordon, False)]


@pytest.mark.parametrize(("kind", "other", "flag"), FLAGS, ids=["cordon", "uncordon"])
def test_the_flag_is_set_and_taken_back_as_approved(cluster: Cluster, kind: Any, other: Any, flag: bool) -> None:
    """Planned anew, the undo is the one that was approved; done already, there is nothing to do."""
    node = cluster.node()
    if not flag:
        applied(cluster, cordon, planned(cluster, cordon, node), "intent-0")
    change = planned(cluster, kind, node)
    assert change.effect is Effect.CHANGE
    assert is_cordoned(cluster, node) is not flag
    outcome = applied(cluster, kind, change)
    assert (outcome.applied, outcome.output) == (Applied.YES, {"node": node, "cordoned": flag})
    assert is_cordoned(cluster, node) is flag
    assert isinstance(kind.plan({"node": node}, cluster.world()), NothingToDo)
    assert change.undo is not None
    back = planned(cluster, other, node, **change.undo.inputs)
    assert back.digest == change.undo.digest
    applied(cluster, other, back, "intent-2")
    assert is_cordoned(cluster, node) is not flag


def test_a_flag_that_somebody_set_in_between_is_not_ours(cluster: Cluster) -> None:
    """The request tests the flag that the plan read."""
    node = cluster.node()
    change = planned(cluster, cordon, node)
    applied(cluster, cordon, planned(cluster, cordon, node), "theirs")
    outcome = applied(cluster, cordon, change)
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, "precondition")


def test_a_lost_cordon_is_settled_by_its_mark(cluster: Cluster) -> None:
    """Ours, or not there when the server has had its time."""
    cluster.client.timeout = 0.5
    node = cluster.node()
    change = planned(cluster, cordon, node)
    assert isinstance(cordon.confirm(change, cluster.world("intent-1")), DidNotApply)
    applied(cluster, cordon, change)
    found = cordon.confirm(change, cluster.world("intent-1"))
    assert isinstance(found, DidApply)
    assert found.outcome.output == {"node": node, "cordoned": True}


def test_a_drain_lists_what_it_evicts_and_what_stays(cluster: Cluster) -> None:
    """With the uid of each; and nothing is done by planning it."""
    node, owner = cluster.node(), cluster.owner()
    made = cluster.pod("api-1", nodeName=node, owner=owner)
    if cluster.scripted is not None:  # a real cluster collects what names a DaemonSet that is none
        cluster.pod("agent", nodeName=node, owner=owner | {"kind": "DaemonSet", "name": "agent"})
    cluster.pod("done", nodeName=node, owner=owner)
    cluster.set_status("Pod", "done", {"phase": "Succeeded"})
    cluster.pod("elsewhere", nodeName=cluster.node(), owner=owner)
    change = planned(cluster, drain, node)
    assert [one.path for one in change.fields] == ["/spec/unschedulable", f"pods/{cluster.namespace}/api-1"]
    assert change.fields[1].before == made["metadata"]["uid"]
    assert change.effect is Effect.DESTRUCTIVE
    assert f"- {cluster.namespace}/api-1" in change.diff
    agent = f"stays: {cluster.namespace}/agent (DaemonSet agent would put it back at once)"
    assert (agent in change.diff) is (cluster.scripted is not None)
    assert f"stays: {cluster.namespace}/done (has ended)" in change.diff
    assert "elsewhere" not in change.diff
    assert not is_cordoned(cluster, node)
    assert there(cluster, "api-1") == ["api-1"]


def test_a_drain_cordons_evicts_its_list_and_arrives(cluster: Cluster) -> None:
    """And nothing but its list; taken back, the node is uncordoned."""
    node, owner = cluster.node(), cluster.owner()
    for name in ("a", "b"):
        cluster.pod(name, nodeName=node, owner=owner)
    change = planned(cluster, drain, node)
    cluster.pod("late", nodeName=node, owner=owner)
    outcome = applied(cluster, drain, change)
    assert outcome.applied is Applied.YES
    assert outcome.output["evicted"] == [f"{cluster.namespace}/a", f"{cluster.namespace}/b"]
    assert outcome.output["requests"] == 2
    assert is_cordoned(cluster, node)
    assert there(cluster, "a", "b", "late") == ["late"]
    seen = drain.arrived(change, outcome, cluster.world())
    assert (seen.verdict, set(seen.output)) == (Verdict.PASS, drain.SPEC.output_names)
    assert f"not of the list, and there: {cluster.namespace}/late" in seen.output["message"]
    assert change.undo is not None
    assert "the evicted pods do not come back" in change.undo.summary
    back = planned(cluster, uncordon, node, **change.undo.inputs)
    assert back.digest == change.undo.digest
    applied(cluster, uncordon, back, "intent-2")
    assert not is_cordoned(cluster, node)


def test_another_pod_on_the_node_voids_the_approval(cluster: Cluster) -> None:
    """What is evicted is what was approved."""
    node, owner = cluster.node(), cluster.owner()
    cluster.pod("a", nodeName=node, owner=owner)
    before = planned(cluster, drain, node).digest
    assert planned(cluster, drain, node).digest == before
    cluster.pod("b", nodeName=node, owner=owner)
    assert planned(cluster, drain, node).digest != before


BLOCKS: list[tuple[dict[str, Any], bool, str, str]] = [
    ({}, False, "no controller makes it anew", "force"),
    ({"volumes": [{"name": "cache", "emptyDir": {}}]}, True, "emptyDir volumes cache", "delete_emptydir_data"),
]


@pytest.mark.parametrize(("spec", "owned", "why", "accepts"), BLOCKS, ids=["bare", "emptydir"])
def test_what_would_be_lost_blocks_a_drain_unless_it_is_accepted(
    cluster: Cluster, spec: dict[str, Any], owned: bool, why: str, accepts: str
) -> None:
    """Named with the input that accepts it; and accepted, it is said."""
    node = cluster.node()
    cluster.pod("pod-1", nodeName=node, owner=cluster.owner() if owned else None, **spec)
    refused = drain.plan({"node": node}, cluster.world())
    assert isinstance(refused, Refused)
    assert all(word in refused.reason for word in (f"{cluster.namespace}/pod-1", why, f"`{accepts}`"))
    change = planned(cluster, drain, node, **{accepts: True})
    assert any(f"{cluster.namespace}/pod-1: " in warning for warning in change.warnings)
    assert applied(cluster, drain, change).applied is Applied.YES


def test_there_is_nothing_to_drain(cluster: Cluster) -> None:
    """On a node that is cordoned and empty; one that is not cordoned is cordoned."""
    node = cluster.node()
    change = planned(cluster, drain, node)
    assert len(change.fields) == 1
    assert applied(cluster, drain, change).applied is Applied.YES
    assert isinstance(drain.plan({"node": node}, cluster.world()), NothingToDo)


def test_a_node_that_was_cordoned_before_stays_so(cluster: Cluster) -> None:
    """An undo would not put back what was: it has none, and says why."""
    node = cluster.node()
    applied(cluster, cordon, planned(cluster, cordon, node), "intent-0")
    cluster.pod("a", nodeName=node, owner=cluster.owner())
    change = planned(cluster, drain, node)
    assert change.undo is None
    assert "it was cordoned before" in (change.irreversible or "")
    assert applied(cluster, drain, change).applied is Applied.YES
    assert there(cluster, "a") == []


def test_a_budget_is_named_in_the_plan_and_in_what_is_left(cluster: Cluster) -> None:
    """As many as it allows are evicted; the others are waited for, and said when the time is over."""
    node, owner = cluster.node(), cluster.owner()
    for name in ("a", "b"):
        cluster.pod(name, nodeName=node, owner=owner)
    cluster.budget("api", least=1, healthy=2)
    cluster.client.timeout = 0.5
    change = planned(cluster, drain, node)
    said = f"disruption budget {cluster.namespace}/api allows 1 now (2 healthy, 1 needed), and covers 2 of these pods"
    assert any(warning.startswith(said) for warning in change.warnings)
    outcome = applied(cluster, drain, change, timeout=3)
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.PARTLY, "timeout")
    assert len(outcome.output["evicted"]) == len(outcome.output["remaining"]) == 1
    assert "The disruption budget api needs 1 healthy pods" in outcome.output["message"]
    assert outcome.output["requests"] > 3
    assert len(there(cluster, "a", "b")) == 1


def test_a_drain_waits_for_a_budget_and_goes_on(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a replacement is ready elsewhere, the budget allows the next."""
    node, owner = cluster.node(), cluster.owner()
    for name in ("a", "b"):
        cluster.pod(name, nodeName=node, owner=owner)
    cluster.budget("api", least=1, healthy=2)
    change = planned(cluster, drain, node)

    def replaced(_world: Any) -> None:
        if not there(cluster, "elsewhere"):
            cluster.pod("elsewhere", nodeName=cluster.node(), owner=owner)
            if cluster.scripted is not None:
                cluster.allow("api", 1, 2, 1)

    monkeypatch.setattr(evictions, "_wait", replaced)
    outcome = applied(cluster, drain, change)
    assert outcome.applied is Applied.YES
    assert outcome.output["requests"] > 2
    assert there(cluster, "a", "b", "elsewhere") == ["elsewhere"]


def test_pods_that_end_slowly_have_not_arrived(cluster: Cluster) -> None:
    """Their eviction was accepted, and they run on for as long as they may."""
    node = cluster.node()
    cluster.pod("slow", nodeName=node, owner=cluster.owner(), grace=NEVER_ENDS)
    change = planned(cluster, drain, node)
    outcome = applied(cluster, drain, change)
    assert outcome.applied is Applied.YES
    seen = drain.arrived(change, outcome, cluster.world())
    assert seen.verdict is Verdict.UNKNOWN
    assert f"still ending: {cluster.namespace}/slow" in (seen.unknown or "")


def test_a_drain_that_was_cut_off_says_what_it_left(cluster: Cluster) -> None:
    """Cordoned and one pod evicted, then nothing more: partly applied; planned anew, it lists the rest."""
    cluster.client.timeout = 0.5
    node, owner = cluster.node(), cluster.owner()
    for name in ("a", "b"):
        cluster.pod(name, nodeName=node, owner=owner)
    change = planned(cluster, drain, node)
    half = replace(change, request=change.request | {"evict": change.request["evict"][:1]})
    assert applied(cluster, drain, half).applied is Applied.YES
    found = drain.confirm(change, cluster.world("intent-1"))
    assert isinstance(found, DidApply)
    assert found.outcome.applied is Applied.PARTLY
    assert found.outcome.output["remaining"] == [f"{cluster.namespace}/b"]
    assert "cut off" in found.outcome.output["message"]
    rest = planned(cluster, drain, node)
    assert [one.path for one in rest.fields] == [f"pods/{cluster.namespace}/b"]


def test_a_drain_whose_end_was_not_seen_is_settled_by_mark_and_uids(cluster: Cluster) -> None:
    """Nothing sent: not applied. All gone: applied, even with another pod of the same name there."""
    cluster.client.timeout = 0.5
    node, owner = cluster.node(), cluster.owner()
    cluster.pod("web-0", nodeName=node, owner=owner)
    change = planned(cluster, drain, node)
    assert isinstance(drain.confirm(change, cluster.world("intent-1")), DidNotApply)
    applied(cluster, drain, change)
    cluster.pod("web-0", nodeName=node, owner=owner)
    found = drain.confirm(change, cluster.world("intent-1"))
    assert isinstance(found, DidApply)
    assert (found.outcome.applied, found.outcome.output["remaining"]) == (Applied.YES, [])


def test_the_same_drain_sent_again_evicts_no_pod_that_is_not_of_its_list(cluster: Cluster) -> None:
    """Neither a successor of the same name nor a newcomer."""
    node, owner = cluster.node(), cluster.owner()
    cluster.pod("web-0", nodeName=node, owner=owner)
    applied(cluster, cordon, planned(cluster, cordon, node), "intent-0")
    change = planned(cluster, drain, node)
    applied(cluster, drain, change)
    for name in ("web-0", "late"):
        cluster.pod(name, nodeName=node, owner=owner)
    outcome = applied(cluster, drain, change)
    assert outcome.applied is Applied.YES
    assert there(cluster, "web-0", "late") == ["web-0", "late"]


def test_a_cordon_whose_answer_is_lost_evicts_nothing(cluster: Cluster) -> None:
    """The doubt comes before the first eviction, and is settled: partly applied."""
    cluster.client.timeout = 0.5
    node = cluster.node()
    cluster.pod("a", nodeName=node, owner=cluster.owner())
    change = planned(cluster, drain, node)
    if cluster.scripted is not None:
        cluster.scripted.fail("PATCH", lost=True)
        with pytest.raises(WorldError):
            applied(cluster, drain, change)
    else:  # what a runner leaves that is killed between the two
        patches.send(change, cluster.world("intent-1"))
    assert there(cluster, "a") == ["a"]
    found = drain.confirm(change, cluster.world("intent-1"))
    assert isinstance(found, DidApply)
    assert found.outcome.applied is Applied.PARTLY
