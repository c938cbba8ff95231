"""Evicting pods: one request, and a list of them until every one was accepted or the time is over.

A budget that does not allow an eviction now answers 429, and may allow it once another pod is ready elsewhere: those
are asked for again every `EVERY` seconds, as kubectl does (drain.go), and so is what got no answer. Asking again is
safe, whatever became of the first time: each request names the uid of one pod, which ends once. Any other refusal
ends the list at once: the plan has tried each of them out, so something has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from runbook.core.changes import Error
from runbook.errors import Forbidden, WorldError
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

    def go(self, world: World) -> None:
        """Ask until none is left, one is refused, or the time is over."""
        while self.left and self.refused is None:
            for asked in list(self.left):
                if self.refused is not None or _is_over(world, 0):
                    return
                self._ask(asked, world)
            if not self.left or _is_over(world, EVERY):
                return
            _wait(world)

    def _ask(self, asked: Raw, world: World) -> None:
        from runbook.clients.kubernetes.errors import NotFound, Precondition, Rejected

        self.requests += 1
        try:
            post(asked, world, timeout=kubernetes.patience(world))
        except NotFound:
            pass  # it is gone
        except Precondition as error:
            if self._is_there(asked, world):
                self.why[asked["path"]] = error.message
                return
        except (Forbidden, Rejected) as error:
            self.why[asked["path"]] = error.message
            if ENDING not in error.message:
                self.refused = Error(code=error.code, message=str(error))
            return
        except WorldError as error:
            self.why[asked["path"]] = error.message
            return
        self.left.remove(asked)

    def _is_there(self, asked: Raw, world: World) -> bool:
        """Whether the very pod is still there, after a 409: its uid may be another's, or its budget was changed."""
        from runbook.clients.kubernetes.errors import NotFound

        self.requests += 1
        try:
            answer = kubernetes.client(world).read(
                asked["path"].removesuffix("/eviction"), timeout=kubernetes.patience(world)
            )
        except NotFound:
            return False
        except WorldError:
            return True
        return deployments.uid(answer.body) == uid(asked)


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
