from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.errors import LostAnswer, ServerFailed
from runbook.core.changes import CannotTell, Change, DidApply, DidNotApply, Refused
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import Forbidden
from runbook.kinds import applying
from runbook.kinds import kubernetes_apply as apply
from support.kube_kinds import Shop, shop
from support.kube_verbs import all_asked

WHERE = "/api/v1/namespaces/shop/configmaps/flags"


def flags(**data: Any) -> dict[str, Any]:
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "flags"}, "data": data}
    return {"namespace": "shop", "manifest": manifest}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def planned(at: Shop, inputs: dict[str, Any]) -> Change:
    change = apply.plan(inputs, at.world())
    assert isinstance(change, Change), change
    return change


def made(at: Shop, **data: str) -> dict[str, Any]:
    """A ConfigMap that nobody manages."""
    return at.api.put(WHERE, {"kind": "ConfigMap", "apiVersion": "v1", "data": data})


def test_what_is_sent_is_the_manifest_with_marks_and_what_was_read(at: Shop) -> None:
    """One request, by our manager, strictly, without force."""
    obj = made(at, cart="on")
    at.applied(apply, planned(at, flags(cart="off")))
    [sent] = at.api.sent("PATCH")
    metadata = sent["body"]["metadata"]
    assert sent["body"]["data"] == {"cart": "off"}
    assert (metadata["uid"], set(metadata["annotations"])) == (
        obj["metadata"]["uid"],
        {"runbook-engine/intent", "runbook-engine/run"},
    )
    assert metadata["resourceVersion"].isdigit()
    assert (sent["query"]["fieldManager"], sent["query"]["force"]) == ("runbook-engine", "false")
    assert sent["query"]["fieldValidation"] == "Strict"


def test_an_object_to_be_made_is_sent_with_a_version_that_none_has(at: Shop) -> None:
    """The server makes it, or says 409."""
    at.applied(apply, planned(at, flags(cart="off")))
    [sent] = at.api.sent("PATCH")
    assert sent["body"]["metadata"]["resourceVersion"] == applying.NO_VERSION
    assert "uid" not in sent["body"]["metadata"]
    assert "runbook-engine/created-by" in sent["body"]["metadata"]["annotations"]


@pytest.mark.parametrize("there", [True, False], ids=["changed", "made"])
def test_a_lost_answer_is_settled_by_the_mark(at: Shop, there: bool) -> None:
    """Of an object that was there, and of one that was not."""
    if there:
        made(at, cart="on")
    change = planned(at, flags(cart="off"))
    at.api.fail("PATCH", lost=True)
    with pytest.raises(LostAnswer):
        apply.apply(change, at.world("intent-1"))
    found = apply.confirm(change, at.world("intent-1"))
    assert isinstance(found, DidApply)
    assert set(found.outcome.output) == apply.SPEC.output_names
    assert apply.arrived(change, found.outcome, at.world()).verdict is Verdict.PASS
    assert isinstance(apply.confirm(change, at.world("intent-2")), CannotTell if there else DidNotApply)


@pytest.mark.parametrize("there", [True, False], ids=["changed", "made"])
def test_what_was_dropped_on_its_way_can_be_sent_again_once_its_time_is_over(at: Shop, there: bool) -> None:
    """Not before: until then it may still arrive."""
    if there:
        made(at, cart="on")
    change = planned(at, flags(cart="off"))
    at.api.fail("PATCH", dropped=True)
    with pytest.raises(LostAnswer):
        apply.apply(change, at.world("intent-1"))
    hurried = at.world("intent-1", timeout=0.5)
    assert isinstance(apply.confirm(change, hurried), CannotTell)
    assert isinstance(apply.confirm(change, at.world("intent-1")), DidNotApply)
    at.applied(apply, change, "intent-1")


@pytest.mark.parametrize("status", [500, 504])
def test_a_server_that_gives_up_leaves_a_doubt(at: Shop, status: int) -> None:
    """It may still do what it was asked."""
    change = planned(at, flags(cart="off"))
    at.api.fail("PATCH", status=status, message="request did not complete within the allotted timeout")
    with pytest.raises(ServerFailed):
        apply.apply(change, at.world("intent-1"))


@pytest.mark.parametrize(
    ("status", "causes", "code"),
    [
        (409, [], "precondition"),
        (
            409,
            [{"reason": "FieldManagerConflict", "message": 'conflict with "helm"', "field": ".data.x"}],
            "precondition",
        ),
        (422, [{"field": "data"}], "rejected"),
        (403, [], "forbidden"),
        (404, [], "not-found"),
        (429, [], "throttled"),
    ],
)
def test_what_the_server_refuses_was_not_done(at: Shop, status: int, causes: list[Any], code: str) -> None:
    """A manager that came in between voids the plan, as a change does; the next plan names it."""
    change = planned(at, flags(cart="off"))
    at.api.fail("PATCH", status=status, message="no", causes=causes)
    outcome = apply.apply(change, at.world("intent-1"))
    assert (outcome.applied, outcome.error and outcome.error.code) == (Applied.NO, code)


def test_a_manifest_that_does_not_fit_the_schema_is_refused(at: Shop) -> None:
    """For which the server answers 500."""
    said = "failed to create typed patch object (shop/flags; /v1, Kind=ConfigMap): .dta: field not declared in schema"
    at.api.fail("PATCH", status=500, message=said)
    refused = apply.plan(flags(cart="off"), at.world())
    assert isinstance(refused, Refused)
    assert ".dta: field not declared" in refused.reason


def test_a_webhook_that_takes_no_dry_run_is_said_and_not_fatal(at: Shop) -> None:
    """What it would leave is worked out here."""
    made(at, cart="on", search="on")
    at.api.fail("PATCH", status=400, message='admission webhook "w" does not support dry run')
    change = planned(at, flags(cart="off"))
    assert any("worked out here" in said for said in change.warnings)
    assert [(one.path, one.before, one.after) for one in change.fields] == [("/data/cart", "on", "off")]
    at.applied(apply, change)
    assert at.api.objects[WHERE]["data"] == {"cart": "off", "search": "on"}


def test_who_may_not_patch_is_told_so_when_planning(at: Shop) -> None:
    """The dry run needs the permission that the change needs."""
    at.api.fail("PATCH", status=403, message='User "viewer" cannot patch resource "configmaps"')
    with pytest.raises(Forbidden, match="cannot patch"):
        planned(at, flags(cart="off"))


def test_what_admission_adds_is_shown_and_taken_back_with_the_rest(at: Shop) -> None:
    """All that the server changes is the change's."""
    made(at, cart="on")
    at.api.admission = lambda obj: obj["data"].update(audited="yes")
    change = planned(at, flags(cart="off"))
    assert [one.path for one in change.fields] == ["/data/audited", "/data/cart"]


def test_a_removal_whose_answer_was_lost_is_found_to_be_done(at: Shop) -> None:
    """What is gone is gone; what is still there once the time is over was not deleted."""
    change = planned(at, flags(cart="off"))
    at.applied(apply, change)
    assert change.undo is not None
    back = planned(at, dict(change.undo.inputs))
    assert back.effect is Effect.DESTRUCTIVE
    at.api.fail("DELETE", dropped=True)
    with pytest.raises(LostAnswer):
        apply.apply(back, at.world("intent-2"))
    assert isinstance(apply.confirm(back, at.world("intent-2", timeout=0.5)), CannotTell)
    assert isinstance(apply.confirm(back, at.world("intent-2")), DidNotApply)
    at.api.fail("DELETE", lost=True)
    with pytest.raises(LostAnswer):
        apply.apply(back, at.world("intent-2"))
    found = apply.confirm(back, at.world("intent-2"))
    assert isinstance(found, DidApply)
    assert apply.arrived(back, found.outcome, at.world()).verdict is Verdict.PASS


def test_a_removal_deletes_the_object_with_this_uid_and_what_it_owns(at: Shop) -> None:
    """One of the same name that came after it stays."""
    change = planned(at, flags(cart="off"))
    at.applied(apply, change)
    assert change.undo is not None
    back = planned(at, dict(change.undo.inputs))
    uid = at.api.objects[WHERE]["metadata"]["uid"]
    made(at, cart="on")
    assert apply.apply(back, at.world("intent-2")).applied is Applied.NO
    assert WHERE in at.api.objects
    [sent] = at.api.sent("DELETE")
    assert (sent["body"]["preconditions"], sent["body"]["propagationPolicy"]) == ({"uid": uid}, "Background")


def test_a_removal_waits_for_finalizers(at: Shop) -> None:
    """Deleted is not gone."""
    change = planned(at, flags(cart="off"))
    at.applied(apply, change)
    assert change.undo is not None
    back = planned(at, dict(change.undo.inputs))
    kept = dict(at.api.objects[WHERE])
    outcome = at.applied(apply, back)
    at.api.objects[WHERE] = kept
    seen = apply.arrived(back, outcome, at.world())
    assert seen.verdict is Verdict.UNKNOWN
    assert "finalizers" in (seen.unknown or "")


def test_what_is_needed_covers_what_is_sent(at: Shop) -> None:
    """Nothing is asked of the cluster that was not said."""
    image = {"name": "api", "image": "api:3"}
    manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api"}}
    inputs = {"namespace": "shop", "manifest": manifest | {"spec": {"replicas": 3, "template": {"spec": {}}}}}
    inputs["manifest"]["spec"]["template"]["spec"]["containers"] = [image]
    at.api.requests.clear()
    change = planned(at, inputs)
    apply.arrived(change, at.applied(apply, change), at.world())
    asked = all_asked(at.api.requests)
    assert asked <= {(need.verb, need.resource) for need in apply.needs(inputs)}
    assert not any(need.is_there for need in apply.needs(inputs))
    assert apply.needs({"file": "x.yaml"}) == ()


@pytest.mark.parametrize(
    ("obj", "manifest", "after"),
    [
        ({"a": 1, "b": {"c": 1}}, {"b": {"d": 2}}, {"a": 1, "b": {"c": 1, "d": 2}}),
        ({"a": [{"name": "x", "v": 1}]}, {"a": [{"name": "y"}]}, {"a": [{"name": "x", "v": 1}, {"name": "y"}]}),
        ({"a": [{"name": "x", "v": 1}]}, {"a": [{"name": "x", "w": 2}]}, {"a": [{"name": "x", "v": 1, "w": 2}]}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
    ],
)
def test_what_a_manifest_makes_of_an_object_can_be_told_roughly(obj: Any, manifest: Any, after: Any) -> None:
    """Where the server may not be asked."""
    assert applying.laid_over(obj, manifest) == after


def test_a_rehearsal_names_the_fields_and_reads_no_file() -> None:
    """It opens nothing."""
    change = apply.rehearse(flags(cart="off"), {"before": {"/data/cart": "on"}})
    assert str(change.target) == "ConfigMap shop/flags"
    assert ("/data/cart", "on", "off") in [(one.path, one.before, one.after) for one in change.fields]
    assert apply.rehearse({"file": "none.yaml"}, {}).digest == apply.rehearse({"file": "none.yaml"}, {}).digest
