"""From a connection's settings to a way into one cluster: which context, and who we are there.

The context is resolved once and stays: a `kubectl config use-context` in another terminal changes nothing for
a process that has begun. kubeconfig files are read here and handed over as one context without surprises: programs
that log in are `plugins.py`'s, by the connection's leave; what the Kubernetes client would silently leave out or
run unasked (impersonation, an `auth-provider`, a cluster without a server) is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from runbook.clients.kubernetes import plugins
from runbook.clients.kubernetes.plugins import Allowed, Credentials
from runbook.errors import Forbidden, UsageError

_FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
_IMPERSONATION = ("as", "as-uid", "as-groups", "as-user-extra")


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
    if not cluster.get("server"):  # the Kubernetes client would take http://localhost for it
        raise UsageError(f"the kubeconfig names no server for cluster {chosen.get('cluster')!r}")
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


def opened(whole: Mapping[str, Any], allowed: Allowed) -> tuple[dict[str, Any], Credentials]:
    """A context with what its login program answers in the program's place, and how long that is good.

    Raises Forbidden where a program is needed and not allowed, WorldError where it fails.
    """
    user: dict[str, Any] = dict(whole["users"][0]["user"])
    _refuse(user)
    plugin = user.pop("exec", None)
    got = Credentials({}) if plugin is None else plugins.asked(plugin, whole["clusters"][0]["cluster"], allowed)
    return dict(whole, users=[{"name": "user", "user": user | got.user}]), got


def renewable(whole: Mapping[str, Any] | None) -> bool:
    """Whether logging in again can give other credentials than the last time."""
    user = whole["users"][0]["user"] if whole else {}
    return whole is None or "exec" in user or "tokenFile" in user


def _refuse(user: Mapping[str, Any]) -> None:
    if "auth-provider" in user:
        raise Forbidden(
            "the kubeconfig uses an auth-provider, which kubectl no longer knows either",
            hint="use an exec plugin, a token or a certificate",
        )
    acting = [key for key in _IMPERSONATION if user.get(key)]
    if acting:  # the Kubernetes client leaves it out, and would act with all the rights of whoever logs in
        raise Forbidden(
            f"the kubeconfig acts as somebody else ({acting[0]}: {user[acting[0]]}), which is not supported",
            hint="name a context that logs in as whom it means",
        )


def _in_cluster(settings: Mapping[str, Any]) -> bool:
    """Whether we are a pod's service account: as the connection says, else where nothing names a context."""
    if settings.get("in_cluster") is True:
        named = next((key for key in ("context", "kubeconfig") if settings.get(key)), None)
        if named is not None:
            raise UsageError(f"a connection says both in_cluster and {named}", hint="keep one of them")
        if "KUBERNETES_SERVICE_HOST" not in os.environ:
            raise UsageError("the connection says in_cluster, and this is no pod of a cluster", hint="name a context")
        return True
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
        except yaml.YAMLError as error:
            raise UsageError(f"{path}: cannot be read as a kubeconfig: {_where(error)}") from None
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            raise UsageError(f"{path}: cannot be read as a kubeconfig: {why}") from None
        if not isinstance(read, dict):
            raise UsageError(f"{path}: not a kubeconfig")
        merged["current-context"] = merged["current-context"] or read.get("current-context")
        for part in ("contexts", "clusters", "users"):
            for item in read.get(part) or []:
                if not isinstance(item, dict) or not isinstance(item.get(part.removesuffix("s")) or {}, dict):
                    raise UsageError(
                        f"{path}: not a kubeconfig: {part} is a list of {{name, {part.removesuffix('s')}}}"
                    )
                found = _absolute(item.get(part.removesuffix("s")) or {}, path.resolve().parent)
                merged[part].setdefault(item.get("name"), found)
    return merged


def _where(error: yaml.YAMLError) -> str:
    """What is wrong with a file, without the line itself, which may hold a token."""
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1} is no YAML" if mark is not None else "it is no YAML"


def _absolute(item: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """File names in a kubeconfig are relative to it, and so is the command of a plugin that has a slash."""
    made = {key: str(folder / value) if key in _FILES and value else value for key, value in item.items()}
    plugin = made.get("exec")
    if isinstance(plugin, Mapping) and "/" in str(plugin.get("command") or ""):
        made["exec"] = {**plugin, "command": str(folder / str(plugin["command"]))}
    return made


def _named(config: Mapping[str, Any], part: str, name: Any) -> dict[str, Any]:
    found = config[part].get(name)
    if found is None:
        known = ", ".join(sorted(map(str, config[part]))) or "none"
        raise UsageError(f"the kubeconfig has no {part.removesuffix('s')} {name!r}", hint=f"it has: {known}")
    return dict(found)
