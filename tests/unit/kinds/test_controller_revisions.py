"""A StatefulSet `shop/queue` and a DaemonSet `shop/agent`: their past, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.errors import LostAnswer
from runbook.core.changes import CannotTell, Change, DidApply, NothingToDo, Outcome, Refused
from runbook.core.words import Applied, Verdict
from runbook.kinds import kubernetes_rollout_history as history
from runbook.kinds import kubernetes_rollout_undo as undo
from support.kube_kinds import Shop, shop
from support.kube_revisions import DAEMON_SET, STATEFUL_SET, deploy

QUEUE, AGENT = {"statefulset": "queue", "namespace": "shop"}, {"daemonset": "agent", "namespace": "shop"}
BOTH = pytest.mark.parametrize(("path", "inputs"), [(STATEFUL_SET, QUEUE), (DAEMON_SET, AGENT)])


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        made.api.broken = {"bad:2"}
        for path in (STATEFUL_SET, DAEMON_SET):
            deploy(made.api, path, "good:1")
        yield made


def planned(at: Shop, inputs: dict[str, Any], **more: Any) -> Change:
    change = undo.plan(inputs | more, at.world())
    assert isinstance(change, Change), change
    return change


def image(at: Shop, path: str) -> str:
    return str(at.api.objects[path]["spec"]["template"]["spec"]["containers"][0]["image"])


def done(at: Shop, inputs: dict[str, Any], intent: str = "intent-1", **more: Any) -> tuple[Change, Outcome]:
    change = planned(at, inputs, **more)
    return change, at.applied(undo, change, intent)


@BOTH
def test_the_target_is_pinned_and_sent_as_a_tested_json_patch(at: Shop, path: str, inputs: dict[str, Any]) -> None:
    """Not the revision's own strategic merge patch: it has no precondition."""
    deploy(at.api, path, "good:2")
    change, _ = done(at, inputs)
    body = at.api.sent("PATCH")[-1]["body"]
    assert [one["op"] for one in body[:3]] == ["test", "test", "replace"]
    assert "$patch" not in body[2]["value"]
    assert change.request["target"]["controller_revision"].startswith(path.rsplit("/", 1)[-1])
    assert image(at, path) == "good:1"


@BOTH
def test_the_history_tells_numbers_images_ages_and_who(at: Shop, path: str, inputs: dict[str, Any]) -> None:
    """Age counts from the first appearance, and what was left is marked."""
    deploy(at.api, path, "good:2")
    done(at, inputs)
    at.api.later(60)
    seen = history.observe(inputs, at.world())
    assert set(seen.output) == history.SPEC.output_names
    listed = seen.output["revisions"]
    assert [(one["revision"], one["current"], one["rolled_back"]) for one in listed] == [
        (3, True, False),
        (2, False, True),
    ]
    assert seen.output["latest"]["age_seconds"] >= 3660  # a rollback makes nothing younger
    assert listed[0]["available"] == len(seen_pods(at, path))
    assert listed[0]["replica_set"] is None
    assert listed[0]["controller_revision"]


def seen_pods(at: Shop, path: str) -> list[str]:
    return [key for key in at.api.objects if f"/pods/{path.rsplit('/', 1)[-1]}-" in key]


@BOTH
def test_repeated_it_never_returns_to_what_it_left(at: Shop, path: str, inputs: dict[str, Any]) -> None:
    """kubectl toggles."""
    deploy(at.api, path, "good:2")
    change, _ = done(at, inputs)
    again = undo.apply(change, at.world("intent-1"))
    assert (again.applied, again.error and again.error.code) == (Applied.NO, "precondition")
    refused = undo.plan(inputs, at.world())
    assert isinstance(refused, Refused)
    assert "revision 2 was rolled back from" in refused.reason
    deploy(at.api, path, "good:3")
    assert planned(at, inputs).request["target"]["images"] == {path.rsplit("/", 1)[-1]: "good:1"}


@BOTH
def test_the_undo_planned_anew_has_the_digest_that_was_approved(at: Shop, path: str, inputs: dict[str, Any]) -> None:
    """And it takes the mark off again."""
    deploy(at.api, path, "good:2")
    change, _ = done(at, inputs)
    assert change.undo is not None
    back = planned(at, change.undo.inputs)
    assert back.digest == change.undo.digest
    at.applied(undo, back, "intent-2")
    assert image(at, path) == "good:2"
    assert not any(one["rolled_back"] for one in history.observe(inputs, at.world()).output["revisions"])


@BOTH
def test_a_lost_answer_is_found_by_its_mark_even_after_the_controller(
    at: Shop, path: str, inputs: dict[str, Any]
) -> None:
    """A crash between patch and result; kubectl, repeated, would go to the broken version."""
    deploy(at.api, path, "good:2")
    change = planned(at, inputs)
    at.api.fail("PATCH", lost=True)
    with pytest.raises(LostAnswer):
        undo.apply(change, at.world("intent-1"))
    found = undo.confirm(change, at.world("intent-1"))
    assert isinstance(found, DidApply)
    assert undo.arrived(change, found.outcome, at.world()).verdict is Verdict.PASS
    assert isinstance(undo.confirm(change, at.world("intent-2")), CannotTell)


@BOTH
def test_a_controller_that_is_behind_is_not_guessed_at(
    at: Shop, path: str, inputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """kubectl would skip a version here."""
    monkeypatch.setattr("runbook.kinds.kubernetes.CATCHES_UP", 0.0)
    deploy(at.api, path, "good:2")
    at.api.controller = False
    deploy(at.api, path, "bad:2")
    refused = undo.plan(inputs, at.world())
    assert isinstance(refused, Refused)
    assert "not seen" in refused.reason
    at.api.objects[path]["status"]["observedGeneration"] += 1
    refused = undo.plan(inputs, at.world())
    assert isinstance(refused, Refused)
    assert "made no ControllerRevision" in refused.reason


@BOTH
def test_no_history_and_a_revision_that_is_gone_are_refused(at: Shop, path: str, inputs: dict[str, Any]) -> None:
    """With those that are kept; the current one needs nothing."""
    refused = undo.plan(inputs, at.world())
    assert isinstance(refused, Refused)
    assert "no earlier revision" in refused.reason
    deploy(at.api, path, "good:2")
    assert undo.plan(inputs | {"to_revision": 7}, at.world()) == Refused(
        reason="revision 7 is not kept any more; there are 1, 2"
    )
    assert isinstance(undo.plan(inputs | {"to_revision": 2}, at.world()), NothingToDo)


@BOTH
def test_on_delete_is_refused_with_what_to_do(at: Shop, path: str, inputs: dict[str, Any]) -> None:
    """No pod would get the template: not a rollback."""
    deploy(at.api, path, "good:2", updateStrategy={"type": "OnDelete"})
    refused = undo.plan(inputs, at.world())
    assert isinstance(refused, Refused)
    assert "OnDelete" in refused.reason
    assert "delete the pods" in refused.reason


@pytest.mark.fault(74)
def test_a_broken_pod_that_would_stay_is_named_before_and_while(at: Shop) -> None:
    """OrderedReady: the controller waits for queue-2 for ever; whoever approves knows, and so does who waits."""
    deploy(at.api, STATEFUL_SET, "bad:2")
    change, outcome = done(at, QUEUE)
    assert any("queue-2 is not ready" in warning and "delete pod queue-2" in warning for warning in change.warnings)
    seen = undo.arrived(change, outcome, at.world())
    assert seen.verdict is Verdict.UNKNOWN
    assert "2 of 3 pods are ready" in seen.output["message"]
    assert "kubectl -n shop delete pod queue-2" in seen.output["message"]
    del at.api.objects["/api/v1/namespaces/shop/pods/queue-2"]
    at.api.reconcile()
    assert undo.arrived(change, outcome, at.world()).verdict is Verdict.PASS


def test_pods_that_may_not_be_read_are_said(at: Shop) -> None:
    """A missing permission is no proof that none is broken."""
    deploy(at.api, STATEFUL_SET, "bad:2")
    at.client.identity  # noqa: B018 - so that the third GET is that of the pods
    for how in ({}, {}, {"status": 403, "message": "no"}):
        at.api.fail("GET", **how)
    warned = planned(at, QUEUE).warnings
    assert any("`list` on pods" in warning for warning in warned)


@pytest.mark.parametrize(("partition", "refused"), [(2, False), (3, True)])
def test_a_partition_is_said_or_refused(at: Shop, partition: int, refused: bool) -> None:
    """Pods below it keep what they have; where that is all of them nothing would be rolled back."""
    deploy(at.api, STATEFUL_SET, "good:2", updateStrategy={"rollingUpdate": {"partition": partition}})
    found = undo.plan(QUEUE, at.world())
    if refused:
        assert isinstance(found, Refused)
        assert "partition is 3 of 3" in found.reason
        return
    assert isinstance(found, Change)
    assert any("keeps pods 0 to 1" in warning for warning in found.warnings)
    outcome = at.applied(undo, found)
    assert "partition keeps 2" in undo.arrived(found, outcome, at.world()).output["message"]


def test_data_that_is_more_than_a_template_is_not_sent(at: Shop) -> None:
    """A controller that we do not know keeps more; half a rollback is none."""
    deploy(at.api, STATEFUL_SET, "good:2")
    for path, one in at.api.objects.items():
        if "/controllerrevisions/queue" in path:
            one["data"]["spec"]["volumeClaimTemplates"] = []
    refused = undo.plan(QUEUE, at.world())
    assert isinstance(refused, Refused)
    assert "spec.volumeClaimTemplates" in refused.reason


def test_pods_that_are_ready_with_what_was_left_do_not_count(at: Shop) -> None:
    """kubectl calls a StatefulSet done here: its revision is current and update at once, and all pods are ready."""
    deploy(at.api, STATEFUL_SET, "good:2")
    change, outcome = done(at, QUEUE)
    pod = at.api.objects["/api/v1/namespaces/shop/pods/queue-0"]
    pod["metadata"]["labels"]["controller-revision-hash"] = change.fields[0].before["hash"]
    seen = undo.arrived(change, outcome, at.world())
    assert seen.verdict is Verdict.UNKNOWN
    assert "2 of 3" in seen.output["message"]


def test_a_successor_of_the_same_name_has_no_past(at: Shop) -> None:
    """Its uid is another one: what was approved was for its predecessor, and revisions are not inherited."""
    deploy(at.api, DAEMON_SET, "good:2")
    before = planned(at, AGENT)
    at.api.put(DAEMON_SET, {"kind": "DaemonSet", "spec": at.api.objects[DAEMON_SET]["spec"]})
    assert isinstance(undo.plan(AGENT, at.world()), Refused)
    assert undo.apply(before, at.world("intent-1")).applied is Applied.NO
