from __future__ import annotations

from typing import Any

import pytest

from runbook.core.words import Verdict
from runbook.kinds import deployments, rollouts

TEMPLATE = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api", "image": "a"}]}}
ACCEPTED = "2026-11-23T12:00:00+00:00"
DONE = {"observedGeneration": 5, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}


def deadline(stamp: str) -> dict[str, Any]:
    reason = "ProgressDeadlineExceeded"
    return {"conditions": [{"type": "Progressing", "reason": reason, "lastUpdateTime": stamp}]}


def look(status: dict[str, Any], *, available: int = 3, at: str = ACCEPTED, **spec: Any) -> tuple[Verdict | None, str]:
    deployment = {
        "metadata": {"name": "api", "uid": spec.pop("uid", "u1"), "generation": 5},
        "spec": {"template": TEMPLATE, "replicas": 3} | spec,
        "status": DONE | status,
    }
    current = {
        "metadata": {
            "name": "api-h1",
            "uid": "r1",
            "creationTimestamp": "2026-11-23T11:00:00Z",
            "ownerReferences": [{"controller": True, "uid": "u1"}],
        },
        "spec": {"template": TEMPLATE},
        "status": {"availableReplicas": available},
    }
    seen = deployments.history(deployment, [current], deployments.datetime.fromisoformat(at))
    left = {"uid": "u1", "generation": 5, "template": deployments.template_digest(TEMPLATE), "at": ACCEPTED}
    observation = rollouts.look(seen, left)
    return observation.verdict, observation.output["message"]


OTHER = {"metadata": {}, "spec": {"containers": [{"name": "api", "image": "b"}]}}

ROWS: list[tuple[dict[str, Any], dict[str, Any], Verdict, str]] = [
    ({}, {}, Verdict.PASS, "rolled out"),
    ({"observedGeneration": 4}, {}, Verdict.UNKNOWN, "to see the change"),
    ({"updatedReplicas": 1}, {}, Verdict.UNKNOWN, "1 of 3 replicas have the new template"),
    ({"replicas": 4}, {}, Verdict.UNKNOWN, "1 replicas of the old template"),
    ({"availableReplicas": 2}, {}, Verdict.UNKNOWN, "2 of 3 new replicas are available"),
    ({}, {"available": 2}, Verdict.UNKNOWN, "2 of 3 replicas of api-h1"),
    ({}, {"paused": True}, Verdict.UNKNOWN, "paused"),
    ({}, {"uid": "u2"}, Verdict.FAIL, "made anew"),
    ({}, {"template": OTHER}, Verdict.FAIL, "superseded"),
    (deadline("2026-11-23T12:09:00Z"), {}, Verdict.FAIL, "progress deadline"),
    (deadline("2026-11-23T11:59:00Z"), {}, Verdict.PASS, "rolled out"),
    # One that has outlived a whole deadline since is ours: not even a first pod could be made.
    (deadline("2026-11-23T11:59:00Z"), {"at": "2026-11-23T12:10:01Z"}, Verdict.FAIL, "progress deadline"),
    (
        deadline("2026-11-23T11:59:00Z"),
        {"at": "2026-11-23T12:00:29Z", "progressDeadlineSeconds": 5},
        Verdict.PASS,
        "rolled out",
    ),
]


@pytest.mark.parametrize(("status", "spec", "verdict", "said"), ROWS, ids=lambda value: str(value)[:40])
def test_a_rollout_stands_where(status: dict[str, Any], spec: dict[str, Any], verdict: Verdict, said: str) -> None:
    """kubectl's rule in its order, then the target's own ReplicaSet; an old deadline is nobody's."""
    found, message = look(status, **spec)
    assert found is verdict
    assert said in message
