"""Which earlier runs the brakes count: those on the same target, in the same environment."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from runbook.core.changes import Change, Outcome, Target
from runbook.core.words import Applied
from runbook.document.words import Effect
from runbook.hosts.past import past_runs
from runbook.hosts.pinned import Start
from runbook.journal import Actor, Draft, Journal, open_store

API = {"kind": "Deployment", "name": "api"}
WEB = {"kind": "Deployment", "name": "web"}
SHARED = Change(
    kind="kubernetes.scale",
    target=Target(connection="c", kind="ConfigMap", name="shared"),
    summary="set it",
    effect=Effect.CHANGE,
)
KEY = "resolution/o/s:apply#1"


def past(first: dict[str, Any], *, mode: str = "by_hand", applied: bool = True) -> Journal:
    """A store with one run of the runbook `shop` that changed the shared object, or nothing."""
    journal = open_store("memory:")
    stream = "run/0000000000000000000000000a"
    lease = journal.lease(stream, {})
    actor = Actor(kind="person", id="ann")
    started = {"runbook": "shop", "mode": mode, **first}
    journal.open_stream(stream, Draft("run.started", None, started, actor), epoch=lease.epoch)
    outcome = Outcome(applied=Applied.YES if applied else Applied.NO)
    with journal.writing(stream, lease) as writer:
        planned = {"id": "s", "change": msgspec.to_builtins(SHARED), "digest": SHARED.digest}
        for type_, key, data in (
            ("change.planned", KEY.replace("apply", "plan"), planned),
            ("change.intended", KEY, {"change": msgspec.to_builtins(SHARED)}),
            ("change.resulted", KEY, msgspec.to_builtins(outcome)),
        ):
            writer.append(Draft(type_, key, data, Actor(kind="engine", id="runbook-engine")))
    lease.release()
    return journal


def counted(journal: Journal, start: dict[str, Any], touched: str = SHARED.target.lock) -> int:
    new = Start(run="0000000000000000000000000b", **start)
    return len(past_runs(journal, "shop", new, frozenset({touched})))


@pytest.mark.parametrize(
    ("first", "start", "touched", "found"),
    [
        ({}, {}, "c/ConfigMap/shared", 1),
        ({}, {}, "c/ConfigMap/other", 0),
        ({"target": API}, {"target": API}, "c/ConfigMap/other", 1),
        ({"target": WEB}, {"target": API}, "c/ConfigMap/shared", 0),
        ({"target": None}, {"target": API}, "c/ConfigMap/shared", 1),
        ({"target": API, "environment": "prod"}, {"target": API, "environment": "prod"}, "c/ConfigMap/other", 1),
        ({"target": API, "environment": "lab"}, {"target": API, "environment": "prod"}, "c/ConfigMap/shared", 0),
        ({"environment": "lab"}, {"environment": "prod"}, "c/ConfigMap/shared", 0),
        ({"environment": None}, {"environment": "prod"}, "c/ConfigMap/shared", 1),
    ],
    ids=[
        "the same object",
        "another object",
        "the same target",
        "another target, the same object",
        "a run from before there was a target",
        "the same target in the same environment",
        "the same target in another environment",
        "the same object in another environment",
        "a run from before there were environments",
    ],
)
def test_runs_count_by_what_they_say_they_work_on(
    first: dict[str, Any], start: dict[str, Any], touched: str, found: int
) -> None:
    """Names decide where both runs have one; else what was changed does."""
    assert counted(past(first), start, touched) == found


@pytest.mark.parametrize("keys", [{"mode": "dry"}, {"applied": False}], ids=["a dry run", "nothing was applied"])
def test_a_run_that_changed_nothing_does_not_count(keys: dict[str, Any]) -> None:
    """Not even on the very same target."""
    assert counted(past({"target": API}, **keys), {"target": API}) == 0
