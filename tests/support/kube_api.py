"""A small API server on loopback, for what a real one will not do on demand: lost answers, 504, a lazy controller.

Real HTTP, JSON Patch with `test`, dry runs, generations, resource versions, lists in pages, and a controller that
makes and numbers ReplicaSets as the real one does. Shapes and messages of its answers are those of a Kubernetes
1.36 API server; `tests/integration/test_kubernetes.py` runs the same promises against a real one.
"""

from __future__ import annotations

import copy
import hashlib
import json
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support import kube_apply, kube_exec, kube_pods, kube_revisions

REVISION = "deployment.kubernetes.io/revision"
PAST = "deployment.kubernetes.io/revision-history"
HASH = "pod-template-hash"

REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    422: "Invalid",
    429: "TooManyRequests",
}
METRICS = "/metrics.k8s.io/"  # there only once something was measured
KNOWN = [
    "controllerrevisions",
    "cronjobs",
    "daemonsets",
    "deployments",
    "endpointslices",
    "events",
    "horizontalpodautoscalers",
    "jobs",
    "nodes",
    "poddisruptionbudgets",
    "pods",
    "replicasets",
    "secrets",
    "services",
    "statefulsets",
    "configmaps",
]


class Fault:
    """What happens to the next request of a method in place of an answer.

    `status` with `message` and `causes` answers that; `lost` does what was asked and closes the connection;
    `dropped` closes it at once; `delay` seconds pass before anything; `raw` are the bytes of a whole answer, after
    which spaces drip, `drip` seconds apart, where that is given; `then` is called when a lost answer is lost. The
    method of a WebSocket is `EXEC`.
    """

    def __init__(self, method: str, **how: Any) -> None:
        self.method, self.how = method, how


class KubeApi:
    """One cluster in memory. Objects by path; `requests` is what was asked, in order."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.texts: dict[str, str] = {}
        self.requests: list[dict[str, Any]] = []
        self.faults: list[Fault] = []
        self.controller = True
        self.ready = True
        self.broken: set[str] = set()
        self.now = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
        self.token: str | None = "token"  # None: whoever has one is let in
        self.managed: dict[str, kube_apply.Owners] = {}
        self.admission: Callable[[dict[str, Any]], Any] = lambda _obj: None
        self.container: kube_exec.Container = kube_exec.quiet
        self.protocols = (kube_exec.V5, kube_exec.V4)
        self.started: list[kube_exec.Running] = []
        self.may: Callable[[dict[str, Any]], dict[str, Any]] = lambda _asked: {"allowed": True}
        self._version = 100
        self._lock = threading.RLock()
        self.put("/api/v1/namespaces/kube-system", {"metadata": {"uid": "cluster-uid"}})

    # --- what tests do with it ------------------------------------------------------------------------------

    def kubeconfig(self, folder: Path, *, cluster: dict[str, Any] | None = None, **user: Any) -> Path:
        """A kubeconfig with one context, `test`; `cluster` says more of its cluster."""
        path = folder / "kubeconfig"
        content = {
            "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u", "namespace": "from-context"}}],
            "clusters": [{"name": "c", "cluster": {"server": self.url, **(cluster or {})}}],
            "users": [{"name": "u", "user": user or {"token": self.token}}],
        }
        path.write_text(json.dumps(content))
        return path

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make an object, or replace it by one with a new uid."""
        where = path.split("/")
        metadata = {
            "name": where[-1],
            "uid": str(uuid.uuid4()),
            "creationTimestamp": self.now.isoformat().replace("+00:00", "Z"),
            "generation": 1,
        } | body.get("metadata", {})
        if "namespaces" in where and where[-2] != "namespaces":
            metadata["namespace"] = where[where.index("namespaces") + 1]
        self.objects[path] = body | {"metadata": metadata}
        self._touch(self.objects[path])
        self.reconcile()
        return self.objects[path]

    def fail(self, method: str, **how: Any) -> None:
        """The next request of a method meets this (see `Fault`)."""
        self.faults.append(Fault(method, **how))

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)

    def sent(self, method: str) -> list[dict[str, Any]]:
        """Requests of a method that were to change something for good."""
        return [
            one
            for one in self.requests
            if one["method"] == method and "dryRun" not in one["query"] and "accessreviews" not in one["path"]
        ]

    # --- the server -----------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        with self._lock:
            if path == "/version":
                return 200, {"gitVersion": "v1.36.2"}
            if path in self.texts:
                return 200, self.texts[path]
            if method == "PATCH" and isinstance(body, dict):
                return kube_apply.apply(self, path, query, body)
            if method == "PATCH":
                return self._patch(path.removesuffix("/status"), query, body)
            if method == "POST":
                return kube_pods.post(self, path, query, body)
            if method == "DELETE":
                return kube_pods.delete(self, path, body)
            if path in self.objects:
                return 200, copy.deepcopy(self.objects[path])
            return self._list(path, query)

    def _list(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        plural = path.rsplit("/", 1)[-1]
        known = plural in KNOWN or any(where.split("/")[-2] == plural for where in self.objects)
        if not known or (METRICS in path and not any(METRICS in where for where in self.objects)):
            return 404, "404 page not found\n"
        labels = dict(part.split("=") for part in query.get("labelSelector", "").split(",") if "=" in part)
        fields = dict(part.split("=", 1) for part in query.get("fieldSelector", "").split(",") if part)
        found = [
            {key: value for key, value in obj.items() if key not in ("kind", "apiVersion")}
            for where, obj in sorted(self.objects.items())
            if path in (where.rsplit("/", 1)[0], kube_pods.everywhere(where))
            and labels.items() <= (obj["metadata"].get("labels") or {}).items()
            and all(_field(obj, field) == chosen for field, chosen in fields.items())
        ]
        start, limit = int(query.get("continue", "0")), int(query.get("limit", "500"))
        more = {"continue": str(start + limit)} if len(found) > start + limit else {}
        return 200, {"kind": "List", "metadata": more, "items": copy.deepcopy(found[start : start + limit])}

    def _patch(self, path: str, query: dict[str, str], operations: list[dict[str, Any]]) -> tuple[int, Any]:
        if path not in self.objects:
            return self.status(404, f'"{path.rsplit("/", 1)[-1]}" not found')
        old, new = self.objects[path], copy.deepcopy(self.objects[path])
        try:
            for operation in operations:
                _operate(new, operation)
        except (LookupError, AssertionError, TypeError):
            return self.status(422, "the server rejected our request due to an error in our request", details={})
        self.admission(new)
        invalid = self.invalid(new)
        if invalid:
            return invalid
        if new.get("spec") != old.get("spec") or new["metadata"].get("annotations") != old["metadata"].get(
            "annotations"
        ):
            new["metadata"]["generation"] += 1
        if query.get("dryRun") == "All":
            return 200, new
        kube_apply.updated(self, query.get("fieldManager", ""), operations, old, new)
        self.objects[path] = new
        self._touch(new)
        answer = copy.deepcopy(new)
        self.reconcile()
        return 200, answer

    def invalid(self, obj: dict[str, Any]) -> tuple[int, Any] | None:
        """The one thing that this server validates."""
        if ((obj.get("spec") or {}).get("replicas") or 0) >= 0:
            return None
        cause = {"reason": "FieldValueInvalid", "field": "spec.replicas"}
        return self.status(422, "spec.replicas: Invalid value", details={"causes": [cause]})

    def status(self, code: int, message: str, **more: Any) -> tuple[int, Any]:
        """A Status object, as every refusal is."""
        reason = REASONS.get(code, "")
        return code, {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code, **more}

    def _touch(self, obj: dict[str, Any]) -> None:
        self._version += 1
        obj["metadata"]["resourceVersion"] = str(self._version)

    # --- the controller -------------------------------------------------------------------------------------

    def reconcile(self) -> None:
        """What the controllers do: revisions, numbers, counts."""
        if self.controller:
            for path, obj in list(self.objects.items()):
                if "/deployments/" in path and "template" in obj.get("spec", {}):
                    self._reconcile(path, obj)
                if obj.get("kind") in ("StatefulSet", "DaemonSet"):
                    kube_revisions.reconcile(self, path, obj)

    def _reconcile(self, path: str, deployment: dict[str, Any]) -> None:
        sets = path.replace("/deployments/", "/replicasets/")
        uid = deployment["metadata"]["uid"]
        owned = [
            obj
            for where, obj in self.objects.items()
            if where.startswith(sets + "-") and obj["metadata"]["ownerReferences"][0]["uid"] == uid
        ]
        current = next((obj for obj in owned if _plain(obj) == deployment["spec"]["template"]), None)
        if current is None:
            current = self._replica_set(sets, deployment)
            owned.append(current)
        notes = deployment["metadata"].setdefault("annotations", {})
        kept = current["metadata"]["annotations"]
        highest = max(
            (int(obj["metadata"]["annotations"].get(REVISION, 0)) for obj in owned if obj is not current), default=0
        )
        number = int(kept.get(REVISION, 0))
        if number <= highest:
            if number:
                kept[PAST] = ",".join(filter(None, [kept.get(PAST), str(number)]))
            kept[REVISION] = str(highest + 1)
        kept |= {key: value for key, value in notes.items() if key not in (REVISION, PAST)}
        notes[REVISION] = kept[REVISION]
        wanted = deployment["spec"].get("replicas", 1)
        ready = wanted if self.ready else 0
        for obj in owned:
            obj["status"] = {"availableReplicas": ready if obj is current else 0}
        deployment["status"] = (deployment.get("status") or {}) | {
            "observedGeneration": deployment["metadata"]["generation"],
            "replicas": wanted,
            "updatedReplicas": wanted,
            "availableReplicas": ready,
        }

    def _replica_set(self, sets: str, deployment: dict[str, Any]) -> dict[str, Any]:
        template = copy.deepcopy(deployment["spec"]["template"])
        word = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]
        template["metadata"]["labels"][HASH] = word
        owner = {"kind": "Deployment", "uid": deployment["metadata"]["uid"], "controller": True}
        body = {
            "metadata": {"labels": template["metadata"]["labels"], "annotations": {}, "ownerReferences": [owner]},
            "spec": {"template": template},
        }
        path = f"{sets}-{word}"
        metadata = {
            "name": path.rsplit("/", 1)[-1],
            "namespace": deployment["metadata"]["namespace"],
            "uid": str(uuid.uuid4()),
            "creationTimestamp": self.now.isoformat().replace("+00:00", "Z"),
        }
        self.objects[path] = body | {"metadata": metadata | body["metadata"]}
        return self.objects[path]

    url = ""


def _field(obj: Any, path: str) -> Any:
    """The value of a field selector's field, such as `spec.nodeName`."""
    for part in path.split("."):
        obj = obj.get(part, {})
    return obj


def _plain(replica_set: dict[str, Any]) -> dict[str, Any]:
    template = copy.deepcopy(replica_set["spec"]["template"])
    template["metadata"]["labels"].pop(HASH, None)
    return template


def _operate(obj: Any, operation: dict[str, Any]) -> None:
    """One operation of RFC 6902; an error is any LookupError, TypeError or AssertionError."""
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
    for part in parents:
        obj = obj[int(part)] if isinstance(obj, list) else obj[part]
    key: Any = last
    if isinstance(obj, list):
        key = len(obj) if last == "-" else int(last)
    if operation["op"] == "test" and operation["value"] is None and isinstance(obj, dict):
        assert obj.get(key) is None  # the server's library takes what is not there for null
    elif operation["op"] == "test":
        assert obj[key] == operation["value"]
    elif operation["op"] == "remove":
        del obj[key]
    elif operation["op"] == "add" and isinstance(obj, list):
        obj.insert(key, operation["value"])
    else:
        assert operation["op"] == "add" or key in obj
        obj[key] = operation["value"]


class _Handler(BaseHTTPRequestHandler):
    api: KubeApi
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: in two, the second waits 40 ms for the first

    def do_GET(self) -> None:
        self._serve("GET")

    def do_PATCH(self) -> None:
        self._serve("PATCH")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else None
        token = (self.headers.get("Authorization") or "").partition(" ")[2]
        asked = {"method": method, "path": url.path, "query": query, "body": body, "token": token}
        self.api.requests.append(asked)
        if self.api.token not in (None, token):
            self._reply(*self.api.status(401, "Unauthorized"))
            return
        upgrades = self.headers.get("Upgrade") == "websocket"
        meets = "EXEC" if upgrades else method
        fault = next((one for one in self.api.faults if one.method == meets), None)
        if upgrades and fault is None:
            with suppress(OSError):
                kube_exec.upgrade(self, self.api)
            return
        if fault is None:
            self._reply(*self.api.answer(method, url.path, query, body))
            return
        self.api.faults.remove(fault)
        self._fail(fault.how, method, url.path, query, body)

    def _fail(self, how: dict[str, Any], method: str, path: str, query: dict[str, str], body: Any) -> None:
        time.sleep(how.get("delay", 0))
        if how.get("lost"):
            self.api.answer(method, path, query, body)
            how.get("then", lambda: None)()
        if how.get("lost") or how.get("dropped"):
            self.close_connection = True
        elif "raw" in how:
            self.wfile.write(how["raw"])
            self.wfile.flush()
            with suppress(OSError):
                while "drip" in how:
                    time.sleep(how["drip"])
                    self.wfile.write(b" ")
                    self.wfile.flush()
            self.close_connection = True
        elif "status" in how:
            more = {"details": {"causes": how["causes"]}} if "causes" in how else {}
            self._reply(*self.api.status(how["status"], how.get("message", ""), **more), headers=how.get("headers", {}))
        else:
            self._reply(*self.api.answer(method, path, query, body), headers=how.get("headers", {}))

    def _reply(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Date", format_datetime(self.api.now, usegmt=True))
        self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone away is what some tests are about."""


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[KubeApi]:
    """A running API server; behind TLS where a server's side of it is given."""
    api = KubeApi()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": api}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    api.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/api"


def deploy(api: KubeApi, image: str, **container: Any) -> dict[str, Any]:
    """Deploy an image as `shop/api`, an hour after whatever was before."""
    api.later(3600)
    if DEPLOYMENT in api.objects:
        old = api.objects[DEPLOYMENT]
        old["spec"]["template"]["spec"]["containers"][0] |= {"image": image} | container
        old["metadata"]["generation"] += 1
        api.reconcile()
        return api.objects[DEPLOYMENT]
    one = {"name": "api", "image": image} | container
    template = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [one]}}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "api"}}, "template": template}
    return api.put(DEPLOYMENT, {"spec": spec})
