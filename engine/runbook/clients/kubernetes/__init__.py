"""The only code that speaks to Kubernetes: one cluster, raw JSON both ways, each request sent once.

Raw JSON because typed models drop fields that are newer than they are, and what is dropped from a pod
template that we send back would be deleted. `DynamicClient.request` is the one call of the Kubernetes client
that is the same in 36 and 37; it is built here with a discoverer that discovers nothing, which saves two
requests and a cache file. No retries, always a timeout, no redirects followed, answers capped.

It knows nothing of Deployments and rollbacks; `kinds/` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from threading import Lock
from time import monotonic
from typing import Any

from runbook.clients.kubernetes import config as kubernetes_config
from runbook.clients.kubernetes import errors as kubernetes_errors
from runbook.clients.kubernetes.answers import ANSWER_CAP, Answer, Listing, parsed, read
from runbook.clients.kubernetes.errors import NotFound, Unauthenticated
from runbook.clients.kubernetes.paths import PLACES, Place
from runbook.document.durations import Duration
from runbook.errors import Forbidden, UsageError, WorldError

MANAGER = "runbook-engine"  # who we are in an object's managedFields, and in the audit log
PAGE = 500  # objects of one page of a list, as kubectl asks
TIMEOUT = 10.0  # seconds of one request, where the connection does not say

Query = Sequence[tuple[str, str]]
Operations = list[dict[str, Any]]
Body = Operations | Mapping[str, Any]

_FORMS = {"PATCH": "application/json-patch+json"}  # what a body is, where it is not plain JSON


class KubernetesClient:
    """One cluster through one context.

    `namespace` is what the connection or the context names, or None. `timeout` is in seconds, of one request.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._context, self.namespace = kubernetes_config.context(settings)
        self._exec_plugins = settings.get("exec_plugins") is True
        self.timeout = float(Duration.parse(settings["timeout"])) if settings.get("timeout") else TIMEOUT
        self._lock = Lock()
        self._dynamic: Any = None
        self._identity: str | None = None

    @property
    def server_timeout(self) -> float:
        """Seconds after which the server itself has given up on a patch; it is told whole ones."""
        return float(ceil(self.timeout))

    @property
    def context(self) -> str:
        """The context's name, as a person would type it after `--context`."""
        return str(self._context["current-context"]) if self._context else "in-cluster"

    @property
    def in_cluster(self) -> bool:
        """True where we run in the cluster, as a service account, and there is no context to name."""
        return self._context is None

    @property
    def server(self) -> str:
        """The API server's URL, without credentials."""
        from urllib.parse import urlsplit

        url = urlsplit(self._client().configuration.host)
        return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path.rstrip('/')}"

    @property
    def known_as(self) -> str:
        """What people call the cluster: nobody knows it by its uid."""
        return f"{self.context}, {self.server}"

    @property
    def identity(self) -> str:
        """The cluster's uid, which is that of its namespace kube-system; its URL where we may not read that."""
        if self._identity is None:
            try:
                namespace = self.read(PLACES["Namespace"].path(name="kube-system"), timeout=self.timeout)
                self._identity = str(namespace.body["metadata"]["uid"])
            except (Forbidden, NotFound) as error:
                if isinstance(error, Unauthenticated):
                    raise
                self._identity = self.server
        return self._identity

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
        items: list[dict[str, Any]] = []
        more = ""
        while True:
            page = [
                *query,
                ("limit", str(min(PAGE, most - len(items)))),
                *([("continue", more)] if more else []),
            ]
            answer = self._answer("GET", path, timeout=max(until - monotonic(), 0.001), query=page)
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
        """A 401 comes before anything is done, and the tokens of plugins run out: then log in anew, once."""
        client = self._client()
        try:
            return _exchange(client, method, path, timeout=timeout, query=query, cap=cap, body=body)
        except Unauthenticated:
            with self._lock:
                if self._dynamic is client:
                    self._dynamic = None
            return _exchange(self._client(), method, path, timeout=timeout, query=query, cap=cap, body=body)

    def _client(self) -> Any:
        with self._lock:  # probes run side by side, and one login is enough
            if self._dynamic is None:
                from kubernetes.client import ApiClient
                from kubernetes.dynamic import DynamicClient

                speaks = ApiClient(_configuration(self._context, exec_plugins=self._exec_plugins))
                speaks.user_agent = MANAGER  # in the cluster's audit log
                self._dynamic = DynamicClient(  # type: ignore[no-untyped-call]
                    speaks, discoverer=_discover_nothing
                )
            return self._dynamic


def connect(settings: Mapping[str, Any], secret: Callable[[Any], str]) -> KubernetesClient:
    """The client of a connection `{context?, kubeconfig?, namespace?, exec_plugins?, timeout?}`.

    Sends nothing. Raises UsageError where the kubeconfig or the context is not there.
    """
    resolved = {key: secret(value) if isinstance(value, Mapping) else value for key, value in settings.items()}
    return KubernetesClient(resolved)


def _configuration(context: Mapping[str, Any] | None, *, exec_plugins: bool) -> Any:
    """The client's Configuration for a context (None: in the cluster), with its credentials opened."""
    from kubernetes import client, config

    made = client.Configuration()
    try:
        if context is None:
            config.load_incluster_config(client_configuration=made)  # type: ignore[no-untyped-call]
        else:
            config.load_kube_config_from_dict(  # type: ignore[no-untyped-call]
                kubernetes_config.opened(context, exec_plugins=exec_plugins),
                client_configuration=made,
                persist_config=False,
            )
    except (config.ConfigException, ValueError) as error:
        raise WorldError(f"the credentials for Kubernetes cannot be used: {error}") from error
    made.retries = False  # the default sends a GET or DELETE four times when its answer is lost
    return made


def _writing(timeout: float, *, dry_run: bool) -> Query:
    return [
        ("fieldManager", MANAGER),
        ("fieldValidation", "Strict"),
        ("timeout", f"{ceil(timeout)}s"),
        *([("dryRun", "All")] if dry_run else []),
    ]


def _discover_nothing(_client: Any, _cache_file: Any) -> None:
    """In the place of the client's discoverer: every path is known, or looked up one by one."""


def _exchange(
    client: Any, method: str, path: str, *, timeout: float, query: Query, cap: int, body: Body | None
) -> tuple[bytes, Mapping[str, str]]:
    """One request and at most `cap` bytes of its answer; every foreign error becomes one of ours."""
    from kubernetes.client.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    asked = f"{method} {path}"
    until = monotonic() + timeout
    try:
        response = client.request(
            method,
            path,
            body=body,
            content_type=_FORMS.get(method, "application/json") if body is not None else None,
            query_params=list(query),
            header_params={"Accept": "application/json, */*"},
            _request_timeout=timeout,
            serialize=False,
        )
        return read(response, cap, until, asked), response.headers
    except ApiException as error:
        if not error.status:
            raise kubernetes_errors.of_tls(str(error.reason), asked) from error
        said = error.body.encode() if isinstance(error.body, str) else error.body or b""
        raise kubernetes_errors.of_status(error.status, said, error.headers or {}, asked) from error
    except (HTTPError, OSError) as error:
        raise kubernetes_errors.of_transport(error, asked) from error
    except AttributeError as error:  # the client 36 trips over its own error where TLS fails: it has no body
        if not isinstance(error.__context__, ApiException):
            raise
        raise kubernetes_errors.of_tls(str(error.__context__.reason), asked) from error
