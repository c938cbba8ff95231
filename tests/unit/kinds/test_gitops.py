from __future__ import annotations

from typing import Any

import pytest

from runbook.kinds import gitops
from runbook.kinds.gitops import Manager, Mark

TRACKED = "argocd.argoproj.io/tracking-id"
KUSTOMIZE, HELM = "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"


def obj(**metadata: Any) -> dict[str, Any]:
    return {"kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"} | metadata}


def fields_by(*managers: str) -> list[dict[str, str]]:
    return [{"manager": manager} for manager in managers]


MARKED: list[tuple[dict[str, Any], Mark | None]] = [
    (obj(), None),
    (obj(labels={"app.kubernetes.io/instance": "shop"}), None),  # Helm and people set it too
    (obj(annotations={TRACKED: "web:apps/Deployment:shop/api"}), Mark(kind="Application", name="web")),
    (
        obj(annotations={TRACKED: "team_web:apps/Deployment:shop/api"}),
        Mark(kind="Application", name="web", namespace="team"),
    ),
    (obj(annotations={TRACKED: "web:apps/Deployment:shop/other"}), None),
    (obj(annotations={TRACKED: "web:apps/StatefulSet:shop/api"}), None),
    (obj(annotations={TRACKED: "nonsense"}), None),
    (obj(labels={"argocd.argoproj.io/instance": "web"}), Mark(kind="Application", name="web")),
    (
        obj(labels={"app.kubernetes.io/instance": "web"}, managedFields=fields_by("argocd-controller")),
        Mark(kind="Application", name="web"),
    ),
    (obj(managedFields=fields_by("argocd-application-controller")), Mark(kind="Application")),
    (
        obj(labels={f"{KUSTOMIZE}/name": "apps", f"{KUSTOMIZE}/namespace": "flux-system"}),
        Mark(kind="Kustomization", name="apps", namespace="flux-system"),
    ),
    (
        obj(labels={f"{HELM}/name": "api", f"{HELM}/namespace": "shop"}, annotations={f"{KUSTOMIZE}/ssa": "Ignore"}),
        Mark(kind="HelmRelease", name="api", namespace="shop"),
    ),
    (obj(managedFields=fields_by("helm-controller", "kubectl")), Mark(kind="HelmRelease")),
]


@pytest.mark.parametrize(("found", "mark"), MARKED)
def test_who_manages_an_object_is_told_by_what_stands_on_it(found: dict[str, Any], mark: Mark | None) -> None:
    """An annotation that names another object was copied, and is nobody's mark."""
    assert gitops.marks(found) == ((mark,) if mark else ())


ALONE = [
    ({f"{KUSTOMIZE}/reconcile": "disabled"}, "Kustomization"),
    ({f"{KUSTOMIZE}/ssa": "IfNotPresent"}, "Kustomization"),
    ({f"{HELM}/driftDetection": "disabled"}, "HelmRelease"),
]


@pytest.mark.parametrize(("notes", "kind"), ALONE)
def test_an_object_that_is_left_alone_says_so_itself(notes: dict[str, str], kind: str) -> None:
    """What Flux is told on the object counts whatever its own object says."""
    group = KUSTOMIZE if kind == "Kustomization" else HELM
    (mark,) = gitops.marks(obj(labels={f"{group}/name": "apps"}, annotations=notes))
    manager = Manager(mark=mark, obj={"spec": {"interval": "1m", "driftDetection": {"mode": "enabled"}}})
    assert gitops.reverts(manager) is False
    assert "leaves this object alone" in gitops.said(manager)


def application(automated: Any = None, **notes: str) -> dict[str, Any]:
    annotations = {f"argocd.argoproj.io/{key.replace('_', '-')}": value for key, value in notes.items()}
    return {"metadata": {"annotations": annotations}, "spec": {"syncPolicy": {"automated": automated}}}


def flux(**spec: Any) -> dict[str, Any]:
    return {"metadata": {}, "spec": {"interval": "10m"} | spec}


HABITS: list[tuple[str, dict[str, Any], bool, str]] = [
    ("Application", application(), False, "does not sync by itself"),
    ("Application", application({}), False, "when Git changes next"),
    ("Application", application({"selfHeal": True}), True, "within seconds"),
    ("Application", application({"selfHeal": True, "enabled": False}), False, "does not sync by itself"),
    ("Application", application({"selfHeal": True}, skip_reconcile="true"), False, "not reconciled now"),
    ("Kustomization", flux(), True, "every 10m"),
    ("Kustomization", flux(suspend=True), False, "is suspended"),
    ("Kustomization", flux(ignore=[{"paths": ["/spec/replicas"]}]), True, "leaves alone /spec/replicas"),
    ("HelmRelease", flux(), False, "does not look for drift"),
    ("HelmRelease", flux(driftDetection={"mode": "warn"}), False, "only reports drift"),
    ("HelmRelease", flux(driftDetection={"mode": "enabled"}), True, "every 10m"),
    ("HelmRelease", flux(driftDetection={"mode": "enabled"}, suspend=True), False, "is suspended"),
]


@pytest.mark.parametrize(("kind", "found", "reverts", "says"), HABITS)
def test_whether_and_when_it_is_taken_back_is_said(kind: str, found: dict[str, Any], reverts: bool, says: str) -> None:
    """Each tool by its own habits."""
    manager = Manager(mark=Mark(kind=kind, name="web", namespace="team"), obj=found)
    assert gitops.reverts(manager) is reverts
    assert says in gitops.said(manager)
    assert gitops.said(manager).startswith(("Argo CD Application team/web ", f"Flux {kind} team/web "))
    assert gitops.told(manager)["reverts"] is reverts


def test_what_could_not_be_read_is_neither_yes_nor_no() -> None:
    """Null in the outputs, and the reason in words."""
    manager = Manager(mark=Mark(kind="Application", name="web"), unread="no permission")
    told = gitops.told(manager)
    assert (told["reverts"], told["self_heal"], told["suspended"], told["prune"]) == (None, None, None, None)
    assert "no permission" in told["message"]


def test_the_policy_of_an_application_is_told() -> None:
    """As it stands there; absent is false."""
    manager = Manager(mark=Mark(kind="Application", name="web"), obj=application({"prune": True}))
    told = gitops.told(manager)
    assert (told["auto_sync"], told["self_heal"], told["prune"]) == (True, False, True)
