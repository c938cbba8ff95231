"""What Argo CD and Flux do about a change that is made past them: pure functions of the API's raw JSON.

On the object stands who manages it; in that manager's own object, whether and when it puts back what Git says. The
two have opposite habits. A Flux Kustomization corrects every drift at each interval. An Argo CD Application does so
within seconds where `selfHeal` is on, and otherwise not before Git changes, or a person syncs. A HelmRelease does so
only where its drift detection is on. An Argo CD annotation counts only where it names this very object, as for Argo CD
itself: controllers copy a Deployment's annotations to its ReplicaSets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

Raw = Mapping[str, Any]

APPLICATION, KUSTOMIZATION, HELM_RELEASE = "Application", "Kustomization", "HelmRelease"
PLACES = {  # API version and plural
    APPLICATION: ("argoproj.io/v1alpha1", "applications"),
    KUSTOMIZATION: ("kustomize.toolkit.fluxcd.io/v1", "kustomizations"),
    HELM_RELEASE: ("helm.toolkit.fluxcd.io/v2", "helmreleases"),
}
TOOLS = {APPLICATION: "Argo CD", KUSTOMIZATION: "Flux", HELM_RELEASE: "Flux"}
ARGO_NAMESPACE = "argocd"  # where Applications are, unless their name says otherwise

_TRACKING = "argocd.argoproj.io/tracking-id"
_INSTANCE = "argocd.argoproj.io/instance"
_COMMON_INSTANCE = "app.kubernetes.io/instance"  # Argo CD's older label; Helm and people set it too
_SKIPPED = "argocd.argoproj.io/skip-reconcile"
_ARGO = {"argocd-controller", "argocd-application-controller"}
_KUSTOMIZE, _HELM = "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"
_FLUX = {"kustomize-controller": KUSTOMIZATION, "helm-controller": HELM_RELEASE}
_GROUPS = {KUSTOMIZATION: _KUSTOMIZE, HELM_RELEASE: _HELM}
_ID = re.compile(r"(?P<app>[^:]+):[^/:]*/(?P<kind>[^:]+):(?P<namespace>[^/]*)/(?P<name>.+)")
_LEFT_ALONE = {
    f"{_KUSTOMIZE}/reconcile": ("disabled",),
    f"{_KUSTOMIZE}/ssa": ("IfNotPresent", "Ignore"),
    f"{_HELM}/driftDetection": ("disabled",),
}


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Who manages an object, as far as the object says it; `alone` is the note that keeps them from it."""

    kind: str
    name: str | None = None
    namespace: str | None = None
    alone: str | None = None

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{TOOLS[self.kind]} {self.kind} {where}{self.name}"


class Manager(msgspec.Struct, frozen=True, kw_only=True):
    """A mark with its manager's own object; `unread` says why that could not be read."""

    mark: Mark
    obj: Raw = {}
    unread: str | None = None

    @property
    def spec(self) -> Raw:
        """Its spec; empty where it could not be read."""
        found: Raw = self.obj.get("spec") or {}
        return found


def marks(obj: Raw) -> tuple[Mark, ...]:
    """Who manages an object: by annotation or label, else by who has set its fields."""
    metadata = obj["metadata"]
    labels, notes = metadata.get("labels") or {}, metadata.get("annotations") or {}
    setters = {one.get("manager") for one in metadata.get("managedFields") or []}
    return tuple(filter(None, [_argo(obj, labels, notes, setters), *_flux(labels, notes, setters)]))


def _argo(obj: Raw, labels: Raw, notes: Raw, setters: set[Any]) -> Mark | None:
    tracked = _ID.fullmatch(str(notes.get(_TRACKING, "")))
    name = tracked["app"] if tracked and _is_of(tracked, obj) else labels.get(_INSTANCE) or notes.get(_INSTANCE)
    if name is None and setters & _ARGO:
        name = labels.get(_COMMON_INSTANCE)
        if name is None:
            return Mark(kind=APPLICATION)
    if name is None:
        return None
    namespace, _, app = str(name).rpartition("_")  # `NAMESPACE_NAME` for those outside of Argo CD's own namespace
    return Mark(kind=APPLICATION, name=app, namespace=namespace or None)


def _is_of(tracked: re.Match[str], obj: Raw) -> bool:
    metadata = obj["metadata"]
    same = (tracked["namespace"], tracked["name"]) == (metadata.get("namespace") or "", metadata["name"])
    return same and obj.get("kind") in (None, tracked["kind"])


def _flux(labels: Raw, notes: Raw, setters: set[Any]) -> Iterator[Mark]:
    alone = next((f"{key}: {notes[key]}" for key, words in _LEFT_ALONE.items() if notes.get(key) in words), None)
    for setter, kind in _FLUX.items():
        group = _GROUPS[kind]
        name, namespace = labels.get(f"{group}/name"), labels.get(f"{group}/namespace")
        if name or setter in setters:
            yield Mark(kind=kind, name=name, namespace=namespace, alone=alone if alone and group in alone else None)


def reverts(manager: Manager) -> bool | None:
    """Whether it puts back what Git says all by itself; None where that cannot be told."""
    if manager.mark.alone or _is_suspended(manager):
        return False
    if manager.unread is not None:
        return None
    if manager.mark.kind == APPLICATION:
        return bool((_automated(manager) or {}).get("selfHeal"))
    return manager.mark.kind == KUSTOMIZATION or _drift(manager) == "enabled"


def said(manager: Manager) -> str:
    """What it does about a change, in a line."""
    mark = manager.mark
    if mark.name is None:
        return f"{TOOLS[mark.kind]} has set fields of it and may put the old state back; nothing says which {mark.kind}"
    if mark.alone:
        return f"{mark} leaves this object alone ({mark.alone})"
    if manager.unread is not None:
        return f"{mark} manages it and may put the old state back; when could not be read: {manager.unread}"
    return f"{mark} {_SAYS[mark.kind](manager)}{_ignored(manager)}"


def _application(manager: Manager) -> str:
    if _is_suspended(manager):
        return f"is not reconciled now ({_SKIPPED}); once it is, it may put back what Git says"
    automated = _automated(manager)
    if automated is None:
        return "does not sync by itself: the next sync that somebody starts puts back what Git says"
    if automated.get("selfHeal"):
        return "heals itself: it puts back what Git says within seconds"
    return "syncs by itself, but does not heal itself: it puts back what Git says when Git changes next"


def _kustomization(manager: Manager) -> str:
    if _is_suspended(manager):
        return "is suspended; once it is resumed, it puts back what Git says"
    return f"puts back what Git says every {manager.spec.get('interval')}"


def _helm_release(manager: Manager) -> str:
    if _is_suspended(manager):
        return "is suspended; once it is resumed, its next upgrade sets it anew"
    if _drift(manager) == "enabled":
        return f"corrects drift: it puts back what the chart says every {manager.spec.get('interval')}"
    only = "only reports drift" if _drift(manager) == "warn" else "does not look for drift"
    return f"{only}: its next upgrade, when chart or values change, sets it anew"


_SAYS = {APPLICATION: _application, KUSTOMIZATION: _kustomization, HELM_RELEASE: _helm_release}


def told(manager: Manager) -> dict[str, Any]:
    """A manager as a step's output; null what it does not have or could not be read."""
    mark, spec = manager.mark, manager.spec
    automated = _automated(manager)
    is_argo, known = mark.kind == APPLICATION, manager.unread is None
    return {
        "tool": TOOLS[mark.kind],
        "kind": mark.kind,
        "name": mark.name,
        "namespace": mark.namespace,
        "auto_sync": automated is not None if is_argo and known else None,
        "self_heal": bool((automated or {}).get("selfHeal")) if is_argo and known else None,
        "prune": bool(automated.get("prune")) if automated is not None else spec.get("prune"),
        "interval": spec.get("interval"),
        "suspended": _is_suspended(manager) if known else None,
        "drift_detection": _drift(manager) if mark.kind == HELM_RELEASE and known else None,
        "reverts": reverts(manager),
        "message": said(manager),
    }


def _automated(manager: Manager) -> Raw | None:
    """The policy of automatic syncs where there is one; `enabled: false` is as none."""
    if manager.mark.kind != APPLICATION:
        return None
    found = (manager.spec.get("syncPolicy") or {}).get("automated")
    return found if found is not None and found.get("enabled") is not False else None


def _drift(manager: Manager) -> str:
    return str((manager.spec.get("driftDetection") or {}).get("mode") or "disabled")


def _is_suspended(manager: Manager) -> bool:
    if manager.mark.kind == APPLICATION:
        notes = (manager.obj.get("metadata") or {}).get("annotations") or {}
        return notes.get(_SKIPPED) == "true"
    return manager.spec.get("suspend") is True


def _ignored(manager: Manager) -> str:
    """The fields that a manager leaves to others, of whichever of its objects."""
    spec = manager.spec
    rules = {
        APPLICATION: spec.get("ignoreDifferences"),
        KUSTOMIZATION: spec.get("ignore"),
        HELM_RELEASE: (spec.get("driftDetection") or {}).get("ignore"),
    }[manager.mark.kind]
    words = ("jsonPointers", "jqPathExpressions", "paths")
    paths = dict.fromkeys(path for rule in rules or [] for word in words for path in rule.get(word) or [])
    return f"; of some objects it leaves alone {', '.join(paths)}" if paths else ""
