"""What a step with a Job yields: how it ended, what its pods said, what is missing; and the reads for that.

Its log is read when it has ended, and in the last looks before the step's time is over: the pods of a Job that runs
into its deadline are deleted, and what they said with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from runbook.core.changes import Observation, Outcome
from runbook.core.words import Verdict
from runbook.errors import Forbidden
from runbook.kinds import jobs, kubernetes, pod_logs
from runbook.kinds.protocol import World

OUTPUTS: dict[str, dict[str, Any]] = {
    "job": {"type": ["string", "null"], "description": "Its name."},
    "state": {"type": ["string", "null"], "description": "`complete` or `failed`; null while it has not ended."},
    "message": {"type": ["string", "null"], "description": "How it ended or why it has not, in words."},
    "exit_code": {
        "type": ["integer", "null"],
        "description": "Of the last container that failed; 0 where all that ended did well.",
    },
    "log": {
        "type": ["string", "null"],
        "description": "What its pods said; each line after its pod and container where there are several of them.",
    },
    "truncated": {"type": ["boolean", "null"], "description": "Whether something of it was left out."},
    "missing": {
        "type": ["array", "null"],
        "items": {"type": "string"},
        "description": "What of it could not be read, and why.",
    },
    "pods": {"type": ["array", "null"], "items": {"type": "string"}, "description": "Names of its pods."},
    "succeeded": {"type": ["integer", "null"], "description": "Pods that succeeded."},
    "failed": {"type": ["integer", "null"], "description": "Pods that failed."},
    "duration_seconds": {"type": ["number", "null"], "description": "How long it ran, by the cluster's clock."},
}

MOST_PODS = 20
EACH = 1024 * 1024  # bytes of one container's log that are read
MOST = 4 * EACH
LINES = 10_000
CLOSING = 5.0  # seconds: with less time left, what was said until now is read

Pods = Sequence[Mapping[str, Any]] | None


def begun(name: str) -> dict[str, Any]:
    """The outputs of a Job that was just made."""
    return dict.fromkeys(OUTPUTS) | {"job": name}


def unseen(outcome: Outcome, why: str) -> Observation:
    """Of a Job that nobody will see end any more."""
    return Observation(verdict=Verdict.FAIL, unknown=why, output=outcome.output | {"message": why})


def told(
    outcome: Outcome, job: Mapping[str, Any], pods: Pods, logs: dict[str, Any], verdict: Verdict, said: str
) -> Observation:
    """How it stands, with the last words of what failed."""
    status = job.get("status") or {}
    if verdict is Verdict.FAIL and jobs.ended(job):
        said += _last_words(pods or (), logs.get("log") or "")
    output = outcome.output | {
        "state": {Verdict.PASS: "complete", Verdict.FAIL: "failed"}.get(verdict) if jobs.ended(job) else None,
        "message": said,
        "exit_code": jobs.exit_code(pods or ()),
        "pods": [pod["metadata"]["name"] for pod in pods] if pods is not None else None,
        "succeeded": status.get("succeeded") or 0,
        "failed": status.get("failed") or 0,
        "duration_seconds": jobs.seconds(job),
        **logs,
    }
    why = None if verdict is Verdict.PASS else f"Job {job['metadata']['name']}: {said}"
    return Observation(verdict=verdict, unknown=why, output=output)


def pods_of(job: Mapping[str, Any], where: str, world: World) -> Pods:
    """Its pods by the selector that the server gave it, oldest first; None where they may not be read."""
    from runbook.clients.kubernetes.errors import Unauthenticated
    from runbook.clients.kubernetes.paths import PLACES

    chosen = kubernetes.selector(job["spec"].get("selector") or {"matchLabels": {"job-name": job["metadata"]["name"]}})
    try:
        found = kubernetes.client(world).read_all(
            PLACES["Pod"].path(where),
            timeout=kubernetes.patience(world),
            query=[("labelSelector", chosen)],
            most=MOST_PODS,
        )
    except Unauthenticated:
        raise
    except Forbidden:
        return None
    return sorted(found.items, key=lambda pod: str(pod["metadata"].get("creationTimestamp")))


def logs_of(pods: Pods, where: str, world: World, *, closing: bool) -> dict[str, Any]:
    """`log`, `truncated` and `missing`; nothing of them while there is time to read them later."""
    if not closing and world.remaining() > CLOSING:
        return {}
    if pods is None:
        return {"missing": ["its pods may not be read here (`list` on pods)"]}
    asked = pod_logs.Asked(each=EACH, most=MOST, tail=LINES)
    try:
        found = pod_logs.collect(pods, where, world, asked)
    except Forbidden as error:
        return {"missing": [f"logs may not be read here (`get` on pods/log): {error.message}"]}
    text, cut = _text(found.logs)
    missing = found.missing or ([] if found.logs else ["it has no pods any more, and so no log"])
    return {"log": text, "truncated": cut or found.truncated, "missing": missing}


def not_made(job: Mapping[str, Any], pods: Pods, world: World) -> str:
    """Why a Job has no pods where the cluster refuses to make them, a quota for one; only its events say so."""
    if pods is None or pods or job["spec"].get("suspend"):
        return ""
    try:
        events = events_of(job["metadata"]["name"], job["metadata"].get("namespace") or "", world)
    except Forbidden:
        return "; whether pods are refused its events say, which may not be read here (`list` on events)"
    said = [str(one.get("message")) for one in events if one.get("reason") == "FailedCreate"]
    return f"; {said[-1]}" if said else ""


def events_of(name: str, where: str, world: World) -> list[dict[str, Any]]:
    """Events of the Job of this name. Raises Forbidden."""
    from runbook.clients.kubernetes.paths import PLACES

    found = kubernetes.client(world).read_all(
        PLACES["Event"].path(where),
        timeout=kubernetes.patience(world),
        query=[("fieldSelector", f"involvedObject.kind=Job,involvedObject.name={name}")],
        most=500,
    )
    about = [(one, one.get("involvedObject") or {}) for one in found.items]
    return [one for one, of in about if (of.get("kind"), of.get("name")) == ("Job", name)]


def _text(logs: Sequence[Mapping[str, Any]]) -> tuple[str, bool]:
    """One container's log as it is; of several, each line with whose it is."""
    from runbook.clients.outputs import Kept

    if len(logs) != 1:
        return pod_logs.together(logs)
    kept = Kept(pod_logs.KEPT, None)
    kept.add(logs[0]["text"].encode())
    return kept.close().decode(errors="replace"), kept.truncated


def _last_words(pods: Sequence[Mapping[str, Any]], log: str) -> str:
    """Which container failed how, and the last line that was said."""
    failed = [one for one in jobs.exits(pods) if one[2]]
    if not failed:
        return ""
    pod, container, code, reason = failed[-1]
    last = next((line.strip() for line in reversed(log.split("\n")) if line.strip()), "")
    how = f" ({reason})" if reason and reason != "Error" else ""
    return f"; {container} in pod {pod} exited with {code}{how}" + (f": {last[:200]}" if last else "")
