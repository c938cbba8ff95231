from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.errors import LostAnswer
from runbook.core.changes import Change, DidApply, DidNotApply, NothingToDo, Refused
from runbook.core.words import Applied, Verdict
from runbook.kinds import kubernetes_rollout_restart as restart
from runbook.kinds import kubernetes_rollout_undo as undo
from runbook.kinds.deployments import RESTARTED_AT
from support import kube_revisions
from support.kube_kinds import Shop, shop
from support.kube_revisions import DAEMON_SET, STATEFUL_SET

QUEUE, AGENT = {"statefulset": "queue", "namespace": "shop"}, {"daemonset": "agent", "namespace": "shop"}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        made.api.broken = {"bad"}
        for path in (STATEFUL_SET, DAEMON_SET):
            kube_revisions.deploy(made.api, path, "good:1")
        yield made


def stamp(at: Shop) -> str | None:
    notes = at.deployment["spec"]["template"]["metadata"].get("annotations") or {}
    value: str | None = notes.get(RESTARTED_AT)
    return value


def test_the_time_is_that_of_the_plan_and_not_of_the_sending(at: Shop) -> None:
    """Sent again, it would be the same template: nothing restarts twice."""
    change = at.planned(restart)
    planned_at = at.api.now.isoformat().replace("+00:00", "Z")
    at.api.later(90)
    outcome = at.applied(restart, change)
    assert stamp(at) == outcome.output["restarted_at"] == planned_at
    assert restart.apply(change, at.world("intent-1")).applied is Applied.NO


def test_a_plan_made_anew_is_the_same_change(at: Shop) -> None:
    """What is approved is a restart; its time is no part of the digest."""
    before = at.planned(restart)
    at.api.later(90)
    after = at.planned(restart)
    assert after.digest == before.digest
    assert after.inputs["restarted_at"] != before.inputs["restarted_at"]


def test_a_second_restart_is_another_change_with_a_later_time(at: Shop) -> None:
    """Also within one second, where kubectl gives up."""
    change = at.planned(restart)
    at.applied(restart, change)
    again = at.planned(restart)
    assert again.digest != change.digest
    assert again.inputs["restarted_at"] > change.inputs["restarted_at"]
    at.applied(restart, again, "intent-2")


def test_it_cannot_be_taken_back_and_says_why(at: Shop) -> None:
    """Nobody is offered an undo that is none."""
    change = at.planned(restart)
    assert change.undo is None
    assert change.irreversible is not None
    assert "gone" in change.irreversible


@pytest.mark.parametrize("inputs", [Shop.inputs, QUEUE, AGENT], ids=["Deployment", "StatefulSet", "DaemonSet"])
def test_it_has_arrived_once_the_new_pods_are_available(at: Shop, inputs: dict[str, Any]) -> None:
    """All of them, with this very template."""
    change = restart.plan(inputs, at.world())
    assert isinstance(change, Change)
    outcome = at.applied(restart, change)
    seen = restart.arrived(change, outcome, at.world())
    assert seen.verdict is Verdict.PASS
    assert set(seen.output) == restart.SPEC.output_names


def test_a_lost_answer_is_settled_by_the_mark_or_the_time_before(at: Shop) -> None:
    """Restarted, or provably not."""
    change = at.planned(restart)
    at.api.fail("PATCH", lost=True)
    with pytest.raises(LostAnswer):
        restart.apply(change, at.world("intent-1"))
    assert isinstance(restart.confirm(change, at.world("intent-1")), DidApply)
    later = at.planned(restart)
    at.deployment["metadata"]["generation"] += 1
    assert isinstance(restart.confirm(later, at.world("intent-2")), DidNotApply)


def refused(at: Shop, inputs: dict[str, Any]) -> str:
    planned = restart.plan(inputs, at.world())
    assert isinstance(planned, Refused), planned
    return planned.reason


def test_what_would_restart_nothing_is_refused_or_nothing(at: Shop) -> None:
    """Paused, OnDelete, a partition above all pods, no pods at all."""
    at.api.objects[DAEMON_SET]["spec"]["updateStrategy"] = {"type": "OnDelete"}
    assert "OnDelete" in refused(at, AGENT)
    at.api.objects[STATEFUL_SET]["spec"]["updateStrategy"] = {"rollingUpdate": {"partition": 9}}
    assert "partition" in refused(at, QUEUE)
    at.deployment["spec"]["replicas"] = 0
    assert isinstance(restart.plan(at.inputs, at.world()), NothingToDo)
    at.deployment["spec"]["paused"] = True
    assert "paused" in refused(at, at.inputs)


def test_what_is_not_well_beforehand_is_said(at: Shop) -> None:
    """A pod that is never replaced, all pods at once, a rollout half-way."""
    kube_revisions.deploy(at.api, STATEFUL_SET, "bad")
    change = restart.plan(QUEUE, at.world())
    assert isinstance(change, Change)
    assert any("delete pod queue-2" in warning for warning in change.warnings)
    assert any("has not rolled out now" in warning for warning in change.warnings)
    at.deployment["spec"]["strategy"] = {"type": "Recreate"}
    assert any("Recreate" in warning for warning in at.planned(restart).warnings)


def test_a_rollback_after_a_restart_goes_to_the_version_before(at: Shop) -> None:
    """Not to the same image without the annotation."""
    at.applied(restart, at.planned(restart))
    assert at.planned(undo).request["target"]["images"] == {"api": "api:1"}


def test_a_rehearsal_opens_nothing() -> None:
    """And is the same each time."""
    change = restart.rehearse(Shop.inputs, {})
    assert change.irreversible
    assert change.digest == restart.rehearse(Shop.inputs, {}).digest
