"""What a Job says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.core.words import Verdict
from runbook.kinds import jobs


def job(*conditions: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "copy"}, "spec": spec, "status": {"conditions": list(conditions)}}


def said(kind: str, status: str = "True", **more: str) -> dict[str, Any]:
    return {"type": kind, "status": status} | more


def pod(*states: dict[str, Any], phase: str = "Pending", **status: Any) -> dict[str, Any]:
    found = [{"name": f"c{at}", "state": state} for at, state in enumerate(states)]
    return {"metadata": {"name": "copy-1"}, "status": {"phase": phase, "containerStatuses": found} | status}


@pytest.mark.parametrize(
    ("conditions", "ended"),
    [
        ([], None),
        ([said("SuccessCriteriaMet")], None),
        ([said("FailureTarget")], None),
        ([said("Complete", "False")], None),
        ([said("SuccessCriteriaMet"), said("Complete")], (Verdict.PASS, "complete")),
        ([said("Failed")], (Verdict.FAIL, "failed")),
        (
            [said("Failed", reason="DeadlineExceeded", message="Job was active longer than specified deadline")],
            (Verdict.FAIL, "failed: DeadlineExceeded, Job was active longer than specified deadline"),
        ),
    ],
)
def test_a_job_has_ended_by_these_conditions_alone(conditions: list, ended: Any) -> None:
    """Counts of pods and announcements are no end."""
    assert jobs.ended(job(*conditions)) == ended


@pytest.mark.parametrize(
    ("pods", "verdict", "words"),
    [
        ([], Verdict.UNKNOWN, "no pod that runs"),
        (None, Verdict.UNKNOWN, "may not be read"),
        ([pod({"running": {}}, phase="Running")], Verdict.UNKNOWN, "copy-1 Running"),
        ([pod({"waiting": {"reason": "ImagePullBackOff"}})], Verdict.UNKNOWN, "container c0: ImagePullBackOff"),
        (
            [pod({"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}})],
            Verdict.UNKNOWN,
            'CreateContainerConfigError: secret "x" not found',
        ),
        ([pod({"waiting": {"reason": "InvalidImageName"}})], Verdict.FAIL, "InvalidImageName"),
        ([pod({"waiting": {"reason": "ImagePullBackOff"}}, phase="Failed")], Verdict.UNKNOWN, "no pod that runs"),
    ],
)
def test_why_a_job_has_not_ended_is_said(pods: Any, verdict: Verdict, words: str) -> None:
    """It has failed only where a pod never can start."""
    found, why = jobs.waits(job(), pods)
    assert found is verdict
    assert words in why


def test_a_suspended_job_waits_for_somebody() -> None:
    """Before anything else."""
    assert "suspended" in jobs.waits(job(suspend=True), [])[1]


def test_the_exit_code_is_that_of_the_last_container_that_failed() -> None:
    """Sidecars that end well after it change nothing; without an end there is none."""
    over = [
        {"terminated": {"exitCode": 3, "finishedAt": "2026-11-23T12:00:02Z"}},
        {"terminated": {"exitCode": 0, "finishedAt": "2026-11-23T12:00:03Z"}},
        {"terminated": {"exitCode": 1, "finishedAt": "2026-11-23T12:00:01Z"}},
    ]
    assert jobs.exit_code([pod(*over)]) == 3
    assert jobs.exit_code([pod(over[1])]) == 0
    assert jobs.exit_code([pod({"running": {}})]) is None


def test_how_long_it_ran_is_told_by_the_clusters_stamps() -> None:
    """A failed Job has no completionTime."""
    begun = {"startTime": "2026-11-23T12:00:00Z"}
    assert jobs.seconds({"status": begun}) is None
    assert jobs.seconds({"status": begun | {"completionTime": "2026-11-23T12:00:09Z"}}) == 9
    failed = {"conditions": [said("Failed", lastTransitionTime="2026-11-23T12:01:00Z")]}
    assert jobs.seconds({"status": begun | failed}) == 60
