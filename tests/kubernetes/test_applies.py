"""`kubernetes.apply` on the scripted API server and on a real one."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from runbook.core.changes import Change, DidApply, DidNotApply, NothingToDo, Outcome, Refused
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.kinds import kubernetes_apply as apply
from runbook.kinds import kubernetes_patch as patch
from runbook.kinds import kubernetes_scale as scale
from support.kube_cluster import Cluster
from support.real_cluster import wait

Manifest = dict[str, Any]


def flags(**data: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "flags"}, "data": data}


def api(image: str = "busybox:1.36", **spec: Any) -> Manifest:
    template = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": image}]}}
    body = {"selector": {"matchLabels": {"app": "api"}}, "template": template} | spec
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api"}, "spec": body}


class Applying:
    """What a test plans and sends in a namespace of its own."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def plan(self, manifest: Manifest, **more: Any) -> Any:
        inputs = {"namespace": self.cluster.namespace, "manifest": manifest} | more
        return apply.plan(inputs, self.cluster.world())

    def planned(self, manifest: Manifest, **more: Any) -> Change:
        change = self.plan(manifest, **more)
        assert isinstance(change, Change), change
        return change

    def done(self, change: Change, intent: str = "intent-1", kind: Any = apply) -> Outcome:
        world = self.cluster.world(intent)
        outcome: Outcome = kind.apply(change, world)
        assert outcome.applied is Applied.YES, outcome
        wait(lambda: kind.arrived(change, outcome, world).verdict is Verdict.PASS)
        return outcome

    def taken_back(self, change: Change, kind: Any, intent: str = "intent-9") -> None:
        assert change.undo is not None
        back = kind.plan(change.undo.inputs, self.cluster.world())
        assert isinstance(back, Change), back
        assert back.digest == change.undo.digest
        self.done(back, intent, kind)

    def data(self) -> dict[str, str]:
        found = self.cluster.get("ConfigMap", "flags")
        assert found is not None
        return dict(found.get("data") or {})


@pytest.fixture
def at(cluster: Cluster) -> Applying:
    return Applying(cluster)


def test_an_object_is_made_once_and_removed_under_the_same_approval(at: Applying) -> None:
    """Nothing to do while it is there; gone once it is taken back."""
    change = at.planned(flags(cart="off"))
    assert change.summary.startswith("Make ConfigMap")
    assert "+  cart: 'off'" in change.diff.splitlines()
    assert at.cluster.get("ConfigMap", "flags") is None
    outcome = at.done(change)
    assert outcome.output["created"] is True
    assert at.data() == {"cart": "off"}
    assert isinstance(at.plan(flags(cart="off")), NothingToDo)
    assert apply.apply(change, at.cluster.world("intent-1")).applied is Applied.NO
    at.taken_back(change, apply)
    assert at.cluster.get("ConfigMap", "flags") is None
    assert change.undo is not None
    assert isinstance(apply.plan(change.undo.inputs, at.cluster.world()), NothingToDo)


def test_an_object_that_somebody_makes_first_is_not_ours(at: Applying) -> None:
    """The server says 409: nothing is merged into theirs, and theirs is not removed."""
    change = at.planned(flags(cart="off"))
    at.cluster.make("ConfigMap", "flags", {"data": {"search": "on"}})
    outcome = apply.apply(change, at.cluster.world("intent-1"))
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, "precondition")
    assert isinstance(apply.confirm(change, at.cluster.world("intent-1")), DidNotApply)
    assert at.data() == {"search": "on"}
    assert change.undo is not None
    refused = apply.plan(change.undo.inputs, at.cluster.world())
    assert isinstance(refused, Refused)
    assert "not the one that this run has made" in refused.reason


def test_what_somebody_changed_in_what_we_made_is_shown_before_it_is_removed(at: Applying) -> None:
    """That is another removal than the one that was approved."""
    change = at.planned(flags(cart="off"))
    at.done(change)
    at.cluster.applied_by("helm", "ConfigMap", "flags", {"data": {"cart": "half"}})
    assert change.undo is not None
    back = apply.plan(change.undo.inputs, at.cluster.world())
    assert isinstance(back, Change)
    assert back.digest != change.undo.digest
    assert [one.path for one in back.fields] == ["/metadata/name", "/data/cart"]


def test_fields_of_an_object_that_is_there_are_changed_and_put_back(at: Applying) -> None:
    """What the manifest does not name stays as it is."""
    at.cluster.applied_by("helm", "ConfigMap", "flags", {"data": {"search": "on"}})
    change = at.planned(flags(cart="off"))
    assert [(one.path, one.before, one.after) for one in change.fields] == [("/data/cart", None, "off")]
    at.done(change)
    assert at.data() == {"search": "on", "cart": "off"}
    at.taken_back(change, patch)
    assert at.data() == {"search": "on"}


def test_what_a_manifest_no_longer_names_is_removed_and_shown(at: Applying) -> None:
    """As far as it was ours alone."""
    at.done(at.planned(flags(cart="off", search="off")))
    change = at.planned(flags(cart="half"))
    assert [(one.path, one.after) for one in change.fields] == [("/data/cart", "half"), ("/data/search", None)]
    at.done(change, "intent-2")
    assert at.data() == {"cart": "half"}
    at.taken_back(change, patch)
    assert at.data() == {"cart": "off", "search": "off"}


def test_a_field_of_another_manager_is_refused_with_both_names(at: Applying) -> None:
    """Nothing is forced that nobody asked for."""
    at.cluster.applied_by("helm", "ConfigMap", "flags", {"data": {"cart": "on", "search": "on"}})
    refused = at.plan(flags(cart="off"))
    assert isinstance(refused, Refused)
    assert "helm has set .data.cart to something else" in refused.reason
    assert "force: true" in refused.reason
    assert at.data() == {"cart": "on", "search": "on"}


def test_what_is_forced_is_destructive_and_says_whose_it_was(at: Applying) -> None:
    """At the gate; and the manager gets its value back when it is taken back."""
    at.cluster.applied_by("helm", "ConfigMap", "flags", {"data": {"cart": "on"}})
    change = at.planned(flags(cart="off"), force=True)
    assert change.effect is Effect.DESTRUCTIVE
    assert any("helm has set .data.cart, and is not asked" in said for said in change.warnings)
    assert change.request["takes_over"] == [{"manager": "helm", "field": ".data.cart"}]
    at.done(change)
    assert at.data() == {"cart": "off"}
    at.taken_back(change, patch)
    assert at.data() == {"cart": "on"}


def test_force_without_a_conflict_is_no_danger(at: Applying) -> None:
    """There is nothing to take over."""
    at.cluster.applied_by("helm", "ConfigMap", "flags", {"data": {"search": "on"}})
    change = at.planned(flags(cart="off"), force=True)
    assert (change.effect, change.request["force"]) == (Effect.CHANGE, False)


def test_what_another_step_of_ours_has_set_is_taken_over(at: Applying) -> None:
    """A manifest applies again after it was taken back, and after a scale; nobody else's field is."""
    at.done(at.planned(api(replicas=1)))
    inputs = {"deployment": "api", "namespace": at.cluster.namespace, "replicas": 2}
    scaled = scale.plan(inputs, at.cluster.world())
    assert isinstance(scaled, Change)
    at.done(scaled, "intent-2", scale)
    change = at.planned(api(replicas=1))
    assert (change.effect, change.request["takes_over"]) == (Effect.CHANGE, [])
    at.done(change, "intent-3")
    at.taken_back(change, patch)
    at.done(at.planned(api(replicas=1)), "intent-4")


def test_what_changes_between_plan_and_sending_voids_the_plan(at: Applying) -> None:
    """A value, a manager, or the object itself."""
    at.cluster.applied_by("helm", "ConfigMap", "flags", {"data": {"search": "on"}})
    change = at.planned(flags(cart="off"))
    at.cluster.applied_by("helm", "ConfigMap", "flags", {"data": {"search": "on", "cart": "on"}})
    outcome = apply.apply(change, at.cluster.world("intent-1"))
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, "precondition")
    at.cluster.client.delete(at.cluster.path("ConfigMap", "flags"), {}, timeout=10)
    outcome = apply.apply(change, at.cluster.world("intent-1"))
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, "precondition")
    at.cluster.make("ConfigMap", "flags", {"data": {"search": "on"}})
    outcome = apply.apply(change, at.cluster.world("intent-1"))
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, "precondition")
    assert at.planned(flags(cart="off")).digest != change.digest


def test_what_was_sent_is_found_by_its_mark(at: Applying) -> None:
    """Made or changed, as after a crash between the two."""
    made = at.planned(flags(cart="off"))
    apply.apply(made, at.cluster.world("intent-1"))
    found = apply.confirm(made, at.cluster.world("intent-1"))
    assert isinstance(found, DidApply)
    assert found.outcome.output["created"] is True
    changed = at.planned(flags(cart="on"))
    apply.apply(changed, at.cluster.world("intent-2"))
    found = apply.confirm(changed, at.cluster.world("intent-2"))
    assert isinstance(found, DidApply)
    assert apply.arrived(changed, found.outcome, at.cluster.world()).verdict is Verdict.PASS


def test_a_workload_arrives_as_a_rollout_and_returns_to_its_image(at: Applying) -> None:
    """Made, changed, taken back."""
    at.done(at.planned(api()))
    change = at.planned(api("busybox:1.37"))
    assert [one.path for one in change.fields] == ["/spec/template/spec/containers/0/image"]
    outcome = at.done(change, "intent-2")
    assert "rolled out" in apply.arrived(change, outcome, at.cluster.world()).output["message"]
    at.taken_back(change, patch)
    found = at.cluster.get("Deployment", "api")
    assert found is not None
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "busybox:1.36"


def test_the_mark_of_who_made_it_outlives_later_applies(at: Applying) -> None:
    """Or what a run has made could not be taken back once it has also changed it."""
    change = at.planned(flags(cart="off"))
    at.done(change)
    later = at.planned(flags(cart="on"))
    at.done(later, "intent-2")
    at.taken_back(later, patch)
    at.taken_back(change, apply)
    assert at.cluster.get("ConfigMap", "flags") is None


def test_a_secret_is_made_of_references_and_shown_to_nobody(at: Applying) -> None:
    """Written over it is lost; made it can be removed."""
    at.cluster.environ["DB_PASSWORD"] = "correct horse"
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}}
    manifest |= {"stringData": {"password": {"env": "DB_PASSWORD"}}}
    change = at.planned(manifest)
    encoded = base64.b64encode(b"correct horse").decode()
    outcome = at.done(change)
    assert not any(value in str(change) + str(outcome) for value in ("correct horse", encoded))
    found = at.cluster.get("Secret", "db")
    assert found is not None
    assert found["data"] == {"password": encoded}
    at.cluster.environ["DB_PASSWORD"] = "battery staple"
    turned = at.planned(manifest)
    assert (turned.effect, turned.undo) == (Effect.DESTRUCTIVE, None)
    at.cluster.environ["DB_PASSWORD"] = "something else"
    assert apply.apply(turned, at.cluster.world("intent-2")).applied is Applied.NO
    at.taken_back(change, apply)


def test_what_the_server_calls_invalid_is_refused(at: Applying) -> None:
    """A value by its causes; a field that the schema does not have, for which it answers 500."""
    refused = at.plan(api(replicas=-1))
    assert isinstance(refused, Refused)
    assert "spec.replicas" in refused.reason
    if at.cluster.scripted is None:
        refused = at.plan(flags(cart="off") | {"dta": {}})
        assert isinstance(refused, Refused)
        assert ".dta: field not declared in schema" in refused.reason
