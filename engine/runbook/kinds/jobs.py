"""What a Job says of itself and of its pods: pure functions of the API's raw JSON.

A Job has ended when it has the condition Complete or Failed, and not before: its counts of pods lag behind its pods,
and SuccessCriteriaMet and FailureTarget only announce (batch/v1, JobConditionType). Until
then its pods say why it waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from runbook.core.words import Verdict
from runbook.kinds import pods

Raw = Mapping[str, Any]

NEVER_STARTS = ("InvalidImageName", "ErrImageNeverPull")
CANNOT_START = (
    *NEVER_STARTS,
    "ImagePullBackOff",
    "ErrImagePull",
    "ImageInspectError",
    "RegistryUnavailable",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "StartError",
)


def ended(job: Raw) -> tuple[Verdict, str] | None:
    """How it ended: complete, or failed and why. None where it has not."""
    for one in (job.get("status") or {}).get("conditions") or []:
        if one.get("status") == "True" and one.get("type") == "Complete":
            return Verdict.PASS, "complete"
        if one.get("status") == "True" and one.get("type") == "Failed":
            said = [str(one[key]) for key in ("reason", "message") if one.get(key)]
            return Verdict.FAIL, "failed" + (f": {', '.join(said)}" if said else "")
    return None


def waits(job: Raw, found: Iterable[Raw] | None) -> tuple[Verdict, str]:
    """Why a Job that has not ended has not: unknown, or fail for a pod that never can start. None: pods unread."""
    if job["spec"].get("suspend"):
        return Verdict.UNKNOWN, "it is suspended, so nothing of it runs until somebody resumes it"
    if found is None:
        return Verdict.UNKNOWN, "it has not ended, and its pods may not be read here (`list` on pods)"
    live = [pod for pod in found if not pods.is_finished(pod)]
    for pod in live:
        why = cannot_start(pod)
        if why is not None:
            never = why[0] in NEVER_STARTS
            return Verdict.FAIL if never else Verdict.UNKNOWN, f"pod {pod['metadata']['name']} cannot start: {why[1]}"
    if not live:
        return Verdict.UNKNOWN, "it has no pod that runs"
    said = [f"{pod['metadata']['name']} {pods.status(pod)}" for pod in live]
    return Verdict.UNKNOWN, f"it has not ended: {', '.join(said)}"


def cannot_start(pod: Raw) -> tuple[str, str] | None:
    """What keeps a pod from starting, as a reason and in words; None where nothing is known to."""
    status = pod.get("status") or {}
    for one in status.get("conditions") or []:
        if one.get("type") == "PodScheduled" and one.get("status") == "False" and one.get("reason") == "Unschedulable":
            return "Unschedulable", f"no node takes it: {one.get('message') or 'Unschedulable'}"
    for part in ("initContainerStatuses", "containerStatuses"):
        for state in status.get(part) or []:
            waiting = (state.get("state") or {}).get("waiting") or {}
            if waiting.get("reason") in CANNOT_START:
                words = f"{waiting['reason']}: {waiting['message']}" if waiting.get("message") else waiting["reason"]
                return waiting["reason"], f"container {state['name']}: {words}"
    return None


def exits(found: Iterable[Raw]) -> Iterator[tuple[str, str, int, str]]:
    """Pod, container, exit code and reason of every container that has ended, the last to end last."""
    rows: list[tuple[str, str, str, int, str]] = []
    for pod in found:
        status = pod.get("status") or {}
        for part in ("initContainerStatuses", "containerStatuses"):
            for state in status.get(part) or []:
                over = (state.get("state") or {}).get("terminated")
                if over:
                    code, reason = int(over.get("exitCode") or 0), over.get("reason") or ""
                    rows.append((over.get("finishedAt") or "", pod["metadata"]["name"], state["name"], code, reason))
    for _, pod_name, name, code, reason in sorted(rows, key=lambda row: row[0]):
        yield pod_name, name, code, reason


def exit_code(found: Iterable[Raw]) -> int | None:
    """Of the last container that failed, or 0 where all that ended did well; None where none has ended."""
    codes = [code for _, _, code, _ in exits(found)]
    return next((code for code in reversed(codes) if code), 0 if codes else None)


def seconds(job: Raw) -> float | None:
    """How long it ran, by the server's stamps; None where it has not ended."""
    status = job.get("status") or {}
    stamps = [one.get("lastTransitionTime") for one in status.get("conditions") or [] if one.get("type") == "Failed"]
    begun, over = status.get("startTime"), status.get("completionTime") or next(iter(stamps), None)
    if not begun or not over:
        return None
    return (datetime.fromisoformat(over) - datetime.fromisoformat(begun)).total_seconds()
