from __future__ import annotations

from typing import Any

import pytest

from runbook.document.words import Effect
from runbook.kinds import kubernetes_dangers as dangers


@pytest.mark.parametrize(
    ("path", "before", "after", "said"),
    [
        ("/spec/replicas", {"spec": {"replicas": 2}}, {"spec": {"replicas": 0}}, "no replica"),
        ("/metadata/finalizers", {"metadata": {"finalizers": ["a"]}}, {"metadata": {}}, "without its finalizer"),
        ("/metadata/ownerReferences", {"metadata": {}}, {"metadata": {"ownerReferences": [{}]}}, "who owns it"),
    ],
)
def test_what_destroys_something_is_said(path: str, before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    """And makes the change destructive."""
    found = dangers.dangers([path], before, after)
    assert len(found) == 1
    assert said in found[0]
    assert dangers.effect({}, found) is Effect.DESTRUCTIVE


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("/spec/replicas", {"spec": {"replicas": 2}}, {"spec": {"replicas": 1}}),
        ("/spec/replicas", {"spec": {"replicas": 2}}, {"spec": {}}),
        ("/metadata/finalizers", {"metadata": {}}, {"metadata": {"finalizers": ["a"]}}),
        ("/data/password", {"data": {"password": "x"}}, {"data": {}}),
    ],
)
def test_what_can_be_put_back_destroys_nothing(path: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """An author may still say that it does."""
    assert dangers.dangers([path], before, after) == ()
    assert dangers.irreversible("ConfigMap", [path], before, after) is None
    assert dangers.losses("ConfigMap", [path], before) == ()
    assert dangers.effect({}, ()) is Effect.CHANGE
    assert dangers.effect({"destructive": True}, ()) is Effect.DESTRUCTIVE


def test_a_value_of_a_secret_that_is_written_over_is_lost() -> None:
    """One that is added is not."""
    held = {"data": {"password": "x"}}
    assert dangers.losses("Secret", ["/data/password", "/data/new"], held) == (
        "what is in password now is lost: no runbook keeps the values of a Secret",
    )
    assert dangers.irreversible("Secret", ["/data/password"], held, {}) is not None
    assert dangers.irreversible("Secret", ["/data/new"], held, {}) is None


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/status/phase", "a status"),
        ("/status", "a status"),
        ("/apiVersion", "says which object it is"),
        ("/metadata/generation", "is the server's"),
        ("/metadata/managedFields", "is the server's"),
        ("/metadata/annotations/runbook-engine~1intent", "its own changes"),
        ("/metadata/annotations/deprecated.deployment.rollback.to", "use kubernetes.rollout_undo"),
        ("/metadata/labels/uid", None),
        ("/spec/status", None),
        ("/metadata/annotations/runbook", None),
    ],
)
def test_what_is_not_for_a_step_is_told_from_what_is_called_alike(path: str, said: str | None) -> None:
    """By where it stands."""
    found = dangers.untouchable(["/spec/x", path])
    assert (found is None) if said is None else (said in (found or ""))
