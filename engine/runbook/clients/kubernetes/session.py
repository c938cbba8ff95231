"""One login at one cluster, and one request sent once.

No retries, always a timeout, no redirects followed, answers capped, those that are errors too. What may be done again
is only what cannot have been done: after a 401, which comes before anything else, the request goes out once more
where logging in anew can give other credentials (a plugin, a token's file, a service account), within its time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from threading import Lock
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urlsplit

from runbook.clients.kubernetes import channels
from runbook.clients.kubernetes import config as kubernetes_config
from runbook.clients.kubernetes import errors as kubernetes_errors
from runbook.clients.kubernetes.answers import Query, read
from runbook.clients.kubernetes.errors import Unauthenticated
from runbook.clients.kubernetes.plugins import Allowed, Credentials
from runbook.errors import WorldError

MANAGER = "runbook-engine"  # who we are in an object's managedFields, and in the audit log

_ERROR_CAP = 256 * 1024  # bytes of an answer that is an error: a Status object, with the fields that are wrong
_LEAST = 0.001  # seconds

Answered = TypeVar("Answered")


class Session:
    """A way into one cluster through one context; safe to use from several threads.

    `context` is a kubeconfig cut down to one, or None in the cluster. Nothing is opened at construction.
    """

    def __init__(self, context: Mapping[str, Any] | None, allowed: Allowed) -> None:
        self.context = context
        self._allowed = allowed
        self._lock = Lock()
        self._dynamic: Any = None
        self._credentials = Credentials({})

    @property
    def server(self) -> str:
        """The API server's URL, without credentials."""
        url = urlsplit(self.client().configuration.host)
        return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path.rstrip('/')}"

    def client(self) -> Any:
        """The Kubernetes client, logged in; anew where what it logged in with has run out."""
        with self._lock:  # probes run side by side, and one login is enough
            if self._dynamic is None or self._credentials.over:
                self._dynamic, self._credentials = _opened(self.context, self._allowed)
            return self._dynamic

    def send(
        self,
        method: str,
        path: str,
        *,
        timeout: float,
        query: Query,
        cap: int,
        body: Any = None,
        form: str = "application/json",
    ) -> tuple[bytes, Mapping[str, str]]:
        """At most `cap` bytes of what the server answers, and its headers. `timeout` is in seconds, for all of it."""
        about: dict[str, Any] = {"query": query, "cap": cap, "body": body, "form": form}
        return self._logged_in(lambda client, left: _exchange(client, method, path, timeout=left, **about), timeout)

    def upgraded(self, path: str, *, query: Query, protocols: Sequence[str], timeout: float) -> Any:
        """A WebSocket, asked for in one of some protocols (`channels.py`); `timeout` as of `channels.opened`."""
        return self._logged_in(lambda client, left: channels.opened(client, path, query, protocols, left), timeout)

    def _logged_in(self, ask: Callable[[Any, float], Answered], timeout: float) -> Answered:
        """Ask with the client and the seconds that there are; once more where it is not let in and may log in anew."""
        until = monotonic() + timeout
        client = self.client()
        try:
            return ask(client, timeout)
        except Unauthenticated:
            if not kubernetes_config.renewable(self.context):
                raise
            with self._lock:
                if self._dynamic is client:
                    self._dynamic = None
            return ask(self.client(), max(until - monotonic(), _LEAST))


def _opened(context: Mapping[str, Any] | None, allowed: Allowed) -> tuple[Any, Credentials]:
    """The client for a context (None: in the cluster), with its credentials opened."""
    from kubernetes.dynamic import DynamicClient

    from kubernetes import client, config

    made, got = client.Configuration(), Credentials({})
    try:
        if context is None:
            config.load_incluster_config(client_configuration=made)  # type: ignore[no-untyped-call]
        else:
            whole, got = kubernetes_config.opened(context, allowed)
            config.load_kube_config_from_dict(  # type: ignore[no-untyped-call]
                whole, client_configuration=made, persist_config=False
            )
    except (config.ConfigException, ValueError, OSError) as error:
        raise WorldError(f"the credentials for Kubernetes cannot be used: {error}") from error
    made.retries = False  # the default sends a GET or DELETE four times when its answer is lost
    speaks = client.ApiClient(made)
    speaks.user_agent = MANAGER  # in the cluster's audit log
    pool = speaks.rest_client.pool_manager
    pool.urlopen = _bounded(pool.urlopen)  # type: ignore[method-assign]
    return DynamicClient(speaks, discoverer=_discover_nothing), got  # type: ignore[no-untyped-call]


def _bounded(urlopen: Callable[..., Any]) -> Callable[..., Any]:
    """The Kubernetes client reads an answer that is an error to its end, however long that is: hand it a short one."""
    from urllib3 import HTTPHeaderDict, HTTPResponse

    def bounded(method: str, url: str, **how: Any) -> Any:
        until = monotonic() + how["timeout"].total
        response = urlopen(method, url, **how)
        if 200 <= response.status < 300:
            return response
        said = read(response, _ERROR_CAP, until, f"{method} {urlsplit(url).path}")
        told = ("content-length", "content-encoding", "transfer-encoding")
        headers = HTTPHeaderDict({name: text for name, text in response.headers.items() if name.lower() not in told})
        about = {"status": response.status, "reason": response.reason, "headers": headers}
        return HTTPResponse(body=BytesIO(said), preload_content=False, **about)

    return bounded


def _discover_nothing(_client: Any, _cache_file: Any) -> None:
    """In the place of the client's discoverer: every path is known, or looked up one by one."""


def _exchange(
    client: Any, method: str, path: str, *, timeout: float, query: Query, cap: int, body: Any, form: str
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
            content_type=form if body is not None else None,
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
