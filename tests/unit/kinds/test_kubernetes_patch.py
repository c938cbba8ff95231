from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.errors import LostAnswer, ServerFailed
from runbook.core.changes import CannotTell, Change, DidApply, DidNotApply, Refused
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import Forbidden, ParameterError, UsageError
from runbook.kinds import kubernetes_patch as patch
from support.kube_kinds import Shop, shop

API = {"kind": "Deployment", "name": "api", "namespace": "shop"}
IMAGE = {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "api:3"}
SLOWER = {"spec": {"minReadySeconds": 10}}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def planned(at: Shop, body: Any, **more: Any) -> Change:
    change = patch.plan(API | {"patch": body} | more, at.world())
    assert isinstance(change, Change), change
    return change


def test_what_is_sent_is_one_json_patch_with_tests(at: Shop) -> None:
    """Of a merge patch too, which could not say what it must find."""
    change = planned(at, SLOWER | {"metadata": {"labels": {"tier": "web"}}})
    at.applied(patch, change)
    [sent] = at.api.sent("PATCH")
    assert [one for one in sent["body"] if one["op"] == "test"] == [
        {"op": "test", "path": "/metadata/uid", "value": at.deployment["metadata"]["uid"]},
        {"op": "test", "path": "/metadata/labels", "value": None},
        {"op": "test", "path": "/spec/minReadySeconds", "value": None},
    ]
    assert [one["path"] for one in sent["body"] if one["op"] != "test"] == [
        "/metadata/labels",
        "/metadata/labels/tier",
        "/spec/minReadySeconds",
        "/metadata/annotations/runbook-engine~1intent",
        "/metadata/annotations/runbook-engine~1run",
    ]


def test_what_the_patch_tests_itself_is_tested_when_it_is_sent(at: Shop) -> None:
    """Where it is of the object as it was read, and not of what an operation before it has made."""
    tests = [{"op": "test", "path": "/spec/replicas", "value": 2}]
    after = [{"op": "test", "path": IMAGE["path"], "value": "api:3"}]
    change = planned(at, [*tests, IMAGE, *after])
    assert change.precondition["/spec/replicas"] == 2
    assert change.precondition[IMAGE["path"]] == "api:2"
    at.deployment["spec"]["replicas"] = 4
    assert patch.apply(change, at.world("intent-1")).applied is Applied.NO


@pytest.mark.fault(67)
def test_a_lost_answer_is_settled_by_the_mark_or_by_the_fields_before(at: Shop) -> None:
    """And by nobody where neither is there."""
    change = planned(at, [IMAGE])
    at.api.fail("PATCH", lost=True)
    with pytest.raises(LostAnswer):
        patch.apply(change, at.world("intent-1"))
    found = patch.confirm(change, at.world("intent-1"))
    assert isinstance(found, DidApply)
    assert patch.arrived(change, found.outcome, at.world()).verdict is Verdict.PASS
    assert isinstance(patch.confirm(change, at.world("intent-2")), CannotTell)


def test_what_was_dropped_on_its_way_is_not_applied_once_its_time_is_over(at: Shop) -> None:
    """The object is as it was, and the server has given up on it."""
    change = planned(at, [IMAGE])
    at.api.fail("PATCH", dropped=True)
    with pytest.raises(LostAnswer):
        patch.apply(change, at.world("intent-1"))
    assert isinstance(patch.confirm(change, at.world("intent-1")), DidNotApply)
    at.applied(patch, change, "intent-1")


@pytest.mark.parametrize("status", [500, 503, 504])
def test_a_server_that_gives_up_leaves_a_doubt(at: Shop, status: int) -> None:
    """It may still do what it was asked."""
    change = planned(at, [IMAGE])
    at.api.fail("PATCH", status=status, message="request did not complete within the allotted timeout")
    with pytest.raises(ServerFailed):
        patch.apply(change, at.world("intent-1"))


@pytest.mark.parametrize(
    ("status", "causes", "code"),
    [
        (409, [], "precondition"),
        (422, [], "precondition"),
        (422, [{"field": "spec"}], "rejected"),
        (403, [], "forbidden"),
        (429, [], "throttled"),
    ],
)
def test_what_the_server_refuses_was_not_done(at: Shop, status: int, causes: list[Any], code: str) -> None:
    """Each in its own words."""
    change = planned(at, [IMAGE])
    at.api.fail("PATCH", status=status, message="no", causes=causes)
    outcome = patch.apply(change, at.world("intent-1"))
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, code)


def test_a_webhook_that_takes_no_dry_run_is_said_and_not_fatal(at: Shop) -> None:
    """What it would leave is worked out here; one that says no is a refusal."""
    at.api.fail("PATCH", status=400, message='admission webhook "w" does not support dry run')
    change = planned(at, [IMAGE])
    assert any("not tried out" in said for said in change.warnings)
    assert change.fields[0].after == "api:3"
    assert change.undo is not None
    at.applied(patch, change)
    assert at.image == "api:3"
    at.api.fail("PATCH", status=400, message='admission webhook "w" denied the request: no Fridays')
    refused = patch.plan(API | {"patch": SLOWER}, at.world())
    assert isinstance(refused, Refused)
    assert "no Fridays" in refused.reason


def test_who_may_not_patch_is_told_so_when_planning(at: Shop) -> None:
    """The dry run needs the permission that the change needs."""
    at.api.fail("PATCH", status=403, message='User "viewer" cannot patch resource "deployments"')
    with pytest.raises(Forbidden, match="cannot patch"):
        planned(at, [IMAGE])


@pytest.mark.fault(72)
def test_what_admission_makes_of_it_is_said(at: Shop) -> None:
    """Another value than asked for, another field besides; and neither is the step's to take back."""
    at.api.admission = admission
    change = planned(at, SLOWER)
    assert [(one.path, one.after) for one in change.fields] == [("/spec/minReadySeconds", 30)]
    assert any("makes something else of /spec/minReadySeconds" in said for said in change.warnings)
    assert any("changes /metadata/labels/mesh as well" in said for said in change.warnings)
    assert "+    mesh: 'on'" in change.diff
    assert change.undo is not None
    assert [one["path"] for one in change.undo.request["operations"]] == ["/spec/minReadySeconds"]


def admission(obj: dict[str, Any]) -> None:
    """Of a cluster where nothing is fast, and everything in a mesh."""
    obj["spec"]["minReadySeconds"] = 30
    obj["metadata"].setdefault("labels", {})["mesh"] = "on"


@pytest.mark.fault(72)
def test_a_patch_that_admission_takes_back_is_refused(at: Shop) -> None:
    """It would be accepted, and change nothing."""
    at.api.admission = lambda obj: obj["spec"].pop("minReadySeconds", None)
    refused = patch.plan(API | {"patch": SLOWER}, at.world())
    assert isinstance(refused, Refused)
    assert "leaves everything as it is" in refused.reason


def test_a_template_that_no_pod_would_get_is_said(at: Shop) -> None:
    """A patch may be meant for later; then there is no rollout to wait for."""
    at.deployment["spec"]["paused"] = True
    change = planned(at, [IMAGE])
    assert any("paused" in said for said in change.warnings)
    seen = patch.arrived(change, at.applied(patch, change), at.world())
    assert seen.verdict is Verdict.PASS
    assert set(seen.output) == patch.SPEC.output_names


def test_an_owner_or_an_autoscaler_that_may_put_it_back_is_named(at: Shop) -> None:
    """Whoever approves knows."""
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "api"}, "minReplicas": 2, "maxReplicas": 5}
    at.api.put("/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/hpa", {"spec": spec})
    at.deployment["metadata"]["annotations"]["meta.helm.sh/release-name"] = "shop"
    said = planned(at, {"spec": {"replicas": 4}}).warnings
    assert any("autoscaler hpa" in one for one in said)
    assert any("Helm release shop" in one for one in said)


@pytest.mark.parametrize("body", [None, "x", {}, [], ["x"]])
def test_a_patch_is_a_map_or_a_list_of_operations(at: Shop, body: Any) -> None:
    """A template may have yielded anything."""
    with pytest.raises(ParameterError, match="patch"):
        patch.plan(API | {"patch": body}, at.world())


def test_a_kind_that_is_not_known_here_needs_its_api_version(at: Shop) -> None:
    """Which is then asked for where it is."""
    rollout = {"kind": "Rollout", "name": "web", "namespace": "shop", "patch": {"spec": {"paused": True}}}
    with pytest.raises(UsageError, match="api_version"):
        patch.plan(rollout, at.world())
    resources = [{"kind": "Rollout", "name": "rollouts", "namespaced": True}]
    at.api.objects["/apis/argoproj.io/v1alpha1"] = {"metadata": {}, "resources": resources}
    where = "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web"
    at.api.put(where, {"kind": "Rollout", "spec": {"paused": False}})
    change = patch.plan(rollout | {"api_version": "argoproj.io/v1alpha1"}, at.world())
    assert isinstance(change, Change)
    outcome = at.applied(patch, change)
    assert at.api.objects[where]["spec"]["paused"] is True
    assert patch.arrived(change, outcome, at.world()).verdict is Verdict.PASS


def test_a_rehearsal_names_the_fields() -> None:
    """Of either form; it opens nothing."""
    merge = patch.rehearse(
        API | {"patch": {"spec": {"replicas": 3, "paused": None}}}, {"before": {"/spec/replicas": 2}}
    )
    assert [(one.path, one.before, one.after) for one in merge.fields] == [
        ("/spec/paused", None, None),
        ("/spec/replicas", 2, 3),
    ]
    assert str(merge.target) == "Deployment shop/api"
    json = patch.rehearse(API | {"patch": [IMAGE], "destructive": True}, {})
    assert (json.fields[0].path, json.effect) == (IMAGE["path"], Effect.DESTRUCTIVE)


@pytest.mark.fault(73)
def test_fields_that_are_newer_than_any_client_stay(at: Shop) -> None:
    """What is not touched is not sent, and so not lost; nor by taking it back."""
    at.deployment["spec"]["template"]["spec"]["inventedIn2031"] = {"deep": [1]}
    change = planned(at, [IMAGE])
    at.applied(patch, change)
    assert change.undo is not None
    back = patch.plan(change.undo.inputs, at.world())
    assert isinstance(back, Change)
    at.applied(patch, back, "intent-2")
    assert at.deployment["spec"]["template"]["spec"]["inventedIn2031"] == {"deep": [1]}
    assert not any("inventedIn2031" in str(one["body"]) for one in at.api.sent("PATCH"))


def test_the_server_that_echoes_a_secret_is_not_repeated(at: Shop) -> None:
    """A refusal quotes the object that it is about."""
    at.api.put("/api/v1/namespaces/shop/secrets/db", {"kind": "Secret", "data": {"password": "aHVudGVyMiE="}})
    quoted = '"{\\"kind\\":\\"Secret\\",\\"data\\":{\\"password\\":\\"aHVudGVyMiE=\\"}}"'
    said = f' "" is invalid: patch: Invalid value: {quoted}: strict decoding error: unknown field "foo"'
    at.api.fail("PATCH", status=422, message=said, causes=[{"field": "patch", "message": said}])
    inputs = {"kind": "Secret", "name": "db", "namespace": "shop", "patch": {"foo": 1}}
    refused = patch.plan(inputs, at.world())
    assert isinstance(refused, Refused)
    assert refused.reason.endswith('invalid: strict decoding error: unknown field "foo"')
