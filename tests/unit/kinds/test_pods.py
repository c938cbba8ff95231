from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from runbook.kinds import pods

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def pod(phase: str = "Running", *states: dict[str, Any], **status: Any) -> dict[str, Any]:
    metadata = {"name": "api-1", "namespace": "shop", "uid": "u", "creationTimestamp": "2026-11-23T11:00:00Z"}
    containers = [{"name": "a"} for _ in states]
    return {
        "metadata": metadata,
        "spec": {"containers": containers},
        "status": {"phase": phase, "containerStatuses": list(states)} | status,
    }


def waits(reason: str, **more: Any) -> dict[str, Any]:
    return {"name": "a", "ready": False, "state": {"waiting": {"reason": reason}}} | more


def ended(code: int, reason: str | None = None, at: str = "2026-11-23T11:30:00Z") -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "finishedAt": at} | ({"reason": reason} if reason else {})}


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (pod("Running", {"name": "a", "ready": True, "state": {"running": {}}}), "Running"),
        (pod("Running", waits("CrashLoopBackOff")), "CrashLoopBackOff"),
        (pod("Pending", waits("ImagePullBackOff")), "ImagePullBackOff"),
        (pod("Failed", reason="Evicted"), "Evicted"),
        (pod("Running", {"name": "a", "state": ended(3)}), "ExitCode:3"),
        (
            pod("Pending", waits("PodInitializing"), initContainerStatuses=[waits("CrashLoopBackOff")]),
            "Init:CrashLoopBackOff",
        ),
        (
            pod("Running", {"name": "a", "state": {"running": {}}}, initContainerStatuses=[{"state": ended(0)}]),
            "Running",
        ),
        (pod() | {"status": {}}, "Unknown"),
    ],
)
def test_the_word_is_the_one_of_kubectl(one: dict[str, Any], word: str) -> None:
    """A reason before the phase."""
    assert pods.status(one) == word


def test_what_is_being_deleted_is_terminating() -> None:
    """Whatever its phase says."""
    one = pod()
    one["metadata"]["deletionTimestamp"] = "2026-11-23T11:59:00Z"
    assert pods.status(one) == "Terminating"


@pytest.mark.parametrize(
    ("one", "crashing"),
    [
        (pod("Running", waits("CrashLoopBackOff", restartCount=3)), True),
        (pod("Running", {"name": "a", "state": ended(1), "restartCount": 2}), True),
        (pod("Running", {"name": "a", "state": ended(1), "restartCount": 0}), False),
        (pod("Running", {"name": "a", "state": {"running": {}}, "restartCount": 5}), False),
        (pod("Failed", {"name": "a", "state": ended(1), "restartCount": 2}), False),
        (pod("Pending", waits("ImagePullBackOff")), False),
    ],
)
def test_crashing_is_failing_again_and_again(one: dict[str, Any], crashing: bool) -> None:
    """Not one failure, not a job that failed, not an image that is missing."""
    assert pods.is_crashing(one) is crashing


def test_the_last_end_of_any_container_is_told() -> None:
    """Of two containers that ended, the one that ended last."""
    first = {"name": "a", "state": {"running": {}}, "restartCount": 1, "lastState": ended(137, "OOMKilled")}
    second = {"name": "b", "state": ended(1, "Error", "2026-11-23T11:45:00Z")}
    told = pods.told(pod("Running", first, second), AT)
    assert (told["last_termination_reason"], told["last_exit_code"]) == ("Error", 1)
    assert told["oom_killed"] is True
    assert told["age_seconds"] == 3600


def test_an_empty_dir_and_a_mirror_are_seen() -> None:
    """What a drain must know."""
    one = pod()
    one["spec"]["volumes"] = [{"name": "cache", "emptyDir": {}}, {"name": "config", "configMap": {"name": "c"}}]
    assert pods.empty_dirs(one) == ("cache",)
    assert not pods.is_mirror(one)
    one["metadata"]["annotations"] = {pods.MIRROR: "hash"}
    assert pods.is_mirror(one)
