"""`kubernetes.patch` on the scripted API server and on a real one."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from runbook.clients.kubernetes.errors import NotFound
from runbook.core.changes import Change, DidApply, DidNotApply, NothingToDo, Outcome, Refused
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import ParameterError
from runbook.kinds import kubernetes_patch as patch
from support.kube_cluster import Cluster
from support.real_cluster import wait

SHOP = {"kind": "Service", "name": "shop"}
MAINTENANCE = {"spec": {"selector": {"app": "maintenance"}}}


class Patched:
    """A Service and a ConfigMap, and the object that a test is about."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        ports = [{"name": "http", "port": 80}, {"name": "admin", "port": 81}]
        cluster.make("Service", "shop", {"spec": {"selector": {"app": "shop"}, "ports": ports}})
        cluster.make("ConfigMap", "flags", {"data": {"cart": "on", "search": "on"}})

    def get(self, kind: str, name: str) -> dict[str, Any]:
        found = self.cluster.get(kind, name)
        assert found is not None
        return found

    def plan(self, inputs: dict[str, Any], intent: str | None = None) -> Any:
        return patch.plan({"namespace": self.cluster.namespace} | inputs, self.cluster.world(intent))

    def planned(self, inputs: dict[str, Any]) -> Change:
        change = self.plan(inputs)
        assert isinstance(change, Change), change
        return change

    def done(self, change: Change, intent: str = "intent-1") -> Outcome:
        world = self.cluster.world(intent)
        outcome = patch.apply(change, world)
        assert outcome.applied is Applied.YES, outcome
        wait(lambda: patch.arrived(change, outcome, world).verdict is Verdict.PASS)
        return outcome

    def somebody(self, kind: str, name: str, path: str, value: Any) -> None:
        operations = [{"op": "add", "path": path, "value": value}]
        self.cluster.client.patch(self.cluster.path(kind, name), operations, timeout=10)


@pytest.fixture
def at(cluster: Cluster) -> Patched:
    return Patched(cluster)


FLAGS = {"kind": "ConfigMap", "name": "flags"}
FORMS: dict[str, tuple[dict[str, Any], Any]] = {
    "merge": (SHOP, MAINTENANCE),
    "merge that removes": (FLAGS, {"data": {"cart": None, "new": "1"}}),
    "replace": (FLAGS, [{"op": "replace", "path": "/data/cart", "value": "off"}]),
    "remove": (FLAGS, [{"op": "test", "path": "/data/cart", "value": "on"}, {"op": "remove", "path": "/data/cart"}]),
    "in a list": (SHOP, [{"op": "replace", "path": "/spec/ports/1/port", "value": 82}]),
    "to a list": (SHOP, [{"op": "add", "path": "/spec/ports/-", "value": {"name": "more", "port": 83}}]),
    "first annotation": (FLAGS, {"metadata": {"annotations": {"example.com/owner": "us"}}}),
    "first label": (SHOP, {"metadata": {"labels": {"canary": "1"}}}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_patch_is_done_and_taken_back_under_the_same_approval(at: Patched, form: str) -> None:
    """Nothing to do when it is there; the fields as they were once it is taken back."""
    what, body = FORMS[form]
    before = at.get(what["kind"], what["name"])
    change = at.planned(what | {"patch": body})
    at.done(change)
    assert at.get(what["kind"], what["name"]) != before
    if form != "to a list":  # which says that there shall be one more, each time
        assert isinstance(at.plan(what | {"patch": body}), NothingToDo | Refused)
    assert patch.apply(change, at.cluster.world("intent-1")).applied is Applied.NO
    assert change.undo is not None
    back = at.planned(change.undo.inputs)
    assert back.digest == change.undo.digest
    at.done(back, "intent-2")
    after = at.get(what["kind"], what["name"])
    assert [after.get(part) for part in ("spec", "data")] == [before.get(part) for part in ("spec", "data")]
    assert (after["metadata"].get("labels") or {}) == (before["metadata"].get("labels") or {})


def test_the_plan_shows_what_the_server_would_leave(at: Patched) -> None:
    """A key that goes is a line that goes; nothing has happened yet."""
    change = at.planned(FLAGS | {"patch": {"data": {"cart": None, "search": "off"}}})
    lines = change.diff.splitlines()
    assert "-  cart: 'on'" in lines
    assert "-  search: 'on'" in lines
    assert "+  search: 'off'" in lines
    assert [(one.path, one.before, one.after) for one in change.fields] == [
        ("/data/cart", "on", None),
        ("/data/search", "on", "off"),
    ]
    assert "resourceVersion" not in change.diff
    assert at.get("ConfigMap", "flags")["data"] == {"cart": "on", "search": "on"}


def test_a_field_that_somebody_else_has_set_is_not_overwritten(at: Patched) -> None:
    """And one beside it voids nothing."""
    change = at.planned(FLAGS | {"patch": {"data": {"cart": "off"}}})
    at.somebody("ConfigMap", "flags", "/data/search", "off")
    assert at.planned(FLAGS | {"patch": {"data": {"cart": "off"}}}).digest == change.digest
    at.somebody("ConfigMap", "flags", "/data/cart", "half")
    outcome = patch.apply(change, at.cluster.world("intent-1"))
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, "precondition")
    assert at.planned(FLAGS | {"patch": {"data": {"cart": "off"}}}).digest != change.digest
    assert at.get("ConfigMap", "flags")["data"]["cart"] == "half"


def test_an_object_made_anew_voids_the_approval(at: Patched) -> None:
    """The same name and the same data are another object."""
    change = at.planned(FLAGS | {"patch": {"data": {"cart": "off"}}})
    at.cluster.client.delete(at.cluster.path("ConfigMap", "flags"), {}, timeout=10)
    assert patch.apply(change, at.cluster.world("intent-1")).applied is Applied.NO
    assert isinstance(patch.confirm(change, at.cluster.world("intent-1")), DidNotApply)
    at.cluster.make("ConfigMap", "flags", {"data": {"cart": "on", "search": "on"}})
    assert patch.apply(change, at.cluster.world("intent-1")).applied is Applied.NO
    assert at.planned(FLAGS | {"patch": {"data": {"cart": "off"}}}).digest != change.digest


def test_what_was_sent_is_found_by_its_mark_and_what_was_not_is_proven(at: Patched) -> None:
    """As after a crash between the two."""
    change = at.planned(FLAGS | {"patch": {"data": {"cart": "off"}}})
    patch.apply(change, at.cluster.world("intent-1"))
    found = patch.confirm(change, at.cluster.world("intent-1"))
    assert isinstance(found, DidApply)
    assert found.outcome.output["changed"] == ["/data/cart"]
    assert patch.arrived(change, found.outcome, at.cluster.world()).verdict is Verdict.PASS
    other = at.planned(FLAGS | {"patch": {"data": {"search": "off"}}})
    at.somebody("ConfigMap", "flags", "/data/search", "half")
    assert not isinstance(patch.confirm(other, at.cluster.world("intent-2")), DidApply)


def test_fields_that_somebody_changes_afterwards_are_superseded(at: Patched) -> None:
    """What is looked at is what was left, not that something was sent."""
    change = at.planned(FLAGS | {"patch": {"data": {"cart": "off"}}})
    outcome = at.done(change)
    at.somebody("ConfigMap", "flags", "/data/cart", "on")
    seen = patch.arrived(change, outcome, at.cluster.world())
    assert seen.verdict is Verdict.FAIL
    assert "superseded" in (seen.unknown or "")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"status": {"loadBalancer": {}, "x": 1}}, "status"),
        ({"metadata": {"uid": "x"}}, "/metadata/uid is the server's"),
        ({"metadata": {"name": "x"}}, "/metadata/name is the server's"),
        ({"metadata": {"resourceVersion": "1"}}, "/metadata/resourceVersion is the server's"),
        ({"kind": "Pod"}, "/kind says which object"),
        ({"metadata": {"annotations": {"runbook-engine/intent": "x"}}}, "its own changes"),
        ([{"op": "test", "path": "/spec/selector/app", "value": "x"}], "it is not so"),
        ([{"op": "remove", "path": "/spec/gone"}], "there is nothing at /spec/gone"),
        ([{"op": "remove", "path": "/spec/ports/7"}], "there is nothing at /spec/ports/7"),
    ],
)
def test_what_is_not_for_a_step_to_change_is_refused(at: Patched, body: Any, said: str) -> None:
    """Before anything is sent for good."""
    refused = at.plan(SHOP | {"patch": body})
    assert isinstance(refused, Refused), refused
    assert said in refused.reason


def test_what_the_server_calls_invalid_is_refused_with_its_causes(at: Patched) -> None:
    """By the dry run, and so before the gate."""
    template = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": "busybox"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "api"}}, "template": template}
    at.cluster.make("Deployment", "api", {"spec": spec})
    refused = at.plan({"kind": "Deployment", "name": "api", "patch": {"spec": {"replicas": -1}}})
    assert isinstance(refused, Refused)
    assert "spec.replicas: Invalid value" in refused.reason


def test_a_patch_of_a_workload_arrives_as_a_rollout(at: Patched) -> None:
    """And to no replica it is destructive, as a scale is."""
    template = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": "busybox:1"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "api"}}, "template": template}
    at.cluster.make("Deployment", "api", {"spec": spec})
    what = {"kind": "Deployment", "name": "api"}
    path = "/spec/template/spec/containers/0/image"
    change = at.planned(what | {"patch": [{"op": "replace", "path": path, "value": "busybox:2"}]})
    assert change.precondition["/spec/template/spec/containers/0/name"] == "api"
    outcome = at.done(change)
    assert "rolled out" in patch.arrived(change, outcome, at.cluster.world()).output["message"]
    none = at.planned(what | {"patch": {"spec": {"replicas": 0}}})
    assert none.effect is Effect.DESTRUCTIVE
    assert any("no replica" in said for said in none.warnings)


def test_the_step_may_say_that_it_destroys_something(at: Patched) -> None:
    """A plan can raise the effect, and so can its author."""
    assert at.planned(SHOP | {"patch": MAINTENANCE, "destructive": True}).effect is Effect.DESTRUCTIVE
    assert at.planned(SHOP | {"patch": MAINTENANCE}).effect is Effect.CHANGE


def test_a_finalizer_that_goes_is_destructive_and_does_not_come_back(at: Patched) -> None:
    """What waited for it goes on."""
    at.somebody("ConfigMap", "flags", "/metadata/finalizers", ["example.com/keep"])
    change = at.planned(FLAGS | {"patch": {"metadata": {"finalizers": None}}})
    assert (change.effect, change.undo) == (Effect.DESTRUCTIVE, None)
    assert "finalizer" in (change.irreversible or "")
    at.done(change)


def secret(at: Patched) -> dict[str, str]:
    data: dict[str, str] = at.get("Secret", "db")["data"]
    return data


def test_the_values_of_a_secret_are_set_and_shown_to_nobody(at: Patched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the one before nor the one after is in anything that is recorded."""
    before, after = base64.b64encode(b"hunter2!").decode(), base64.b64encode(b"correct horse").decode()
    at.cluster.make("Secret", "db", {"data": {"password": before}})
    at.cluster.environ["DB_PASSWORD"] = "correct horse"
    body = {"stringData": {"password": {"env": "DB_PASSWORD"}}}
    change = at.planned({"kind": "Secret", "name": "db", "patch": body})
    for shown in (str(change), change.diff, change.by_hand):
        assert not any(value in shown for value in (before, after, "hunter2!", "correct horse"))
    assert (change.effect, change.undo) == (Effect.DESTRUCTIVE, None)
    assert "not kept" in (change.irreversible or "")
    assert change.fields[0].before != change.fields[0].after
    outcome = at.done(change)
    assert secret(at) == {"password": after}
    assert after not in str(outcome)
    assert isinstance(at.plan({"kind": "Secret", "name": "db", "patch": body}), NothingToDo)


def test_a_value_that_is_added_to_a_secret_can_be_removed_again(at: Patched) -> None:
    """Nothing is lost by it."""
    at.cluster.make("Secret", "db", {"data": {"password": "aHVudGVyMiE="}})
    at.cluster.environ["TOKEN"] = "a token that is long"
    body = [{"op": "add", "path": "/data/token", "value": {"env": "TOKEN"}}]
    change = at.planned({"kind": "Secret", "name": "db", "patch": body})
    assert change.effect is Effect.CHANGE
    at.done(change)
    assert base64.b64decode(secret(at)["token"]) == b"a token that is long"
    assert change.undo is not None
    back = at.planned(change.undo.inputs)
    assert (back.digest, back.effect) == (change.undo.digest, Effect.CHANGE)
    at.done(back, "intent-2")
    assert set(secret(at)) == {"password"}


def test_a_secret_that_was_turned_since_the_plan_is_not_set(at: Patched) -> None:
    """What was approved is this value and no other."""
    at.cluster.make("Secret", "db", {"data": {"password": "aHVudGVyMiE="}})
    at.cluster.environ["DB_PASSWORD"] = "correct horse"
    change = at.planned({"kind": "Secret", "name": "db", "patch": {"data": {"password": {"env": "DB_PASSWORD"}}}})
    at.cluster.environ["DB_PASSWORD"] = "battery staple"
    outcome = patch.apply(change, at.cluster.world("intent-1"))
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, "precondition")
    del at.cluster.environ["DB_PASSWORD"]
    assert patch.apply(change, at.cluster.world("intent-1")).applied is Applied.NO
    assert secret(at) == {"password": "aHVudGVyMiE="}


def test_a_value_of_a_secret_in_a_document_is_an_error(at: Patched) -> None:
    """It would be in the journal."""
    at.cluster.make("Secret", "db", {"data": {"password": "aHVudGVyMiE="}})
    for body in ({"stringData": {"password": "hunter2!"}}, [{"op": "add", "path": "/data/x", "value": "aHVudGVyMiE="}]):
        with pytest.raises(ParameterError, match="by reference"):
            at.plan({"kind": "Secret", "name": "db", "patch": body})


def test_what_is_not_there_cannot_be_patched(at: Patched) -> None:
    """A name, and a kind."""
    with pytest.raises(NotFound):
        at.plan({"kind": "ConfigMap", "name": "none", "patch": {"data": {"a": "1"}}})
    with pytest.raises(NotFound):
        at.plan({"kind": "Gadget", "api_version": "example.com/v1", "name": "x", "patch": {"data": {"a": "1"}}})
