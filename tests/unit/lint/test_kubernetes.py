"""What older guides for Kubernetes say is found wherever it stands, and said with what to write instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runbook import kinds
from runbook.document.spec import KindSpec
from runbook.document.words import Effect, Role
from runbook.lint.lint import lint

HEAD = "apiVersion: runbook/v1\nkind: {}\n"
CHAOS = {"apiVersion": "chaos-mesh.org/v1alpha1", "kind": "PodChaos", "spec": {"action": "pod-kill"}}
CRON = {"cron": "@every 2h"}
SENDS = KindSpec(  # what a kind that sends objects as they are written may look like
    name="kubernetes.sends",
    summary="Sends what it is given.",
    role=Role.ACTION,
    effect=Effect.CHANGE,
    inputs={"type": "object"},
    outputs={"type": "object"},
    connection="kubernetes",
    example={"id": "sends", "uses": "kubernetes.sends"},
)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def said(uses: str, inputs: Mapping[str, Any], *, where: str = "triage") -> list[tuple[str, str, str]]:
    """Severity, code and text of what lint finds of Kubernetes in one step."""
    step = json.dumps({"id": "one", "uses": uses, "with": inputs})
    ends = "escalation: {to: team}\nverification: {checks: [{id: up, uses: tcp.connect, with: {host: h, port: 1}}]}\n"
    options = f"resolution:\n  - {{id: all, title: All, steps: [{step}]}}\n{ends}"
    text = f"triage: [{step}]\n" if where == "triage" else options
    Path("slow.yaml").write_text(HEAD.format("Runbook") + "name: slow\ntitle: It is slow\n" + text)
    return _found({**kinds.specs(), SENDS.name: SENDS})


def configured(text: str) -> list[tuple[str, str, str]]:
    Path("runbook.yaml").write_text(HEAD.format("Config") + "library: [.]\n" + text)
    return _found(kinds.specs())


def _found(specs: Mapping[str, KindSpec]) -> list[tuple[str, str, str]]:
    codes = ("RB073", "RB074", "RB075", "RB076")
    found = [one for one in lint([Path()], specs).findings if one.code in codes]
    return [(str(one.severity), one.code, f"{one.message}; {one.hint}") for one in found]


@pytest.mark.parametrize(
    "patch",
    [
        {"spec": {"rollbackTo": {"revision": 0}}},
        [{"op": "add", "path": "/spec/rollbackTo", "value": {"revision": 3}}],
        {"metadata": {"annotations": {"deprecated.deployment.rollback.to": "3"}}},
        '{"spec": {"rollbackTo": {"revision": 0}}}',
    ],
)
def test_rollback_to_is_an_error_where_it_would_be_sent(patch: Any) -> None:
    """apps/v1 has no such field: nothing would be rolled back at three in the morning."""
    [(severity, code, text)] = said("kubernetes.sends", {"patch": patch}, where="option")
    assert (severity, code) == ("error", "RB073")
    assert "gone since Kubernetes 1.16" in text
    assert "use kubernetes.rollout_undo" in text


@pytest.mark.parametrize(
    ("uses", "inputs"),
    [
        ("command.run", {"argv": ["kubectl", "patch", "deploy/api", "-p", '{"spec":{"rollbackTo":{"revision":0}}}']}),
        ("shell.run", {"script": "kubectl patch deploy/api -p '{spec: {rollbackTo: {revision: 0}}}'"}),
        ("manual.do", {"text": "Patch `rollbackTo` into the Deployment."}),
    ],
)
def test_rollback_to_is_a_warning_in_what_others_run(uses: str, inputs: dict[str, Any]) -> None:
    """A command, a script, words for people: likely the same is meant."""
    assert [one[:2] for one in said(uses, inputs, where="option")] == [("warning", "RB073")]


@pytest.mark.parametrize(
    "inputs",
    [
        {"manifest": CHAOS | {"spec": {"action": "pod-kill", "scheduler": CRON}}},
        {"manifests": [CHAOS | {"spec": {"scheduler": CRON}}]},
        {"patch": {"spec": {"scheduler": CRON}}},
        {"patch": [{"op": "replace", "path": "/spec/scheduler/cron", "value": "@every 1h"}]},
        {"text": "apiVersion: chaos-mesh.org/v1alpha1\nkind: PodChaos\nspec:\n  scheduler:\n    cron: '@every 2h'\n"},
    ],
)
def test_the_scheduler_of_an_experiment_is_an_error_where_it_would_be_sent(inputs: dict[str, Any]) -> None:
    """Chaos Mesh repeats through `kind: Schedule`."""
    [(severity, code, text)] = said("kubernetes.sends", inputs, where="option")
    assert (severity, code) == ("error", "RB074")
    assert "since 2.0" in text
    assert "`kind: Schedule`" in text


def test_the_scheduler_is_a_warning_in_a_command() -> None:
    """`kubectl apply -f -` with the manifest on stdin."""
    stdin = json.dumps(CHAOS | {"spec": {"scheduler": CRON}})
    inputs = {"argv": ["kubectl", "apply", "-f", "-"], "stdin": stdin}
    assert [one[:2] for one in said("command.run", inputs, where="option")] == [("warning", "RB074")]


@pytest.mark.parametrize(
    "inputs",
    [
        {"manifest": {"apiVersion": "kueue.example.com/v1", "kind": "Queue", "spec": {"scheduler": "fair"}}},
        {"manifest": {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": {}}}}},
        {"manifest": {"spec": {"template": {"spec": {"schedulerName": "default-scheduler"}}}}},
        {"text": "apiVersion: chaos-mesh.org/v1alpha1\nkind: Schedule\nspec: {schedule: '@every 2h'}\n"},
        {"text": "kubectl -n kube-system logs kube-scheduler: is it there?"},
    ],
)
def test_what_is_only_called_alike_is_left_alone(inputs: dict[str, Any]) -> None:
    """Another group's `scheduler`, a `schedulerName`, a Schedule."""
    assert said("kubernetes.sends", inputs, where="option") == []


@pytest.mark.parametrize(
    ("inputs", "severity", "text"),
    [
        ({"kind": "Rollout", "name": "api"}, "error", "add `api_version`"),
        ({"kind": "Deployment", "api_version": "extensions/v1beta1"}, "error", "not served since"),
        ({"kind": "CronJob", "api_version": "batch/v1beta1"}, "error", "since Kubernetes 1.25; write batch/v1"),
        ({"kind": "Ingress", "api_version": "networking.k8s.io/v1beta1"}, "error", "since Kubernetes 1.22"),
        ({"kind": "Deployment", "api_version": "apps/v2"}, "warning", "is not known here; it is in apps/v1"),
    ],
)
def test_an_unknown_version_of_a_kind_is_said(inputs: dict[str, Any], severity: str, text: str) -> None:
    """Before the night in which the server says so."""
    [(found, code, message)] = said("kubernetes.get", inputs)
    assert (found, code) == (severity, "RB076")
    assert text in message


@pytest.mark.parametrize(
    "inputs",
    [
        {"kind": "Rollout", "api_version": "argoproj.io/v1alpha1"},
        {"kind": "Deployment", "api_version": "apps/v1"},
        {"kind": "Deployment"},
        {"kind": "ServiceCIDR", "api_version": "networking.k8s.io/v1beta1"},
        {"kind": "Ingress", "api_version": "networking.internal.knative.dev/v1alpha1"},
    ],
)
def test_versions_that_may_be_served_are_left_alone(inputs: dict[str, Any]) -> None:
    """Also those of kinds that others brought, under whatever name."""
    assert said("kubernetes.get", inputs) == []


@pytest.mark.parametrize(
    ("version", "text"), [("policy/v1beta1", "since Kubernetes 1.25"), ("apps", "no version of an API")]
)
def test_the_version_of_a_written_object_is_looked_at(version: str, text: str) -> None:
    """However deep it stands."""
    manifest = {"apiVersion": version, "kind": "PodDisruptionBudget"}
    [(severity, code, message)] = said("kubernetes.sends", {"manifests": [manifest]}, where="option")
    assert (severity, code) == ("error", "RB076")
    assert text in message


def test_a_connection_without_a_context_is_a_warning() -> None:
    """It means what the last `kubectl config use-context` said; in every environment, under every name."""
    text = """connections:
  kubernetes: {namespace: shop}
  staging: {kubernetes: {}}
  pinned: {kubernetes: {context: prod}}
  own: {kubernetes: {in_cluster: true}}
environments:
  eu: {connections: {kubernetes: {kubeconfig: eu.yaml}}}
"""
    found = configured(text)
    assert [one[:2] for one in found] == [("warning", "RB075")] * 3
    assert "the connection 'kubernetes' names no context" in found[0][2]
    assert "add `context: NAME`" in found[0][2]
    assert "the connection 'staging'" in found[1][2]


def test_the_manifest_in_a_file_is_looked_at(tmp_path: Path) -> None:
    """With the name of the file, at the step that sends it."""
    Path("runbook.yaml").write_text(HEAD.format("Config") + "library: [.]\n")
    Path("chaos.yaml").write_text(json.dumps(CHAOS | {"spec": {"scheduler": CRON}, "metadata": {"name": "a"}}))
    [(severity, code, text)] = said("kubernetes.apply", {"file": "chaos.yaml"}, where="option")
    assert (severity, code) == ("error", "RB074")
    assert text.startswith("chaos.yaml: 'spec.scheduler'")


@pytest.mark.parametrize("file", ["none.yaml", "../outside.yaml", "{{ params.file }}.yaml"])
def test_a_file_that_cannot_be_read_is_not_guessed_about(file: str) -> None:
    """A plan says why; nothing outside of the project is opened."""
    Path("runbook.yaml").write_text(HEAD.format("Config") + "library: [.]\n")
    assert said("kubernetes.apply", {"file": file}, where="option") == []
