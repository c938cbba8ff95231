from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.errors import LostAnswer
from runbook.core.changes import CannotTell, DidApply, DidNotApply, NothingToDo, Refused
from runbook.core.words import Applied, Verdict
from runbook.errors import ParameterError
from runbook.kinds import kubernetes_set_image as set_image
from support.kube_kinds import Shop, shop


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def container(at: Shop) -> dict[str, Any]:
    one: dict[str, Any] = at.deployment["spec"]["template"]["spec"]["containers"][0]
    return one


def test_a_plan_shows_both_images_and_what_a_person_would_type(at: Shop) -> None:
    """And sends nothing for good."""
    change = at.planned(set_image, image="api:3")
    assert change.diff.splitlines()[-2:] == ["-image: api:2", "+image: api:3"]
    assert change.fields[0].path == "/spec/template/spec/containers/api/image"
    assert change.by_hand == "kubectl --context test -n shop set image deployment/api api=api:3"
    assert at.api.sent("PATCH") == []


def test_what_is_sent_is_tested_on_the_name_and_the_old_image(at: Shop) -> None:
    """An image that somebody else has set in between is not overwritten."""
    change = at.planned(set_image, image="api:3")
    container(at)["image"] = "api:2-hotfix"
    assert set_image.apply(change, at.world("intent-1")).applied is Applied.NO
    assert at.image == "api:2-hotfix"
    assert at.planned(set_image, image="api:3").digest != change.digest


def test_the_undo_planned_anew_is_the_one_that_was_approved(at: Shop) -> None:
    """It brings the image before back, and planning it again finds nothing to do."""
    change = at.planned(set_image, image="api:3")
    at.applied(set_image, change)
    assert isinstance(set_image.plan(at.inputs | {"image": "api:3"}, at.world()), NothingToDo)
    assert change.undo is not None
    back = set_image.plan(change.undo.inputs, at.world())
    assert back.digest == change.undo.digest
    at.applied(set_image, back, "intent-2")
    assert at.image == "api:2"


def test_several_containers_need_a_name_and_an_init_container_has_one(at: Shop) -> None:
    """The others are left alone."""
    spec = at.deployment["spec"]["template"]["spec"]
    spec["containers"].append({"name": "proxy", "image": "proxy:1"})
    spec["initContainers"] = [{"name": "migrate", "image": "migrate:1"}]
    refused = set_image.plan(at.inputs | {"image": "api:3"}, at.world())
    assert isinstance(refused, Refused)
    assert "api, proxy" in refused.reason
    at.applied(set_image, at.planned(set_image, image="migrate:2", container="migrate"))
    images = [one["image"] for part in ("containers", "initContainers") for one in spec[part]]
    assert images == ["api:2", "proxy:1", "migrate:1"]
    assert at.deployment["spec"]["template"]["spec"]["initContainers"][0]["image"] == "migrate:2"


def test_an_image_before_whose_name_floats_is_said(at: Shop) -> None:
    """Its undo is a name, and may lead elsewhere by then."""
    container(at)["image"] = "api:latest"
    assert any("may lead to something else" in said for said in at.planned(set_image, image="api:3").warnings)


def test_it_arrives_as_a_rollout_does(at: Shop) -> None:
    """An image that never becomes ready does not arrive."""
    at.api.ready = False
    change = at.planned(set_image, image="api:3")
    outcome = at.applied(set_image, change)
    assert set_image.arrived(change, outcome, at.world()).verdict is Verdict.UNKNOWN
    at.api.ready = True
    at.api.reconcile()
    seen = set_image.arrived(change, outcome, at.world())
    assert seen.verdict is Verdict.PASS
    assert set(seen.output) == set_image.SPEC.output_names
    assert (seen.output["before"], seen.output["image"]) == ("api:2", "api:3")


def test_a_webhook_is_heard_and_one_that_takes_no_dry_run_is_not_fatal(at: Shop) -> None:
    """A no is a refusal; not to be asked is said."""
    at.api.fail("PATCH", status=400, message='admission webhook "w" does not support dry run')
    assert any("not tried out" in said for said in at.planned(set_image, image="api:3").warnings)
    at.api.fail("PATCH", status=400, message='admission webhook "w" denied the request: no Fridays')
    refused = set_image.plan(at.inputs | {"image": "api:3"}, at.world())
    assert isinstance(refused, Refused)
    assert "no Fridays" in refused.reason


def test_a_lost_answer_is_settled_by_the_mark_or_by_the_old_image(at: Shop) -> None:
    """And by nobody where neither is there."""
    change = at.planned(set_image, image="api:3")
    at.api.fail("PATCH", lost=True)
    with pytest.raises(LostAnswer):
        set_image.apply(change, at.world("intent-1"))
    assert isinstance(set_image.confirm(change, at.world("intent-1")), DidApply)
    assert isinstance(set_image.confirm(change, at.world("intent-2")), CannotTell)
    container(at)["image"] = "api:2"
    assert isinstance(set_image.confirm(change, at.world("intent-2")), DidNotApply)


@pytest.mark.parametrize("image", [None, "", 3, "api 3"])
def test_an_image_is_one_word(at: Shop, image: object) -> None:
    """A template may have yielded anything."""
    with pytest.raises(ParameterError, match="image"):
        set_image.plan(at.inputs | {"image": image}, at.world())


def test_a_rehearsal_knows_the_image_that_it_is_given() -> None:
    """And opens nothing."""
    change = set_image.rehearse(Shop.inputs | {"image": "api:3"}, {"before": "api:2"})
    assert (change.fields[0].before, change.fields[0].after) == ("api:2", "api:3")
