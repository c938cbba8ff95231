"""The only code that speaks to Kubernetes: one cluster, raw JSON both ways, each request sent once.

Raw JSON because typed models drop fields that are newer than they are, and what is dropped from a pod
template that we send back would be deleted. `DynamicClient.request` is the one call of the Kubernetes client
that is the same in 36 and 37; it is built here with a discoverer that discovers nothing, which saves two
requests and a cache file. No retries, always a timeout, no redirects followed, answers capped (`session.py`).

Two things are asked for once more, both reads, both within their timeout: what the server asks to wait for (429 with
`Retry-After`), and a list whose rest has expired between two of its pages (410).

It knows nothing of Deployments and rollbacks; `kinds/` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from runbook.clients.kubernetes import channels
from runbook.clients.kubernetes import config as kubernetes_config
from runbook.clients.kubernetes.answers import ANSWER_CAP, Answer, Listing, Query, parsed
from runbook.clients.kubernetes.channels import Ended
from runbook.clients.kubernetes.errors import Gone, NoDryRun, NotFound, Throttled, Unauthenticated
from runbook.clients.kubernetes.paths import PLACES, Place
from runbook.clients.kubernetes.session import MANAGER, Session
from runbook.clients.secrets import is_reference
from runbook.document.durations import Duration
from runbook.errors import Forbidden, UsageError

if TYPE_CHECKING:
    from runbook.clients.outputs import Mask

__all__ = ["MANAGER", "KubernetesClient", "connect"]

PAGE = 500  # objects of one page of a list, as kubectl asks
TIMEOUT = 10.0  # seconds of one request, where the connection does not say

Operations = list[dict[str, Any]]
Body = Operations | Mapping[str, Any]

_JSON, _JSON_PATCH, _MANIFEST = "application/json", "application/json-patch+json", "application/apply-patch+yaml"


class KubernetesClient:
    """One cluster through one context, and for reading through another one where the connection has `read:`.

    Objects, lists and dry runs are asked for with the credentials for reading. What changes goes with the others, and
    so do access reviews, which ask what those may. `namespace` is what the connection or the context names, or None.
    `timeout` is in seconds, of one request. `lease_namespace` is where advisory leases are, or None.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        allowed = settings.get("exec_plugins", False)
        context, self.namespace = kubernetes_config.context(settings)
        self._changing = self._reading = Session(context, allowed)
        if "read" in settings:
            same_file = {key: settings[key] for key in ("kubeconfig",) if key in settings}
            self._reading = Session(kubernetes_config.context(same_file | settings["read"])[0], allowed)
        self.timeout = float(Duration.parse(settings["timeout"])) if settings.get("timeout") else TIMEOUT
        self.lease_namespace: str | None = (settings.get("lease") or {}).get("namespace")
        self._identity: str | None = None
        self._same: bool = self._reading is self._changing

    @property
    def server_timeout(self) -> float:
        """Seconds after which the server itself has given up on a patch; it is told whole ones."""
        return float(ceil(self.timeout))

    @property
    def context(self) -> str:
        """The context's name, as a person would type it after `--context`."""
        context = self._changing.context
        return str(context["current-context"]) if context else "in-cluster"

    @property
    def in_cluster(self) -> bool:
        """True where we run in the cluster, as a service account, and there is no context to name."""
        return self._changing.context is None

    @property
    def reads_apart(self) -> bool:
        """True where other credentials read than those that change."""
        return self._reading is not self._changing

    @property
    def server(self) -> str:
        """The API server's URL, without credentials."""
        return self._reading.server

    @property
    def known_as(self) -> str:
        """What people call the cluster: nobody knows it by its uid."""
        return f"{self.context}, {self.server}"

    @property
    def identity(self) -> str:
        """The cluster's uid, which is that of its namespace kube-system; its URL where we may not read that."""
        if self._identity is None:
            self._identity = self._uid(self._reading) or self._reading.server
        return self._identity

    def elsewhere(self, planned: str) -> str | None:
        """Why a change that was planned for the cluster `planned` must not be sent from here; None where it may.

        A kubeconfig can be another one by now: a context was switched or renamed while a run waited at a gate.
        """
        if planned in (self.identity, self.server):  # by its URL, where its uid could not be read when that was planned
            return None
        return (
            f"it was planned for the cluster {planned}, and the context {self.context} leads to the cluster "
            f"{self.identity} at {self.server} now"
        )

    def check(self, timeout: float) -> str:
        """One cheap read: the server's version, readable by everybody who may log in."""
        version = self.read("/version", timeout=timeout).body.get("gitVersion", "of an unknown version")
        return f"Kubernetes {version} at {self.server} (context {self.context})"

    def read(self, path: str, *, timeout: float, query: Query = ()) -> Answer:
        """GET one object. Raises NotFound, Forbidden, Unreachable and the rest of `kubernetes_errors`."""
        return self._answer("GET", path, timeout=timeout, query=query)

    def read_all(self, path: str, *, timeout: float, query: Query = (), most: int = PAGE * 4) -> Listing:
        """GET a list, page by page, at most `most` objects; `timeout` is in seconds and for all of it."""
        until = monotonic() + timeout
        try:
            return self._pages(path, until, query, most)
        except _Expired:
            return self._pages(path, until, query, most)

    def _pages(self, path: str, until: float, query: Query, most: int) -> Listing:
        """All pages of one state of the list. Raises Gone, _Expired where it is no longer kept for the next page."""
        items: list[dict[str, Any]] = []
        more = ""
        while True:
            limit = ("limit", str(min(PAGE, most - len(items))))
            page = [*query, limit, *([("continue", more)] if more else [])]
            try:
                answer = self._answer("GET", path, timeout=max(until - monotonic(), 0.001), query=page)
            except Gone as error:
                raise _Expired(error.message, hint="it changes faster than it can be read; ask for less") from error
            items += answer.body.get("items") or []
            more = (answer.body.get("metadata") or {}).get("continue") or ""
            if not more or len(items) >= most:
                return Listing(items=items[:most], at=answer.at, complete=not more)

    def patch(self, path: str, operations: list[dict[str, Any]], *, timeout: float, dry_run: bool = False) -> Answer:
        """Send one JSON Patch (RFC 6902), once. `kubernetes_errors.refused` tells whether an error is a no.

        The server is told to give up when we do, so that what it has not done by then it will not do later.
        """
        query = _writing(timeout, dry_run=dry_run)
        return self._answer("PATCH", path, timeout=timeout, query=query, body=operations)

    def apply(
        self, path: str, manifest: Mapping[str, Any], *, force: bool, timeout: float, dry_run: bool = False
    ) -> Answer:
        """Send one manifest to be applied by the server, once; as `patch` otherwise.

        Raises ManagerConflict where others have set its fields to something else, unless `force` takes them over.
        """
        query = [*_writing(timeout, dry_run=dry_run), ("force", "true" if force else "false")]
        return self._answer("PATCH", path, timeout=timeout, query=query, body=manifest)

    def post(self, path: str, body: Mapping[str, Any], *, timeout: float, dry_run: bool = False) -> Answer:
        """Send one object to be made, or a question such as an access review, once; as `patch` otherwise."""
        return self._answer("POST", path, timeout=timeout, query=_writing(timeout, dry_run=dry_run), body=body)

    def delete(self, path: str, options: Mapping[str, Any], *, timeout: float, dry_run: bool = False) -> Answer:
        """Ask once that an object be deleted; `options` are DeleteOptions, with the preconditions.

        Where there is a body the server takes no option from the query (apiserver, delete.go): a dry run that is
        said there alone deletes.
        """
        body = {"apiVersion": "v1", "kind": "DeleteOptions", **options} | ({"dryRun": ["All"]} if dry_run else {})
        query = [("timeout", f"{ceil(timeout)}s"), *([("dryRun", "All")] if dry_run else [])]
        return self._answer("DELETE", path, timeout=timeout, query=query, body=body)

    def text(self, path: str, *, timeout: float, query: Query = (), cap: int = ANSWER_CAP) -> tuple[str, bool]:
        """GET text such as a container's log: at most `cap` bytes of it, and whether there was more."""
        raw, _ = self._send("GET", path, timeout=timeout, query=query, cap=cap + 1)
        return raw[:cap].decode(errors="replace"), len(raw) > cap

    def execute(
        self,
        path: str,
        argv: Sequence[str],
        container: str,
        *,
        timeout: float,
        cancelled: Callable[[], bool],
        stdin: bytes | None = None,
        mask: Callable[[], Mask] | None = None,
        reads: bool = False,
    ) -> Ended:
        """Run a command in a container, once; `path` is its pod's. `reads`: with the credentials for reading.

        Raises as any other request where the connection was not upgraded: `kubernetes_errors.refused` tells whether it
        is certain that nothing was started. `timeout` is in seconds, for all of it.
        """
        session = self._reading if reads else self._changer()
        until = monotonic() + timeout
        made = session.upgraded(
            f"{path}/exec",
            query=channels.query(argv, container, stdin=stdin is not None),
            protocols=(channels.V5,) if stdin is not None else (channels.V5, channels.V4),
            timeout=min(self.timeout, timeout),
        )
        left = max(until - monotonic(), 0.0)
        return channels.heard(made, timeout=left, cancelled=cancelled, stdin=stdin, mask=mask)

    def place(self, kind: str, api_version: str | None, *, timeout: float) -> Place:
        """Where objects of a kind are; one more request for kinds that are not in `PLACES`."""
        known = PLACES.get(kind)
        if known and api_version in (None, known.api_version):
            return known
        if api_version is None:
            raise UsageError(f"kind {kind!r} is not known here", hint="name its api_version too, such as apps/v1")
        found = self.read(Place(api_version, "").path().rstrip("/"), timeout=timeout).body.get("resources") or []
        for resource in found:
            if resource.get("kind") == kind and "/" not in resource.get("name", "/"):
                return Place(api_version, resource["name"], bool(resource.get("namespaced")))
        raise NotFound(f"the cluster has no kind {kind} in {api_version}")

    def _answer(self, method: str, path: str, *, timeout: float, query: Query, body: Body | None = None) -> Answer:
        raw, headers = self._send(method, path, timeout=timeout, query=query, body=body, cap=ANSWER_CAP + 1)
        return parsed(raw, headers, f"{method} {path}")

    def _send(
        self, method: str, path: str, *, timeout: float, query: Query, cap: int, body: Body | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        about: dict[str, Any] = {"query": query, "cap": cap, "body": body}
        about["form"] = _JSON if method != "PATCH" else _JSON_PATCH if isinstance(body, list) else _MANIFEST
        if method == "GET":
            return self._read(path, timeout=timeout, **about)
        if ("dryRun", "All") in query:
            return self._tried(method, path, timeout=timeout, **about)
        return self._changer().send(method, path, timeout=timeout, **about)

    def _read(self, path: str, *, timeout: float, **about: Any) -> tuple[bytes, Mapping[str, str]]:
        """GET, and once more where the server says when and that is in time: it asks so in a moment of much traffic."""
        until = monotonic() + timeout
        try:
            return self._reading.send("GET", path, timeout=timeout, **about)
        except Throttled as error:
            if error.after is None or monotonic() + error.after >= until:
                raise
            sleep(error.after)
            return self._reading.send("GET", path, timeout=max(until - monotonic(), 0.001), **about)

    def _tried(self, method: str, path: str, **about: Any) -> tuple[bytes, Mapping[str, str]]:
        """A dry run. Credentials that only read may have none, and that is no reason not to plan."""
        try:
            return self._reading.send(method, path, **about)
        except Unauthenticated:
            raise
        except Forbidden as error:
            if self._reading is self._changing:
                raise
            raise NoDryRun(f"the credentials for reading may not try it out: {error.message}") from error

    def _changer(self) -> Session:
        """The session for changes, once it is sure that it is at the cluster that was read."""
        if not self._same:
            uid = self._uid(self._changing)
            there = uid or self._changing.server
            if there != (self.identity if uid else self._reading.server):
                raise Forbidden(
                    f"the context {self.context} leads to the cluster {there}, that under `read:` to {self.identity}",
                    hint="name two contexts of one cluster",
                )
            self._same = True
        return self._changing

    def _uid(self, session: Session) -> str | None:
        """The uid of kube-system; None where it may not be read."""
        path = PLACES["Namespace"].path(name="kube-system")
        try:
            raw, headers = session.send("GET", path, timeout=self.timeout, query=(), cap=ANSWER_CAP + 1)
        except Unauthenticated:
            raise
        except (Forbidden, NotFound):
            return None
        return str(parsed(raw, headers, f"GET {path}").body["metadata"]["uid"])


class _Expired(Gone):
    """410 of a page: the state of the list that it was to go on with is no longer kept."""


def connect(settings: Mapping[str, Any], secret: Callable[[Any], str]) -> KubernetesClient:
    """The client of a connection `{context?, kubeconfig?, namespace?, exec_plugins?, timeout?, lease?, read?}`.

    Sends nothing. Raises UsageError where the kubeconfig or the context is not there.
    """
    return KubernetesClient({key: _resolved(value, secret) for key, value in settings.items()})


def _resolved(value: Any, secret: Callable[[Any], str]) -> Any:
    if is_reference(value):
        return secret(value)
    if isinstance(value, Mapping):
        return {key: _resolved(one, secret) for key, one in value.items()}
    return value


def _writing(timeout: float, *, dry_run: bool) -> Query:
    return [
        ("fieldManager", MANAGER),
        ("fieldValidation", "Strict"),
        ("timeout", f"{ceil(timeout)}s"),
        *([("dryRun", "All")] if dry_run else []),
    ]
