from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.core.changes import DidApply, DidNotApply, NothingToDo, Refused
from runbook.core.words import Applied, Verdict
from runbook.document.words import Effect
from runbook.errors import ParameterError, WorldError
from runbook.kinds import kubernetes_scale as scale
from support.kube_kinds import Shop, shop

STATEFUL = "/apis/apps/v1/namespaces/shop/statefulsets/queue"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def test_a_plan_says_the_direction_and_both_numbers(at: Shop) -> None:
    """From two to ten, and back if it does not help."""
    change = at.planned(scale, replicas=10)
    assert change.summary == "Scale Deployment shop/api up from 2 to 10"
    assert change.effect is Effect.CHANGE
    assert (change.fields[0].before, change.fields[0].after) == (2, 10)
    assert change.by_hand == "kubectl --context test -n shop scale deployment/api --replicas=10"
    assert "-replicas: 2\n+replicas: 10" in change.diff
    assert at.api.sent("PATCH") == []


@pytest.mark.parametrize(("replicas", "only"), [(2, None), (1, "up"), (3, "down")])
def test_there_is_nothing_to_do(at: Shop, replicas: int, only: str | None) -> None:
    """Already so, or only in the other direction: capacity is never taken away by an `up`."""
    inputs = at.inputs | {"replicas": replicas} | ({"only": only} if only else {})
    assert isinstance(scale.plan(inputs, at.world()), NothingToDo)


def test_to_zero_is_destructive_and_so_is_an_undo_to_zero(at: Shop) -> None:
    """The plan raises the effect, and the gate follows the plan."""
    assert at.planned(scale, replicas=0).effect is Effect.DESTRUCTIVE
    at.deployment["spec"]["replicas"] = 0
    change = at.planned(scale, replicas=2)
    assert change.effect is Effect.CHANGE
    assert change.undo is not None
    assert change.undo.effect is Effect.DESTRUCTIVE


def test_what_is_sent_is_tested_on_the_old_number(at: Shop) -> None:
    """Somebody who scaled in between is not overruled."""
    change = at.planned(scale, replicas=10)
    at.deployment["spec"]["replicas"] = 4
    outcome = scale.apply(change, at.world("intent-1"))
    assert outcome.applied is Applied.NO
    assert outcome.error is not None
    assert outcome.error.code == "precondition"
    assert at.deployment["spec"]["replicas"] == 4


def test_another_generation_alone_does_not_stop_it(at: Shop) -> None:
    """A new template between plan and patch is nothing to the number of replicas."""
    change = at.planned(scale, replicas=10)
    at.deployment["metadata"]["generation"] += 1
    outcome = at.applied(scale, change)
    assert outcome.output["before"] == 2
    assert set(outcome.output) == scale.SPEC.output_names


def test_it_has_arrived_when_as_many_are_available(at: Shop) -> None:
    """Not when they are asked for."""
    at.api.ready = False
    change = at.planned(scale, replicas=3)
    outcome = at.applied(scale, change)
    seen = scale.arrived(change, outcome, at.world())
    assert (seen.verdict, seen.output["available"]) == (Verdict.UNKNOWN, 0)
    at.api.ready = True
    at.api.reconcile()
    seen = scale.arrived(change, outcome, at.world())
    assert (seen.verdict, seen.output["available"]) == (Verdict.PASS, 3)


@pytest.mark.fault(70)
def test_an_autoscaler_that_overrules_it_is_a_failure(at: Shop) -> None:
    """The step does not claim what is not so."""
    change = at.planned(scale, replicas=3)
    outcome = at.applied(scale, change)
    at.deployment["spec"]["replicas"] = 7
    seen = scale.arrived(change, outcome, at.world())
    assert seen.verdict is Verdict.FAIL
    assert "replicas to 7" in seen.output["message"]


@pytest.mark.parametrize(("name", "warned"), [("api", True), ("other", False)])
def test_an_autoscaler_is_named_beforehand(at: Shop, name: str, warned: bool) -> None:
    """Only one that is of this object."""
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": name}, "minReplicas": 2, "maxReplicas": 5}
    at.api.put("/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/hpa", {"spec": spec})
    warnings = at.planned(scale, replicas=10).warnings
    assert any("autoscaler hpa sets its replicas (2 to 5)" in warning for warning in warnings) is warned


def test_autoscalers_that_may_not_be_read_are_said(at: Shop) -> None:
    """A missing permission is no proof that there is none."""
    path = "/apis/apps/v1/namespaces/shop/deployments/api"
    assert at.client.read(path, timeout=1)  # the first GET; the identity and the autoscalers follow
    change = at.planned(scale, replicas=10)
    assert not any("could not be read" in warning for warning in change.warnings)
    at.client.identity  # noqa: B018 - so that the next plan reads the Deployment and then the autoscalers
    at.api.fail("GET")
    at.api.fail("GET", status=403, message="no")
    assert any("could not be read" in warning for warning in at.planned(scale, replicas=10).warnings)


def test_the_undo_planned_anew_has_the_digest_that_was_approved(at: Shop) -> None:
    """And it puts the old number back."""
    change = at.planned(scale, replicas=10, only="up")
    at.applied(scale, change)
    assert change.undo is not None
    back = scale.plan(change.undo.inputs, at.world())
    assert back.digest == change.undo.digest
    at.applied(scale, back, "intent-2")
    assert at.deployment["spec"]["replicas"] == 2


@pytest.mark.fault(67)
def test_a_lost_answer_is_settled_by_the_mark_or_by_the_old_number(at: Shop) -> None:
    """Applied where the mark is, not applied where the number is still the old one and cannot be reached."""
    change = at.planned(scale, replicas=10)
    at.api.fail("PATCH", lost=True)
    with pytest.raises(WorldError):
        scale.apply(change, at.world("intent-1"))
    assert isinstance(scale.confirm(change, at.world("intent-1")), DidApply)
    assert isinstance(scale.confirm(at.planned(scale, replicas=11), at.world("intent-2")), DidNotApply)


def test_a_stateful_set_is_scaled_too(at: Shop) -> None:
    """It has no progress deadline, but it has numbers."""
    template = {"metadata": {"labels": {}}, "spec": {"containers": []}}
    at.api.put(STATEFUL, {"spec": {"replicas": 1, "template": template}})
    inputs = {"statefulset": "queue", "namespace": "shop", "replicas": 2}
    change = scale.plan(inputs, at.world())
    assert not isinstance(change, Refused | NothingToDo)
    outcome = at.applied(scale, change)
    generation = at.api.objects[STATEFUL]["metadata"]["generation"]
    at.api.objects[STATEFUL]["status"] = {"observedGeneration": generation, "replicas": 2, "availableReplicas": 2}
    assert scale.arrived(change, outcome, at.world()).verdict is Verdict.PASS
    assert change.by_hand == "kubectl --context test -n shop scale statefulset/queue --replicas=2"


@pytest.mark.parametrize("replicas", ["10", True, -1, 2.5, None])
def test_replicas_must_be_a_whole_number(at: Shop, replicas: object) -> None:
    """A template may have yielded anything."""
    with pytest.raises(ParameterError, match="replicas"):
        scale.plan(at.inputs | {"replicas": replicas}, at.world())


@pytest.mark.parametrize("named", [{}, {"deployment": "a", "statefulset": "b"}])
def test_exactly_one_object_is_named(at: Shop, named: dict[str, str]) -> None:
    """Not none, not two."""
    with pytest.raises(ParameterError, match="one deployment or one statefulset"):
        scale.plan({"replicas": 1} | named, at.world())


def test_a_rehearsal_knows_the_numbers_that_it_is_given() -> None:
    """To zero is destructive there too."""
    change = scale.rehearse(Shop.inputs | {"replicas": 0}, {"before": 3})
    assert change.effect is Effect.DESTRUCTIVE
    assert change.fields[0].before == 3
