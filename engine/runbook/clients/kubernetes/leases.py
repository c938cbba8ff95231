"""Advisory Lease objects: how two people at two machines see that they work on the same thing.

A lease blocks nobody and proves nothing; what keeps a change from being done twice or over another is the precondition
in its request. It says who is at it, and since when, to whoever looks at the same target through any journal.

One object (coordination.k8s.io/v1) for each target, in the namespace that the connection names under `lease:`, its name
made of the target's. It is made with the first plan of a run, renewed while the run is driven, deleted when the run
ends. Left behind by a crash it runs out: whose `renewTime` and duration are over, by the server's clock, is nobody.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from runbook.clients.kubernetes.errors import AlreadyExists, NotFound, Precondition
from runbook.clients.kubernetes.paths import PLACES
from runbook.errors import WorldError

if TYPE_CHECKING:
    from runbook.clients.kubernetes import KubernetesClient

DURATION = 900  # seconds for which a lease speaks unless it is renewed
RENEWED = 300.0  # seconds between two renewals: two may fail
PATIENCE = 5.0  # seconds of one request; nobody waits long for what is advisory

_ABOUT = "runbook-engine/"  # annotations: run, runbook, by, host, target
_LONGEST = 200  # characters of what another runner says of itself


class Holder(msgspec.Struct, frozen=True):
    """Who works on a target, as their lease says: texts of another machine, to be shown and never believed."""

    run: str
    by: str
    host: str
    runbook: str
    since: str
    until: str

    def __str__(self) -> str:
        return f"{self.by} on {self.host}, run {self.run} of {self.runbook}, since {self.since}"


class _Seen(msgspec.Struct, frozen=True):
    """A lease as it was read: what it says, whether it still speaks, and the server's clock."""

    obj: dict[str, Any] | None
    at: datetime

    @property
    def run(self) -> str:
        return _noted(self.obj or {}, "run")

    @property
    def live(self) -> bool:
        spec = (self.obj or {}).get("spec") or {}
        ends = _ends(spec)
        return bool(spec.get("holderIdentity")) and ends is not None and ends > self.at


class Leases:
    """The leases of one run in one cluster; safe to use from several threads."""

    def __init__(self, client: KubernetesClient, namespace: str, about: Mapping[str, str]) -> None:
        self.namespace = namespace
        self._client = client
        self._about = dict(about)  # run, runbook, by, host
        self._lock = threading.Lock()
        self._held: dict[str, str] = {}  # name of the object: its uid
        self._ended = threading.Event()
        self._renewing: threading.Thread | None = None

    def look(self, target: str) -> Holder | None:
        """Another run that says that it works on a target now; a read."""
        seen = self._read(name_of(target))
        return _holder(seen.obj) if seen.obj is not None and seen.live and seen.run != self._about["run"] else None

    def claim(self, target: str, spoken: str) -> Holder | None:
        """Say that this run works on a target (its lock's name, and in words), unless another one does: that is given.

        Raises WorldError where the lease can be neither read nor written.
        """
        name = name_of(target)
        with self._lock:
            seen = self._read(name)
            if name in self._held and seen.run == self._about["run"]:
                return None
            if seen.obj is not None and seen.live and seen.run != self._about["run"]:
                return _holder(seen.obj)
            try:
                made = self._make(name, spoken, seen) if seen.obj is None else self._take(name, spoken, seen)
            except (AlreadyExists, Precondition):  # somebody else was faster
                again = self._read(name)
                if again.obj is None or not again.live:
                    raise
                return _holder(again.obj)
            self._held[name] = made["metadata"]["uid"]
            self._begin()
        return None

    def renew(self) -> None:
        """Say once more of everything that is ours that we are at it; what is another's by now is let go."""
        with self._lock:
            for name in list(self._held):
                try:
                    seen = self._read(name)
                    if seen.obj is None or seen.run != self._about["run"]:
                        del self._held[name]
                    else:
                        self._patch(name, seen, [{"op": "add", "path": "/spec/renewTime", "value": _micro(seen.at)}])
                except WorldError:
                    continue  # it speaks for two more times

    def release(self) -> None:
        """The run has ended: delete what is ours. What cannot be deleted runs out."""
        self._ended.set()
        with self._lock:
            for name, uid in self._held.items():
                try:
                    self._client.delete(self._path(name), {"preconditions": {"uid": uid}}, timeout=self._patience)
                except WorldError:
                    continue
            self._held.clear()

    @property
    def _patience(self) -> float:
        return min(self._client.timeout, PATIENCE)

    def _path(self, name: str | None = None) -> str:
        return PLACES["Lease"].path(self.namespace, name)

    def _read(self, name: str) -> _Seen:
        """The lease, or None and the server's clock where there is none."""
        try:
            answer = self._client.read(self._path(name), timeout=self._patience)
        except NotFound:
            return _Seen(None, self._client.read("/version", timeout=self._patience).at)
        return _Seen(answer.body, answer.at)

    def _make(self, name: str, spoken: str, seen: _Seen) -> dict[str, Any]:
        lease = {
            "apiVersion": PLACES["Lease"].api_version,
            "kind": "Lease",
            "metadata": {
                "name": name,
                "labels": {"app.kubernetes.io/managed-by": "runbook-engine"},
                "annotations": self._notes(spoken),
            },
            "spec": self._spec(seen.at),
        }
        return self._client.post(self._path(), lease, timeout=self._patience).body

    def _take(self, name: str, spoken: str, seen: _Seen) -> dict[str, Any]:
        """Our own of an earlier drive, or one that has run out."""
        operations = [
            {"op": "add", "path": "/metadata/annotations", "value": self._notes(spoken)},
            {"op": "add", "path": "/spec", "value": self._spec(seen.at)},
        ]
        return self._patch(name, seen, operations)

    def _patch(self, name: str, seen: _Seen, operations: list[dict[str, Any]]) -> dict[str, Any]:
        version = (seen.obj or {})["metadata"]["resourceVersion"]
        test = {"op": "test", "path": "/metadata/resourceVersion", "value": version}
        return self._client.patch(self._path(name), [test, *operations], timeout=self._patience).body

    def _notes(self, spoken: str) -> dict[str, str]:
        return {f"{_ABOUT}{key}": value for key, value in {**self._about, "target": spoken}.items()}

    def _spec(self, at: datetime) -> dict[str, Any]:
        return {
            "holderIdentity": f"{self._about['by']}@{self._about['host']}/{self._about['run']}",
            "leaseDurationSeconds": DURATION,
            "acquireTime": _micro(at),
            "renewTime": _micro(at),
        }

    def _begin(self) -> None:
        """Renew from now on; a daemon, because nobody waits for it."""
        if self._renewing is None:
            self._renewing = threading.Thread(target=self._keep, name="leases", daemon=True)
            self._renewing.start()

    def _keep(self) -> None:
        while not self._ended.wait(RENEWED):
            self.renew()


def name_of(target: str) -> str:
    """The name of a target's lease: the same for everybody, and a name whatever the target is called."""
    return f"runbook-{hashlib.sha256(target.encode()).hexdigest()[:32]}"


def _holder(obj: Mapping[str, Any]) -> Holder:
    spec = obj.get("spec") or {}
    ends = _ends(spec)
    return Holder(
        run=_noted(obj, "run") or "(not said)",
        by=_noted(obj, "by") or str(spec.get("holderIdentity") or "somebody")[:_LONGEST],
        host=_noted(obj, "host") or "(not said)",
        runbook=_noted(obj, "runbook") or "(not said)",
        since=str(spec.get("acquireTime") or "(not said)")[:19],
        until=ends.isoformat()[:19] if ends else "",
    )


def _noted(obj: Mapping[str, Any], key: str) -> str:
    notes = (obj.get("metadata") or {}).get("annotations") or {}
    return str(notes.get(f"{_ABOUT}{key}") or "")[:_LONGEST]


def _ends(spec: Mapping[str, Any]) -> datetime | None:
    try:
        renewed = datetime.fromisoformat(spec["renewTime"])
        return renewed + timedelta(seconds=float(spec["leaseDurationSeconds"]))
    except (KeyError, TypeError, ValueError):
        return None  # without a time it speaks for nobody


def _micro(at: datetime) -> str:
    """A MicroTime of the API, by the server's clock."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
