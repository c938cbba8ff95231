"""Pausing and resuming: each takes the other back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.errors import LostAnswer
from runbook.core.changes import Change, DidApply, DidNotApply, NothingToDo
from runbook.core.words import Applied, Verdict
from runbook.kinds import kubernetes_rollout_pause as pause
from runbook.kinds import kubernetes_rollout_resume as resume
from support.kube_api import deploy
from support.kube_kinds import Shop, shop


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def paused(at: Shop) -> bool:
    return bool(at.deployment["spec"].get("paused"))


def test_a_pause_is_sent_arrives_and_is_taken_back_under_the_same_approval(at: Shop) -> None:
    """Its undo is a resumption, of the template that was there."""
    change = at.planned(pause)
    outcome = at.applied(pause, change)
    seen = pause.arrived(change, outcome, at.world())
    assert (seen.verdict, seen.output["paused"], set(seen.output)) == (Verdict.PASS, True, pause.SPEC.output_names)
    assert change.undo is not None
    assert change.undo.kind == resume.SPEC.name
    back = at.planned(resume, **change.undo.inputs)
    assert back.digest == change.undo.digest
    at.applied(resume, back, "intent-2")
    assert not paused(at)


def test_a_resumption_is_taken_back_by_a_pause(at: Shop) -> None:
    """What was rolled out meanwhile stays rolled out."""
    at.applied(pause, at.planned(pause))
    change = at.planned(resume)
    at.applied(resume, change, "intent-2")
    assert change.undo is not None
    back = at.planned(pause, **change.undo.inputs)
    assert (back.kind, back.digest) == (pause.SPEC.name, change.undo.digest)
    assert back.undo is None


@pytest.mark.parametrize(("kind", "is_paused"), [(pause, True), (resume, False)])
def test_what_is_so_already_needs_nothing(at: Shop, kind: Any, is_paused: bool) -> None:
    """Nothing is sent for it."""
    at.deployment["spec"]["paused"] = is_paused
    assert isinstance(kind.plan(at.inputs, at.world()), NothingToDo)


def test_a_resumption_approves_the_template_that_it_rolls_out(at: Shop) -> None:
    """Whoever changes it during the gate voids the approval; the plan shows what waits."""
    at.applied(pause, at.planned(pause))
    before = at.planned(resume)
    at.api.controller = False
    deploy(at.api, "api:9")
    after = at.planned(resume)
    assert after.digest != before.digest
    assert "image: api:9" in after.diff
    assert any("changed while it was paused" in warning for warning in after.warnings)


def test_a_rollout_that_a_pause_stops_half_way_is_said(at: Shop) -> None:
    """Pods of both templates stay."""
    at.api.ready = False
    deploy(at.api, "api:3")
    assert any("stops where it is" in warning for warning in at.planned(pause).warnings)


def test_a_pause_that_somebody_ended_has_not_arrived(at: Shop) -> None:
    """A failure, with a name."""
    change = at.planned(pause)
    outcome = at.applied(pause, change)
    at.deployment["spec"]["paused"] = False
    seen = pause.arrived(change, outcome, at.world())
    assert seen.verdict is Verdict.FAIL
    assert "resumed" in seen.output["message"]


def test_a_resumption_arrives_with_its_rollout(at: Shop) -> None:
    """Accepted is not arrived."""
    at.applied(pause, at.planned(pause))
    change = at.planned(resume)
    at.api.ready = False
    outcome = at.applied(resume, change, "intent-2")
    assert resume.arrived(change, outcome, at.world()).verdict is Verdict.UNKNOWN
    at.api.ready = True
    at.api.reconcile()
    assert resume.arrived(change, outcome, at.world()).verdict is Verdict.PASS


@pytest.mark.parametrize("kind", [pause, resume])
def test_a_lost_answer_is_settled(at: Shop, kind: Any) -> None:
    """By the mark, or by the flag as it was once the change can no longer arrive."""
    at.deployment["spec"]["paused"] = kind is resume
    change = kind.plan(at.inputs, at.world())
    assert isinstance(change, Change)
    at.deployment["metadata"]["generation"] += 1
    assert isinstance(kind.confirm(change, at.world("intent-1")), DidNotApply)
    assert kind.apply(change, at.world("intent-1")).applied is Applied.NO
    change = kind.plan(at.inputs, at.world())
    at.api.fail("PATCH", lost=True)
    with pytest.raises(LostAnswer):
        kind.apply(change, at.world("intent-1"))
    assert isinstance(kind.confirm(change, at.world("intent-1")), DidApply)


@pytest.mark.parametrize("kind", [pause, resume])
def test_a_rehearsal_opens_nothing(kind: Any) -> None:
    """And its undo, which is the other one, can be shown."""
    change = kind.rehearse(Shop.inputs, {})
    assert change.undo is not None
    assert {change.kind, change.undo.kind} == {pause.SPEC.name, resume.SPEC.name}
