from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.errors import LostAnswer, ServerFailed
from runbook.core.changes import CannotTell, DidApply, DidNotApply, NothingToDo, Refused
from runbook.core.words import Applied, Verdict
from runbook.errors import Forbidden, ParameterError
from runbook.kinds import kubernetes_rollout_undo as undo
from support.kube_api import DEPLOYMENT, deploy
from support.kube_kinds import Shop, shop


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


# --- planning -------------------------------------------------------------------------------------------------


def test_a_plan_pins_its_target(at: Shop) -> None:
    """Uid, revision, hash and digest of the template: what is approved is this and nothing else."""
    change = at.planned(undo)
    pinned = change.request["target"]
    assert (pinned["revision"], pinned["images"]) == (1, {"api": "api:1"})
    assert (
        pinned["uid"]
        == at.api.objects[f"/apis/apps/v1/namespaces/shop/replicasets/{pinned['replica_set']}"]["metadata"]["uid"]
    )
    assert change.target.connection == "cluster-uid"
    assert change.target.uid == at.deployment["metadata"]["uid"]
    assert change.precondition["/metadata/generation"] == at.deployment["metadata"]["generation"]
    assert change.by_hand == "kubectl --context test -n shop rollout undo deployment/api --to-revision=1"


def test_a_plan_changes_nothing_and_shows_the_difference(at: Shop) -> None:
    """Its one patch is a dry run; the diff has the images."""
    change = at.planned(undo)
    assert at.api.sent("PATCH") == []
    assert at.image == "api:2"
    removed, added = ([line[1:].strip() for line in change.diff.splitlines() if line[0] == sign] for sign in "-+")
    assert "image: api:2" in removed
    assert "image: api:1" in added


def test_the_generation_is_tested_and_not_approved(at: Shop) -> None:
    """An autoscaler that changes the replicas during the gate costs nobody a second approval."""
    before = at.planned(undo)
    for replicas in (3, 4, 5):
        at.deployment["spec"]["replicas"] = replicas
        at.deployment["metadata"]["generation"] += 1
        at.api.reconcile()
        fresh = at.planned(undo)
        assert fresh.digest == before.digest
    assert fresh.precondition != before.precondition


def test_another_template_is_another_change(at: Shop) -> None:
    """And the difference between the two plans can be read."""
    before = at.planned(undo)
    deploy(at.api, "api:3")
    after = at.planned(undo)
    assert after.digest != before.digest
    assert after.fields[0].before["images"] == {"api": "api:3"}


@pytest.mark.fault(68)
def test_a_deployment_made_anew_is_another_change(at: Shop) -> None:
    """Same name, new uid: what was approved was for its predecessor."""
    before = at.planned(undo)
    at.api.put(DEPLOYMENT, {"spec": at.deployment["spec"]})
    assert isinstance(undo.plan(at.inputs, at.world()), Refused)
    deploy(at.api, "api:1")
    assert at.planned(undo).digest != before.digest


REFUSALS: dict[str, tuple[Any, str]] = {
    "paused": (lambda at: at.deployment["spec"].update(paused=True), "paused"),
    "a controller that is behind": (
        lambda at: setattr(at.api, "controller", False) or deploy(at.api, "api:3"),
        "not seen",
    ),
    "no earlier revision": (lambda at: at.api.put(DEPLOYMENT, {"spec": at.deployment["spec"]}), "no earlier revision"),
    "all rolled back from": (lambda at: at.applied(undo, at.planned(undo)), r"revision 2 was rolled back from"),
}


@pytest.mark.fault(69)
@pytest.mark.parametrize("case", REFUSALS)
def test_a_plan_is_refused_for(at: Shop, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the reason, before anything is sent."""
    monkeypatch.setattr("runbook.kinds.kubernetes.CATCHES_UP", 0.0)
    prepare, said = REFUSALS[case]
    prepare(at)
    planned = undo.plan(at.inputs, at.world())
    assert isinstance(planned, Refused), planned
    assert said in planned.reason


@pytest.mark.fault(69)
def test_a_revision_that_is_gone_is_refused_with_those_that_are_kept(at: Shop) -> None:
    """The controller renumbers, and forgets beyond the history limit."""
    planned = undo.plan(at.inputs | {"to_revision": 7}, at.world())
    assert planned == Refused(reason="revision 7 is not kept any more; there are 1, 2")


def test_the_current_revision_needs_nothing(at: Shop) -> None:
    """It is not sent again."""
    assert isinstance(undo.plan(at.inputs | {"to_revision": 2}, at.world()), NothingToDo)


@pytest.mark.fault(69)
def test_two_replica_sets_of_one_template_are_refused(at: Shop) -> None:
    """Which of them would be running could not be told afterwards."""
    name = at.planned(undo).request["target"]["replica_set"]
    sets = "/apis/apps/v1/namespaces/shop/replicasets/"
    twin = at.api.objects[sets + name]
    at.api.objects[sets + name + "x"] = twin | {"metadata": twin["metadata"] | {"name": name + "x", "uid": "twin"}}
    planned = undo.plan(at.inputs | {"to_revision": 1}, at.world())
    assert isinstance(planned, Refused)
    assert "several ReplicaSets" in planned.reason


@pytest.mark.fault(69)
def test_a_controller_that_catches_up_is_waited_for(at: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed number of replicas takes it milliseconds; that is no reason to refuse."""
    status = at.deployment["status"]
    status["observedGeneration"] -= 1
    monkeypatch.setattr("runbook.kinds.kubernetes.sleep", lambda seconds: at.api.reconcile())
    assert at.planned(undo)


def test_who_may_put_the_old_state_back_is_said(at: Shop) -> None:
    """Argo CD, Flux, Helm, kubectl apply, a controller: each in words."""
    metadata = at.deployment["metadata"]
    metadata["labels"] = {"argocd.argoproj.io/instance": "shop"}
    metadata["managedFields"] = [{"manager": "helm-controller"}]
    metadata["ownerReferences"] = [{"kind": "Rollout", "name": "api", "controller": True}]
    metadata["annotations"] |= {
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "meta.helm.sh/release-name": "shop",
    }
    said = " ".join(at.planned(undo).warnings)
    assert all(word in said for word in ("Argo CD", "Flux", "Helm release shop", "kubectl apply", "Rollout api"))


@pytest.mark.fault(72)
def test_a_webhook_without_dry_run_is_said_and_not_fatal(at: Shop) -> None:
    """The plan stands on what was read."""
    at.api.fail("PATCH", status=400, message='admission webhook "w" does not support dry run')
    assert any("not tried out" in warning for warning in at.planned(undo).warnings)


@pytest.mark.fault(72)
def test_what_the_server_would_not_take_is_refused_when_planned(at: Shop) -> None:
    """In the server's words."""
    at.api.fail("PATCH", status=400, message='admission webhook "w" denied the request: no Fridays')
    planned = undo.plan(at.inputs, at.world())
    assert isinstance(planned, Refused)
    assert "no Fridays" in planned.reason


def test_a_missing_permission_shows_when_planned(at: Shop) -> None:
    """Not after somebody was woken to approve it."""
    at.api.fail("PATCH", status=403, message="cannot patch resource")
    with pytest.raises(Forbidden, match="cannot patch"):
        undo.plan(at.inputs, at.world())


def test_a_revision_that_is_no_number_is_an_error_of_the_parameter(at: Shop) -> None:
    """Values arrive rendered and may be anything."""
    with pytest.raises(ParameterError, match="to_revision"):
        undo.plan(at.inputs | {"to_revision": "latest"}, at.world())


# --- applying -------------------------------------------------------------------------------------------------


def test_one_patch_with_tests_template_and_marks_is_sent(at: Shop) -> None:
    """Nothing else: the audit log of the cluster shows exactly what was approved."""
    change = at.planned(undo)
    outcome = at.applied(undo, change)
    [sent] = at.api.sent("PATCH")
    assert sent["body"][:2] == [
        {"op": "test", "path": "/metadata/uid", "value": change.target.uid},
        {"op": "test", "path": "/metadata/generation", "value": change.precondition["/metadata/generation"]},
    ]
    assert sent["body"][2:-3] == change.request["operations"]
    assert at.deployment["metadata"]["annotations"]["runbook-engine/intent"] == "intent-1"
    assert at.image == "api:1"
    assert outcome.output["revision"] == 1


def test_the_label_of_the_controller_is_not_sent(at: Shop) -> None:
    """kubectl leaves it out too: it is the ReplicaSet's own."""
    at.applied(undo, at.planned(undo))
    assert "pod-template-hash" not in at.deployment["spec"]["template"]["metadata"]["labels"]


def test_repeated_after_success_it_is_refused_by_the_server(at: Shop) -> None:
    """kubectl would go back to the broken version here."""
    change = at.planned(undo)
    at.applied(undo, change)
    again = undo.apply(change, at.world("intent-1"))
    assert (again.applied, again.error and again.error.code) == (Applied.NO, "precondition")
    assert at.image == "api:1"


def test_a_second_incident_never_rolls_forward_to_the_bad_version(at: Shop) -> None:
    """api:2 was rolled back from; when api:3 is bad too, api:1 is the target."""
    at.applied(undo, at.planned(undo))
    deploy(at.api, "api:3")
    change = at.planned(undo)
    assert change.request["target"]["images"] == {"api": "api:1"}
    at.applied(undo, change, "intent-2")
    assert at.deployment["metadata"]["annotations"]["runbook-engine/rolled-back-from"].count(",") == 1


@pytest.mark.parametrize("status", [409, 422, 403, 429])
def test_a_refusal_of_the_server_is_an_outcome(at: Shop, status: int) -> None:
    """A 4xx is its word that nothing was done."""
    change = at.planned(undo)
    at.api.fail("PATCH", status=status, message="no")
    outcome = undo.apply(change, at.world("intent-1"))
    assert outcome.applied is Applied.NO


@pytest.mark.fault(66, 67)
@pytest.mark.parametrize(("how", "error"), [({"lost": True}, LostAnswer), ({"status": 504}, ServerFailed)])
def test_a_lost_answer_and_a_504_are_doubts(at: Shop, how: dict[str, Any], error: type[Exception]) -> None:
    """They are raised, and nothing is sent again."""
    change = at.planned(undo)
    at.api.fail("PATCH", **how)
    with pytest.raises(error):
        undo.apply(change, at.world("intent-1"))
    assert len(at.api.sent("PATCH")) == 1


# --- confirming -----------------------------------------------------------------------------------------------


@pytest.mark.fault(67)
def test_a_change_whose_answer_was_lost_is_found(at: Shop) -> None:
    """Its mark stands on the Deployment; what came of it can be followed from there."""
    change = at.planned(undo)
    at.api.fail("PATCH", lost=True)
    with pytest.raises(LostAnswer):
        undo.apply(change, at.world("intent-1"))
    found = undo.confirm(change, at.world("intent-1"))
    assert isinstance(found, DidApply)
    assert undo.arrived(change, found.outcome, at.world()).verdict is Verdict.PASS


def test_a_change_that_is_not_there_is_denied_only_after_the_server_had_its_time(at: Shop) -> None:
    """The server was told how long to try; until then it may still arrive."""
    change = at.planned(undo)
    world = at.world("intent-1")
    before = world.remaining()
    found = undo.confirm(change, world)
    assert isinstance(found, DidNotApply)
    assert before - world.remaining() >= at.client.timeout


def test_without_the_time_to_wait_nothing_is_said(at: Shop) -> None:
    """Unknown is never guessed."""
    assert isinstance(undo.confirm(at.planned(undo), at.world("intent-1", timeout=0.3)), CannotTell)


def test_a_change_that_can_no_longer_arrive_is_denied_at_once(at: Shop) -> None:
    """The generation has moved and the template has not."""
    change = at.planned(undo)
    at.deployment["spec"]["replicas"] = 5
    at.deployment["metadata"]["generation"] += 1
    assert isinstance(undo.confirm(change, at.world("intent-1")), DidNotApply)


def test_a_template_that_is_neither_ours_nor_the_old_one_is_for_people(at: Shop) -> None:
    """Somebody deployed in between; whether ours was there before cannot be told."""
    change = at.planned(undo)
    deploy(at.api, "api:3")
    assert isinstance(undo.confirm(change, at.world("intent-1")), CannotTell)


def test_a_deployment_that_is_gone_was_not_changed(at: Shop) -> None:
    """The uid is part of the request: a successor of the same name is safe."""
    change = at.planned(undo)
    del at.api.objects[DEPLOYMENT]
    assert isinstance(undo.confirm(change, at.world("intent-1")), DidNotApply)


# --- arriving, and taking back --------------------------------------------------------------------------------


def test_it_has_arrived_when_the_target_is_available(at: Shop) -> None:
    """Accepted is not arrived."""
    at.api.ready = False
    change = at.planned(undo)
    outcome = at.applied(undo, change)
    seen = undo.arrived(change, outcome, at.world())
    assert (seen.verdict, seen.unknown) == (Verdict.UNKNOWN, "Deployment api: 0 of 2 new replicas are available")
    at.api.ready = True
    at.api.reconcile()
    seen = undo.arrived(change, outcome, at.world())
    assert seen.verdict is Verdict.PASS
    assert seen.output["revision"] == 1
    assert set(seen.output) == undo.SPEC.output_names


@pytest.mark.fault(70)
def test_a_rollout_of_somebody_else_is_not_taken_for_ours(at: Shop) -> None:
    """Superseded is a failure, with a name."""
    change = at.planned(undo)
    outcome = at.applied(undo, change)
    deploy(at.api, "api:3")
    seen = undo.arrived(change, outcome, at.world())
    assert seen.verdict is Verdict.FAIL
    assert "superseded" in seen.output["message"]
    assert seen.unknown == seen.output["message"]  # the reason that the host tells


def test_a_deployment_deleted_after_the_change_does_not_arrive(at: Shop) -> None:
    """A failure, not an error that is asked about until the time is over."""
    change = at.planned(undo)
    outcome = at.applied(undo, change)
    del at.api.objects[DEPLOYMENT]
    assert undo.arrived(change, outcome, at.world()).verdict is Verdict.FAIL


def test_the_undo_planned_anew_has_the_digest_that_was_approved(at: Shop) -> None:
    """As long as what we left is there; and it takes the mark off again."""
    change = at.planned(undo)
    at.applied(undo, change)
    assert change.undo is not None
    back = undo.plan(change.undo.inputs, at.world())
    assert back.digest == change.undo.digest
    at.applied(undo, back, "intent-2")
    assert at.image == "api:2"
    assert "runbook-engine/rolled-back-from" not in at.deployment["metadata"]["annotations"]


def test_the_undo_is_another_one_when_somebody_else_has_deployed(at: Shop) -> None:
    """Then it is shown and asked for."""
    change = at.planned(undo)
    at.applied(undo, change)
    deploy(at.api, "api:3")
    assert change.undo is not None
    assert undo.plan(change.undo.inputs, at.world()).digest != change.undo.digest


def test_what_was_rolled_back_from_before_stays_remembered(at: Shop) -> None:
    """Newest last."""
    at.deployment["metadata"]["annotations"]["runbook-engine/rolled-back-from"] = "old"
    change = at.planned(undo)
    values = {one["path"]: one["value"] for one in change.request["operations"]}
    current = change.fields[0].before["hash"]
    assert values["/metadata/annotations/runbook-engine~1rolled-back-from"] == f"old,{current}"


def test_who_names_a_revision_says_that_it_is_good(at: Shop) -> None:
    """A person may return to what was rolled back from; then it is a target like any other."""
    at.applied(undo, at.planned(undo))
    at.applied(undo, at.planned(undo, to_revision=2), "intent-2")
    assert at.image == "api:2"
    deploy(at.api, "api:3")
    assert at.planned(undo).request["target"]["images"] == {"api": "api:2"}


def test_a_rehearsal_opens_nothing() -> None:
    """And its undo can be shown too."""
    change = undo.rehearse(Shop.inputs, {"revision": 6})
    assert change.target.connection == "rehearsal"
    assert change.undo is not None
    assert change.digest == undo.rehearse(Shop.inputs, {"revision": 6}).digest
