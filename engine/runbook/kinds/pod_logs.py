"""The logs of pods, one container after the other, within limits.

Every container that a pod is to have is named, init containers and ephemeral ones too: one that never started has no
log, and that is said beside the others. Secrets are taken out before anything is cut, so that no half of one is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from runbook.kinds import kubernetes
from runbook.kinds.protocol import World

if TYPE_CHECKING:
    from runbook.clients.outputs import Mask

TAIL = 5000  # lines of one container, where nobody says
KEPT = 256 * 1024  # bytes of all lines as one text; beyond, the beginning and the end

_PARTS = {"initContainers": "initContainerStatuses", "containers": "containerStatuses"}
_PARTS["ephemeralContainers"] = "ephemeralContainerStatuses"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of each log. `since` in seconds; `each` and `most` are bytes, of one log and of all of them."""

    each: int
    most: int
    container: str | None = None
    previous: bool = False
    since: int | None = None
    tail: int = TAIL
    timestamps: bool = False

    def query(self, container: str, *, previous: bool) -> list[tuple[str, str]]:
        """The parameters of one request."""
        query = [("container", container), ("tailLines", str(self.tail))]
        query += [("previous", "true")] if previous else []
        query += [("timestamps", "true")] if self.timestamps else []
        query += [("sinceSeconds", str(self.since))] if self.since else []
        return query


class Collected(msgspec.Struct, kw_only=True):
    """Logs as a step yields them, what is missing among them and why, and the bytes of all text."""

    logs: list[dict[str, Any]] = []
    missing: list[str] = []
    size: int = 0

    @property
    def truncated(self) -> bool:
        """Whether anything was cut off or left out."""
        return bool(self.missing) or any(log["truncated"] for log in self.logs)


def collect(pods: Iterable[Mapping[str, Any]], where: str, world: World, asked: Asked) -> Collected:
    """Read one log after the other, until all are read, `most` bytes are, or the time is over. Raises Forbidden."""
    found = Collected()
    for pod, container, previous in _wanted(pods, asked):
        if found.size >= asked.most or world.cancelled() or world.remaining() < 1:
            over = "time" if found.size < asked.most else "space"
            found.missing.append(f"{pod}/{container}: left out, {over} is over")
            continue
        read = _log(where, pod, container, previous, asked, world)
        if isinstance(read, str):
            found.missing.append(f"{pod}/{container}{' (previous)' if previous else ''}: {read}")
            continue
        found.logs.append(read)
        found.size += len(read["text"].encode())
    return found


def together(logs: Iterable[Mapping[str, Any]], cap: int = KEPT) -> tuple[str, bool]:
    """All lines as one text, and whether some were left out; each begins with its pod and container."""
    from runbook.clients.outputs import Kept

    kept = Kept(cap, None)
    for log in logs:
        name = f"{log['pod']}/{log['container']}{' (previous)' if log['previous'] else ''}"
        for line in log["text"].removesuffix("\n").split("\n") if log["text"] else ():
            kept.add(f"{name}: {line}\n".encode())
    return kept.close().decode(errors="replace"), kept.truncated


def containers(pod: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Name and restarts of every container that a pod has or is to have, in the order in which they start."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    for part, states in _PARTS.items():
        restarts = {state["name"]: int(state.get("restartCount") or 0) for state in status.get(states) or []}
        names = [one["name"] for one in spec.get(part) or []]
        for name in [*names, *(one for one in restarts if one not in names)]:
            yield name, restarts.get(name, 0)


def _wanted(pods: Iterable[Mapping[str, Any]], asked: Asked) -> Iterator[tuple[str, str, bool]]:
    """Pod, container, and whether its log from before the last restart; that one first, it explains more."""
    for pod in pods:
        for container, restarts in containers(pod):
            if asked.container not in (None, container):
                continue
            if asked.previous and restarts:
                yield pod["metadata"]["name"], container, True
            yield pod["metadata"]["name"], container, False


def _log(where: str, pod: str, container: str, previous: bool, asked: Asked, world: World) -> dict[str, Any] | str:
    """One log, or why there is none: not started, rotated away, gone."""
    from runbook.clients.kubernetes.errors import NotFound, Rejected, ServerFailed
    from runbook.clients.kubernetes.paths import PLACES

    try:
        text, cut = kubernetes.client(world).text(
            PLACES["Pod"].path(where, pod, "log"),
            timeout=kubernetes.patience(world),
            query=asked.query(container, previous=previous),
            cap=asked.each,
        )
    except (NotFound, Rejected, ServerFailed) as error:
        return error.message.rpartition(": ")[2]
    shown = _masked(text, cut, world.mask())
    return {"pod": pod, "container": container, "previous": previous, "text": shown, "truncated": cut}


def _masked(text: str, cut: bool, mask: Mask) -> str:
    """Without secrets; where it was cut, without what may be the beginning of one."""
    shown = mask.feed(text.encode())
    return (shown if cut else shown + mask.close()).decode(errors="replace")
