"""A request to an API server as its authorizer sees it: a verb on a resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

VERBS = {"POST": "create", "PATCH": "patch", "DELETE": "delete", "PUT": "update"}


def asked(method: str, path: str) -> tuple[str, str] | None:
    """`("list", "replicasets.apps")`; None for what is no resource, such as /version."""
    parts = path.strip("/").split("/")
    if parts[0] == "api":
        group, rest = "", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, rest = parts[1], parts[3:]
    else:
        return None
    if rest[0] == "namespaces" and len(rest) > 2:
        rest = rest[2:]
    plural, name, sub = (*rest, "", "")[:3]
    resource = f"{plural}.{group}" if group else plural
    verb = VERBS.get(method) or ("get" if name else "list")
    return verb, f"{resource}/{sub}" if sub else resource


def all_asked(requests: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """What these requests asked, but for what every client asks: who the cluster is, and what we may."""
    found = {asked(one["method"], one["path"]) for one in requests}
    every = {None, ("get", "namespaces"), ("create", "selfsubjectaccessreviews.authorization.k8s.io")}
    return {one for one in found if one is not None and one not in every}
