"""Two laptops, each with a journal of its own, and one Deployment: each sees of the other what its lease says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.clients.kubernetes.leases import name_of
from runbook.errors import Exit
from support.kube_api import DEPLOYMENT, KubeApi, deploy, serving
from support.projects import Project

LEASES = "/apis/coordination.k8s.io/v1/namespaces/shared/leases"
LEASE = f"{LEASES}/{name_of('Deployment/shop/api')}"
SCALE = """name: scale
title: More replicas
impact: Users wait.
symptoms:
  - id: slow
    uses: kubernetes.get
    with: {kind: Deployment, name: api, namespace: shop}
    expect: object.spec.replicas < 10
resolution:
  - id: more
    title: Have more
    steps:
      - {id: scale, uses: kubernetes.scale, with: {deployment: api, namespace: shop, replicas: 5}, timeout: 5s}
    verification:
      within: 2s
      every: 1s
      checks:
        - id: many
          uses: kubernetes.get
          with: {kind: Deployment, name: api, namespace: shop}
          expect: object.spec.replicas >= 5
escalation: {to: team}
"""


@pytest.fixture
def api() -> Iterator[KubeApi]:
    with serving() as api:
        deploy(api, "api:1")
        yield api


def laptop(folder: Path, api: KubeApi, lease: str = ", lease: {namespace: shared}") -> Project:
    folder.mkdir()
    settings = f"{{kubeconfig: {api.kubeconfig(folder)}, context: test{lease}}}"
    made = Project(folder / "p", f"connections:\n  kubernetes: {settings}\n")
    made.runbook(SCALE)
    return made


def wrote(api: KubeApi, path: str = LEASES) -> list[str]:
    """The methods of what was sent to change leases."""
    return [one["method"] for one in api.requests if one["path"].startswith(path) and one["method"] != "GET"]


def lease_of(project: Project, run: str) -> list[dict[str, Any]]:
    return [one["data"]["lease"] for one in project.records(run, "change.planned") if "lease" in one["data"]]


def test_the_second_runner_reads_at_its_gate_who_is_at_it(api: KubeApi, tmp_path: Path) -> None:
    """Advisory: it is a warning, which whoever approves has read; the change is not in the way of anything."""
    first, second = laptop(tmp_path / "one", api), laptop(tmp_path / "two", api)
    waiting = first.run("scale")
    assert waiting.exit == Exit.WAITING, waiting.err
    seen = second.run("scale")
    assert seen.exit == Exit.WAITING
    assert f"run {waiting.run['run']} of scale" in seen.out + seen.err
    assert "another runner (" in seen.out + seen.err
    [told] = lease_of(second, seen.run["run"])
    assert told["did"] == "found"
    assert wrote(api) == ["POST"]
    done = second.does("resume", seen.run["run"], "--yes", "--output", "json")
    assert done.exit == Exit.OK, done.out + done.err
    assert api.objects[DEPLOYMENT]["spec"]["replicas"] == 5
    assert LEASE in api.objects


def test_the_end_of_a_run_takes_its_lease_away(api: KubeApi, tmp_path: Path) -> None:
    """Made with its first plan, which its record says; deleted with its end."""
    one = laptop(tmp_path / "one", api)
    done = one.run("scale", "--yes")
    assert done.exit == Exit.OK, done.out + done.err
    assert [told["did"] for told in lease_of(one, done.run["run"])] == ["claimed", "claimed"]
    assert wrote(api) == ["POST", "DELETE"]
    assert LEASE not in api.objects


def test_nothing_is_written_where_the_connection_does_not_say_so(api: KubeApi, tmp_path: Path) -> None:
    """Nor read: by default there are no leases."""
    one = laptop(tmp_path / "one", api, lease="")
    assert one.run("scale", "--yes").exit == Exit.OK
    assert not any("leases" in sent["path"] for sent in api.requests)


def test_a_plan_only_looks(api: KubeApi, tmp_path: Path) -> None:
    """A dry run sends nothing, and says all the same who is at it."""
    first, second = laptop(tmp_path / "one", api), laptop(tmp_path / "two", api)
    assert second.does("plan", "scale").exit == Exit.OK
    assert wrote(api) == []
    first.run("scale")
    assert "another runner (" in second.does("plan", "scale").out
    assert wrote(api) == ["POST"]


def test_what_may_not_be_written_is_said_once_and_stops_nothing(api: KubeApi, tmp_path: Path) -> None:
    """403: the change goes on, and its gate says that nobody knows."""
    one = laptop(tmp_path / "one", api)
    for _ in range(2):
        api.fail("POST", status=403, message='cannot create resource "leases" in the namespace "shared"')
    done = one.run("scale", "--yes")
    assert done.exit == Exit.OK, done.out + done.err
    first, again = (record["data"] for record in one.records(done.run["run"], "change.planned"))
    assert first["lease"]["did"] == again["lease"]["did"] == "failed"
    said = [line for line in first["change"]["warnings"] if "is not known" in line]
    assert len(said) == 1
    assert 'cannot create resource "leases"' in said[0]
    assert not any("is not known" in line for line in again["change"].get("warnings", []))


def test_with_credentials_for_reading_a_lease_is_written_after_the_gate(api: KubeApi, tmp_path: Path) -> None:
    """The others are not opened before."""
    one = laptop(tmp_path / "one", api, lease=", lease: {namespace: shared}, read: {context: test}")
    waiting = one.run("scale")
    assert waiting.exit == Exit.WAITING
    assert wrote(api) == []
    done = one.does("resume", waiting.run["run"], "--yes")
    assert done.exit == Exit.OK, done.out + done.err
    assert wrote(api) == ["POST", "DELETE"]
