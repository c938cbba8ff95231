from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.kinds import kubernetes_owners as owners
from runbook.kinds import kubernetes_scale as scale
from support.kube_kinds import Shop, shop

APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/{}/applications/web"
KUSTOMIZATION = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/apps"
HEALS = {"spec": {"syncPolicy": {"automated": {"selfHeal": True}}}}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def track(at: Shop, app: str = "web") -> dict[str, Any]:
    at.deployment["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = f"{app}:apps/Deployment:shop/api"
    return at.deployment


def asked(at: Shop) -> list[str]:
    return [one["path"] for one in at.api.requests if one["method"] == "GET"]


def test_an_object_without_a_mark_costs_no_request(at: Shop) -> None:
    """Nobody is looked for who has left no trace."""
    assert owners.reverting(at.deployment, at.world()) == ()
    assert asked(at) == []


def test_an_application_is_read_once_where_argo_cd_is(at: Shop) -> None:
    """And what it will do is a warning of the plan."""
    at.api.put(APPLICATIONS.format("argocd"), HEALS)
    track(at)
    assert any("heals itself" in warning for warning in at.planned(scale, replicas=10).warnings)
    assert [path for path in asked(at) if "argoproj" in path] == [APPLICATIONS.format("argocd")]


def test_an_application_elsewhere_is_found_by_its_name(at: Shop) -> None:
    """With one request more, and said with its namespace."""
    at.api.put(APPLICATIONS.format("gitops"), HEALS)
    (said,) = owners.reverting(track(at), at.world())
    assert said.startswith("Argo CD Application gitops/web heals itself")
    assert len(asked(at)) == 2


def test_an_application_whose_namespace_is_known_is_read_there_only(at: Shop) -> None:
    """The tracking id names the namespace of one outside of Argo CD's own."""
    at.api.put(APPLICATIONS.format("argocd"), HEALS)
    (said,) = owners.reverting(track(at, "team_web"), at.world())
    assert "could not be read" in said
    assert asked(at) == [APPLICATIONS.format("team")]


def test_two_applications_of_one_name_are_not_chosen_from(at: Shop) -> None:
    """Which of them it is, nobody says."""
    for where in ("a", "b"):
        at.api.put(APPLICATIONS.format(where), HEALS)
    (said,) = owners.reverting(track(at), at.world())
    assert "2 Applications of this name" in said


def test_a_cluster_without_applications_is_said_to_have_none(at: Shop) -> None:
    """Argo CD may run in another cluster: that it reverts is possible still."""
    (said,) = owners.reverting(track(at), at.world())
    assert "may put the old state back" in said
    assert "this cluster has no Applications, Argo CD may run in another one" in said


def test_a_manager_that_may_not_be_read_is_said_with_the_permission(at: Shop) -> None:
    """In the server's words."""
    labels = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
    at.deployment["metadata"]["labels"] = labels
    message = 'kustomizations.kustomize.toolkit.fluxcd.io "apps" is forbidden: User "v" cannot get resource'
    at.api.fail("GET", status=403, message=message)
    (said,) = owners.reverting(at.deployment, at.world())
    assert "cannot get resource" in said
    assert asked(at) == [KUSTOMIZATION]


def test_an_interval_is_told_from_the_kustomization(at: Shop) -> None:
    """When, not only whether."""
    at.api.put(KUSTOMIZATION, {"spec": {"interval": "5m"}})
    labels = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
    at.deployment["metadata"]["labels"] = labels
    assert owners.reverting(at.deployment, at.world()) == (
        "Flux Kustomization flux-system/apps puts back what Git says every 5m",
    )


def test_what_reverts_is_no_part_of_what_is_approved(at: Shop) -> None:
    """A manager that is switched on or off voids no approval."""
    before = at.planned(scale, replicas=10)
    at.api.put(APPLICATIONS.format("argocd"), HEALS)
    track(at)
    assert at.planned(scale, replicas=10).digest == before.digest
