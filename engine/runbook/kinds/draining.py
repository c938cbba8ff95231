"""Which pods of a node a drain evicts, which it leaves, and which stand in its way. Pure functions of raw JSON.

As kubectl sorts them (drain/filters.go), but that what has ended is left where it is: its logs may be what somebody
looks for, and it stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from runbook.kinds import budgets, pods

Raw = Mapping[str, Any]


class Said(NamedTuple):
    """A pod, and why it is where it is."""

    pod: Raw
    why: str

    def __str__(self) -> str:
        return f"{pods.name(self.pod)} ({self.why})"


class Sorted(NamedTuple):
    """The pods of a node, each in one of three lists."""

    evict: list[Raw]
    skipped: list[Said]
    blocking: list[Said]


def sort(found: Iterable[Raw], *, delete_emptydir_data: bool, force: bool) -> Sorted:
    """What happens to each pod of a node, in the order of their names."""
    made = Sorted([], [], [])
    for pod in sorted(found, key=pods.name):
        skips = _skipped(pod)
        blocks = _blocking(pod, delete_emptydir_data=delete_emptydir_data, force=force)
        if skips:
            made.skipped.append(Said(pod, skips))
        elif blocks:
            made.blocking.append(Said(pod, blocks))
        else:
            made.evict.append(pod)
    return made


def _skipped(pod: Raw) -> str | None:
    owner = pods.controller(pod) or {}
    if pods.is_mirror(pod):
        return "static: the node's kubelet runs it"
    if pods.is_ending(pod):
        return "is being deleted already"
    if pods.is_finished(pod):
        return "has ended"
    if owner.get("kind") == "DaemonSet":
        return f"DaemonSet {owner['name']} would put it back at once"
    return None


def _blocking(pod: Raw, *, delete_emptydir_data: bool, force: bool) -> str | None:
    reasons = []
    if pods.controller(pod) is None and not force:
        reasons.append("no controller makes it anew: `force` evicts it")
    if pods.empty_dirs(pod) and not delete_emptydir_data:
        volumes = ", ".join(pods.empty_dirs(pod))
        reasons.append(f"its emptyDir volumes {volumes} would be lost: `delete_emptydir_data` accepts that")
    return "; ".join(reasons) or None


def in_the_way(evict: Iterable[Raw], found: Iterable[Raw]) -> tuple[str, ...]:
    """How each budget stands that covers pods to be evicted."""
    over: dict[str, tuple[Raw, int]] = {}
    listed = list(found)
    for pod in evict:
        for one in budgets.covering(listed, pod):
            over[budgets.name(one)] = one, over.get(budgets.name(one), (one, 0))[1] + 1
    said = []
    for one, count in over.values():
        waits = "; the others wait until that many are ready elsewhere" if count > budgets.allowed(one) else ""
        said.append(f"{budgets.said(one)}, and covers {count} of these pods{waits}")
    return tuple(said)


def covered_twice(evict: Iterable[Raw], found: Iterable[Raw]) -> list[tuple[Raw, list[Raw]]]:
    """Pods that no eviction is possible of, each with its budgets."""
    listed = list(found)
    return [(pod, over) for pod in evict if len(over := budgets.covering(listed, pod)) > 1]
