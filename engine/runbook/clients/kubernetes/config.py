"""From a connection's settings to a way into one cluster: which context, and who we are there.

The context is resolved once and stays: a `kubectl config use-context` in another terminal changes nothing for
a run. kubeconfig files are read here and handed over as one context without surprises: a program that a
kubeconfig names (`exec`) runs only where the connection says `exec_plugins: true`, with a timeout and without
a terminal; the `auth-provider` of older files is refused. The Kubernetes client would run both unasked and
wait for ever.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from runbook.errors import Forbidden, UsageError, WorldError

PLUGIN_TIMEOUT = 30.0  # seconds; a plugin that asks a cloud for a token takes one to three

_FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


def context(settings: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    """The kubeconfig cut down to the one context in use, and its namespace; None where we run in the cluster.

    Raises UsageError for a kubeconfig that cannot be used as it stands.
    """
    if _in_cluster(settings):
        return None, settings.get("namespace") or _own_namespace()
    config = _merged(_paths(settings))
    name = settings.get("context") or config["current-context"]
    if not name:
        raise UsageError("the kubeconfig has no current context", hint="name one: `kubernetes: {context: …}`")
    chosen = _named(config, "contexts", name)
    cluster = _named(config, "clusters", chosen.get("cluster"))
    user = _named(config, "users", chosen["user"]) if chosen.get("user") else {}
    whole = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": "cluster", "user": "user"}}],
        "clusters": [{"name": "cluster", "cluster": cluster}],
        "users": [{"name": "user", "user": user}],
    }
    return whole, settings.get("namespace") or chosen.get("namespace")


def opened(whole: Mapping[str, Any], *, exec_plugins: bool) -> dict[str, Any]:
    """A context with what its login program answers in the program's place.

    Raises Forbidden where a program is needed and not allowed, WorldError where it fails.
    """
    user = _opened(whole["users"][0]["user"], whole["clusters"][0]["cluster"], exec_plugins=exec_plugins)
    return dict(whole, users=[{"name": "user", "user": user}])


def _in_cluster(settings: Mapping[str, Any]) -> bool:
    named = settings.get("context") or settings.get("kubeconfig") or os.environ.get("KUBECONFIG")
    return not named and "KUBERNETES_SERVICE_HOST" in os.environ


def _own_namespace() -> str | None:
    place = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
    return place.read_text().strip() if place.exists() else None


def _paths(settings: Mapping[str, Any]) -> list[Path]:
    given = settings.get("kubeconfig") or os.environ.get("KUBECONFIG") or "~/.kube/config"
    paths = [Path(part).expanduser() for part in str(given).split(os.pathsep) if part]
    found = [path for path in paths if path.exists()]
    if not found:
        raise UsageError(f"no kubeconfig at {given}", hint="name it: `kubernetes: {kubeconfig: PATH}`")
    return found


def _merged(paths: list[Path]) -> dict[str, Any]:
    """Several files as one, as kubectl merges them: the first to name a thing wins."""
    merged: dict[str, Any] = {"current-context": None, "contexts": {}, "clusters": {}, "users": {}}
    for path in paths:
        try:
            read = yaml.safe_load(path.read_text())
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise UsageError(f"{path}: cannot be read as a kubeconfig: {error}") from error
        if not isinstance(read, dict):
            raise UsageError(f"{path}: not a kubeconfig")
        merged["current-context"] = merged["current-context"] or read.get("current-context")
        for part in ("contexts", "clusters", "users"):
            for item in read.get(part) or []:
                found = _absolute(item.get(part.removesuffix("s")) or {}, path.resolve().parent)
                merged[part].setdefault(item.get("name"), found)
    return merged


def _absolute(item: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """File names in a kubeconfig are relative to it."""
    return {key: str(folder / value) if key in _FILES and value else value for key, value in item.items()}


def _named(config: Mapping[str, Any], part: str, name: Any) -> dict[str, Any]:
    found = config[part].get(name)
    if found is None:
        known = ", ".join(sorted(map(str, config[part]))) or "none"
        raise UsageError(f"the kubeconfig has no {part.removesuffix('s')} {name!r}", hint=f"it has: {known}")
    return dict(found)


def _opened(given: Mapping[str, Any], cluster: Mapping[str, Any], *, exec_plugins: bool) -> dict[str, Any]:
    user: dict[str, Any] = dict(given)
    if "auth-provider" in user:
        raise Forbidden(
            "the kubeconfig uses an auth-provider, which kubectl no longer knows either",
            hint="use an exec plugin, a token or a certificate",
        )
    plugin = user.pop("exec", None)
    if plugin is None:
        return user
    if not exec_plugins:
        raise Forbidden(
            f"the kubeconfig asks to run the program {plugin.get('command')!r} to log in",
            hint="allow it: `kubernetes: {exec_plugins: true}`",
        )
    status = _ask(plugin, cluster)
    if status.get("token"):
        user["token"] = status["token"]
    if status.get("clientCertificateData"):
        user["client-certificate-data"] = _base64(status["clientCertificateData"])
        user["client-key-data"] = _base64(status.get("clientKeyData") or "")
    return user


def _base64(text: str) -> str:
    from base64 import b64encode

    return b64encode(text.encode()).decode()


def _ask(plugin: Mapping[str, Any], cluster: Mapping[str, Any]) -> dict[str, Any]:
    """Run a credential plugin once (client.authentication.k8s.io, ExecCredential) and return its status."""
    import subprocess

    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        told = ("server", "certificate-authority-data")
        spec["cluster"] = {key: cluster[key] for key in told if key in cluster}
    asked = {"apiVersion": plugin.get("apiVersion"), "kind": "ExecCredential", "spec": spec}
    extra = {str(item["name"]): str(item["value"]) for item in plugin.get("env") or []}
    argv = [str(plugin.get("command")), *map(str, plugin.get("args") or [])]
    try:
        done = subprocess.run(
            argv,
            env={**os.environ, **extra, "KUBERNETES_EXEC_INFO": json.dumps(asked)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PLUGIN_TIMEOUT,
            check=True,
        )
        status = json.loads(done.stdout)["status"]
    except subprocess.TimeoutExpired as error:
        raise WorldError(f"the login program {argv[0]!r} did not answer in {PLUGIN_TIMEOUT:g} s") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise Forbidden(f"the login program {argv[0]!r} failed: {said}", hint="log in again") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorldError(f"the login program {argv[0]!r} gave no credentials: {error}") from error
    return dict(status)
