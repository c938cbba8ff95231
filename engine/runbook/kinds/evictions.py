"""Evicting pods: one request, and a list of them until every one was accepted or the time is over.

A budget that does not allow an eviction now answers 429, and may allow it once another pod is ready elsewhere: those
are asked for again every `EVERY` seconds, as kubectl does (drain.go). Where no answer came, the pod is looked at: gone
or being deleted it was evicted, and while the server may still be at it nothing is asked again. Any other refusal ends
the list at once: the plan has tried each of them out, so something has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from runbook.core.changes import Error
from runbook.errors import WorldError
from runbook.kinds import budgets, deployments, kubernetes, pods, removals
from runbook.kinds.protocol import World

if TYPE_CHECKING:
    from runbook.clients.kubernetes.answers import Answer

Raw = Mapping[str, Any]

EVERY = 5.0  # seconds between two rounds
STEP = 0.25  # seconds after which a wait looks whether the run is being ended
ENDING = "is being terminated"  # of a namespace, in a 403: its pods end anyhow


def request(pod: Raw, grace: int | None) -> dict[str, Any]:
    """What is sent for one pod: `{method, path, body}`."""
    from runbook.clients.kubernetes.paths import PLACES

    name, where = pod["metadata"]["name"], pod["metadata"]["namespace"]
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": where},
        "deleteOptions": removals.options(pod, grace),
    }
    return {"method": "POST", "path": PLACES["Pod"].path(where, name, "eviction"), "body": body}


def post(asked: Raw, world: World, *, timeout: float, dry_run: bool = False) -> Answer:
    """Send one eviction, once."""
    return kubernetes.client(world).post(asked["path"], asked["body"], timeout=timeout, dry_run=dry_run)


def is_of_a_budget(error: WorldError) -> bool:
    """Whether a 429 is a budget's; the server's own says that it is busy."""
    return "disruption budget" in error.message


def several(pod: Raw, over: Sequence[Raw]) -> str:
    """Why a pod that several budgets cover cannot be evicted."""
    listed = ", ".join(map(budgets.name, over))
    return f"Pod {pods.name(pod)} has {len(over)} disruption budgets ({listed}): the server evicts no such pod"


class Round:
    """A list of evictions on its way: whose were accepted, and why the others were not yet.

    `left` has `{method, path, body}` of the others; `why` their last reason by path; `refused` what ended the list.
    """

    def __init__(self, asked: Sequence[Raw]) -> None:
        self.left = list(asked)
        self.why: dict[str, str] = {}
        self.requests = 0
        self.refused: Error | None = None
        self._until: dict[str, float] = {}  # by path: until when a request without an answer may still be done

    def go(self, world: World, reserve: float = 0) -> None:
        """Ask for each once, and again until none is left, one is refused, or but `reserve` seconds are left."""
        self._rounds(world, reserve)
        for asked in [one for one in self.left if one["path"] in self._until]:
            self._settled(asked, world)

    def _rounds(self, world: World, reserve: float) -> None:
        while self.left and self.refused is None:
            for asked in list(self.left):
                if self.refused is not None or _is_over(world, 0):
                    return
                self._ask(asked, world)
            if not self.left or _is_over(world, EVERY + reserve):
                return
            _wait(world)

    def _ask(self, asked: Raw, world: World) -> None:
        """One eviction, or a look where the last one got no answer; it is in `left` no more once it was accepted."""
        if asked["path"] in self._until and self._settled(asked, world):
            return
        try:
            self.requests += 1
            post(asked, world, timeout=kubernetes.patience(world))
        except WorldError as error:
            self.why[asked["path"]] = error.message.removeprefix(f"POST {asked['path']}: ")
            self._failed(asked, error, world)
        else:
            self.left.remove(asked)

    def _settled(self, asked: Raw, world: World) -> bool:
        """Whether there is nothing to ask: it was evicted, or still may be by the request that got no answer."""
        if self._is_going(asked, world):
            self.left.remove(asked)
            return True
        return monotonic() < self._until[asked["path"]]

    def _failed(self, asked: Raw, error: WorldError, world: World) -> None:
        from runbook.clients.kubernetes.errors import NotFound, NotSent, Precondition, Throttled, refused

        if not refused(error):
            self.why[asked["path"]] += ", and it may be evicted still"
            self._until[asked["path"]] = monotonic() + kubernetes.client(world).server_timeout
        elif isinstance(error, NotFound) or (isinstance(error, Precondition) and self._is_going(asked, world)):
            self.left.remove(asked)
        elif not isinstance(error, Throttled | Precondition | NotSent) and ENDING not in error.message:
            self.refused = Error(code=error.code, message=str(error))

    def _is_going(self, asked: Raw, world: World) -> bool:
        """Whether the very pod is gone, or being deleted; False where that cannot be read."""
        from runbook.clients.kubernetes.errors import NotFound

        self.requests += 1
        try:
            answer = kubernetes.client(world).read(
                asked["path"].removesuffix("/eviction"), timeout=kubernetes.patience(world)
            )
        except NotFound:
            return True
        except WorldError:
            return False
        return deployments.uid(answer.body) != uid(asked) or pods.is_ending(answer.body)


def uid(asked: Raw) -> str:
    """The uid of the pod that an eviction is for."""
    return str(asked["body"]["deleteOptions"]["preconditions"]["uid"])


def name(asked: Raw) -> str:
    """`namespace/name` of the pod that an eviction is for."""
    metadata = asked["body"]["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}"


def _is_over(world: World, more: float) -> bool:
    """Whether no further request fits in, `more` seconds from now."""
    return world.cancelled() or world.remaining() <= more + kubernetes.client(world).timeout


def _wait(world: World) -> None:
    until = monotonic() + EVERY
    while monotonic() < until and not world.cancelled():
        sleep(min(STEP, EVERY))
