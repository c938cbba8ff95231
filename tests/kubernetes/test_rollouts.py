"""Rollouts of all three kinds on a real control plane: several revisions, back, and never back and forth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.paths import PLACES
from runbook.core.changes import DidApply, Refused
from runbook.core.words import Applied, Verdict
from runbook.kinds import kubernetes_rollout_history as history
from runbook.kinds import kubernetes_rollout_undo as undo
from support.real_cluster import BROKEN, GOOD, NEWER, NEWEST, Cluster, Workload, cluster, needs_a_cluster, wait

pytestmark = needs_a_cluster

WORKLOADS: dict[str, dict[str, Any]] = {"Deployment": {"replicas": 2}, "StatefulSet": {"replicas": 2}, "DaemonSet": {}}
CONTROLLER_REVISIONS = ["StatefulSet", "DaemonSet"]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path) as made:
        yield made


@pytest.fixture(params=WORKLOADS)
def app(at: Cluster, request: pytest.FixtureRequest) -> Workload:
    """Revision 1 is GOOD, revision 2 is NEWER and current; more than a second lies between them."""
    made = at.make(request.param, "app", **WORKLOADS[request.param])
    first = wait(lambda: made.see(history).output["latest"])
    wait(lambda: made.see(history).output["latest"]["age_seconds"] > first["age_seconds"] + 1)
    made.deploy(NEWER)
    wait(lambda: settled(made, 2))
    return made


def settled(app: Workload, revisions: int) -> bool:
    seen = app.see(history)
    return seen.unknown is None and len(seen.output["revisions"]) == revisions


def test_a_rollback_goes_to_the_revision_before_and_is_never_taken_back_by_another(app: Workload) -> None:
    """kubectl, repeated, toggles; here the second is refused, and so is the same change sent again."""
    change = app.planned(undo)
    assert change.request["target"]["revision"] == 1
    app.done(undo, change)
    assert app.image() == GOOD
    assert undo.apply(change, app.cluster.world("intent-1")).applied is Applied.NO
    refused = undo.plan(app.inputs, app.cluster.world())
    assert isinstance(refused, Refused)
    assert "known to be good" in refused.reason
    assert app.image() == GOOD


def test_a_second_incident_skips_what_was_rolled_back_from(app: Workload) -> None:
    """Revisions are renumbered: GOOD is 3, then NEWEST is 4; NEWER is never a target."""
    app.done(undo, app.planned(undo))
    app.deploy(NEWEST)
    wait(lambda: settled(app, 3))
    change = app.planned(undo)
    assert change.request["target"]["images"] == {"app": GOOD}
    app.done(undo, change, "intent-2")
    listed = app.see(history).output["revisions"]
    assert [(one["images"]["app"], one["rolled_back"]) for one in listed] == [
        (GOOD, False),
        (NEWEST, True),
        (NEWER, True),
    ]


def test_the_undo_planned_anew_is_the_one_that_was_approved(app: Workload) -> None:
    """And it takes the mark off."""
    change = app.planned(undo)
    app.done(undo, change)
    assert change.undo is not None
    back = app.planned(undo, **change.undo.inputs)
    assert back.digest == change.undo.digest
    app.done(undo, back, "intent-2")
    assert app.image() == NEWER
    assert not any(one["rolled_back"] for one in app.see(history).output["revisions"])


def test_a_crash_between_patch_and_result_is_settled_by_the_mark(app: Workload) -> None:
    """Whatever the controller has renumbered since."""
    change = app.planned(undo)
    app.applied(undo, change)
    wait(lambda: settled(app, 2))
    found = undo.confirm(change, app.cluster.world("intent-1"))
    assert isinstance(found, DidApply)
    wait(lambda: undo.arrived(change, found.outcome, app.cluster.world()).verdict is Verdict.PASS)


def test_a_revision_that_is_gone_is_refused_with_those_that_are_there(app: Workload) -> None:
    """After a rollback to revision 1 there is no revision 1 any more."""
    app.done(undo, app.planned(undo, to_revision=1))
    gone = undo.plan(app.inputs | {"to_revision": 1}, app.cluster.world())
    assert isinstance(gone, Refused)
    assert "there are 2, 3" in gone.reason


def test_who_rolled_a_revision_out_is_in_the_history(app: Workload) -> None:
    """What comes after it copies the mark, and is not ours."""
    app.done(undo, app.planned(undo))
    app.deploy(NEWEST)
    wait(lambda: settled(app, 3))
    listed = {one["images"]["app"]: one for one in app.see(history).output["revisions"]}
    makers = {image: one["rolled_out_by"] for image, one in listed.items()}
    assert makers == {NEWEST: None, GOOD: "intent-1", NEWER: None}
    assert listed[NEWEST]["change_cause"] is None


@pytest.mark.parametrize("app", CONTROLLER_REVISIONS, indirect=True)
def test_on_delete_is_refused(app: Workload) -> None:
    """No pod would get the template."""
    app.edit("/spec/updateStrategy", {"type": "OnDelete"})
    refused = undo.plan(app.inputs, app.cluster.world())
    assert isinstance(refused, Refused)
    assert "OnDelete" in refused.reason


@pytest.mark.fault(74)
@pytest.mark.parametrize("app", ["StatefulSet"], indirect=True)
def test_a_broken_pod_keeps_a_stateful_set_from_being_rolled_back_until_it_is_deleted(app: Workload) -> None:
    """The documented trap: named by the plan, named while waiting, and over once the pod is deleted."""
    wait(lambda: app.read()["status"].get("availableReplicas") == 2)
    app.deploy(BROKEN)
    wait(lambda: settled(app, 3) and app.planned(undo).warnings)
    change = app.planned(undo)
    assert any("app-1 is not ready" in warning for warning in change.warnings)
    outcome = app.applied(undo, change)
    seen = wait(lambda: waits_for_pod(app, change, outcome))
    assert "delete pod app-1" in seen.output["message"]
    app.cluster.delete(app.pod(1))
    wait(lambda: undo.arrived(change, outcome, app.cluster.world()).verdict is Verdict.PASS)


def waits_for_pod(app: Workload, change: Any, outcome: Any) -> Any:
    seen = undo.arrived(change, outcome, app.cluster.world())
    assert seen.verdict is not Verdict.PASS
    return seen if "delete pod" in seen.output["message"] else None


@pytest.mark.parametrize("app", ["StatefulSet"], indirect=True)
def test_a_partition_rolls_back_the_pods_above_it_only(app: Workload) -> None:
    """And says so; one that keeps all pods is refused."""
    wait(lambda: app.read()["status"].get("currentRevision") == app.read()["status"].get("updateRevision"))
    app.edit("/spec/updateStrategy/rollingUpdate/partition", 1)
    change = app.planned(undo)
    app.done(undo, change)
    images = [app.cluster.client.read(app.pod(n), timeout=5).body["spec"]["containers"][0]["image"] for n in (0, 1)]
    assert images == [NEWER, GOOD]
    app.edit("/spec/updateStrategy/rollingUpdate/partition", 2)
    app.deploy(NEWEST)
    wait(lambda: settled(app, 3))
    refused = undo.plan(app.inputs, app.cluster.world())
    assert isinstance(refused, Refused)
    assert "partition is 2 of 2" in refused.reason


@pytest.mark.parametrize("app", CONTROLLER_REVISIONS, indirect=True)
def test_the_template_that_comes_back_is_the_one_that_was(app: Workload) -> None:
    """The revision's data, turned into a JSON Patch, loses and adds nothing."""
    kept = [one for one in app.see(history).output["revisions"] if one["revision"] == 1]
    path = PLACES["ControllerRevision"].path(app.cluster.namespace, kept[0]["controller_revision"])
    data = app.cluster.client.read(path, timeout=5).body["data"]["spec"]["template"]
    app.done(undo, app.planned(undo))
    template = app.read()["spec"]["template"]
    assert {key: value for key, value in data.items() if key != "$patch"} == template
