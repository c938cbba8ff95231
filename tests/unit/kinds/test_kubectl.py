"""kubectl commands are read to their last word, or not at all."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from runbook import kinds
from runbook.kinds.kubectl import recognised

UNDERSTOOD: list[tuple[str, str, dict[str, Any]]] = [
    ("get pods", "pods", {}),
    ("-n shop get po -l app=api -o wide", "pods", {"namespace": "shop", "selector": "app=api"}),
    ("get pods -A --field-selector spec.nodeName=n1", "pods", {"all_namespaces": True, "node": "n1"}),
    ("get deploy/api -o yaml", "get", {"kind": "Deployment", "name": "api"}),
    ("get deployments.apps api", "get", {"kind": "Deployment", "name": "api"}),
    ("get nodes --no-headers", "get", {"kind": "Node"}),
    ("get endpoints api", "endpoints", {"service": "api"}),
    ("get ingresses", "get", {"kind": "Ingress"}),
    ("get events --field-selector=involvedObject.name=p,type=Warning", "events", {"name": "p", "type": "Warning"}),
    ("events --for pod/api-1", "events", {"kind": "Pod", "name": "api-1"}),
    ("logs api-1 -c app -p --since=1h", "logs", {"pod": "api-1", "container": "app", "since": "1h", "previous": True}),
    ("logs deployment/api --tail=20 --all-containers", "logs", {"deployment": "api", "tail": 20}),
    ("top pods -n shop", "top", {"of": "pods", "namespace": "shop"}),
    ("rollout history sts/db", "rollout_history", {"statefulset": "db"}),
    ("rollout status ds agent --watch=false", "rollout_status", {"daemonset": "agent"}),
    ("rollout undo deploy api --to-revision=4", "rollout_undo", {"deployment": "api", "to_revision": 4}),
    ("rollout restart deployment api", "rollout_restart", {"deployment": "api"}),
    ("rollout pause deployment/api", "rollout_pause", {"deployment": "api"}),
    ("scale --replicas=3 deployment/api", "scale", {"deployment": "api", "replicas": 3}),
    ("scale sts db --replicas <n>", "scale", {"statefulset": "db", "replicas": "<n>"}),
    (
        "set image deployment/api app=r/api:2",
        "set_image",
        {"deployment": "api", "container": "app", "image": "r/api:2"},
    ),
    ("set env deployment/api A=1 B=", "set_env", {"deployment": "api", "env": {"A": "1", "B": ""}}),
    ("cordon n1", "cordon", {"node": "n1"}),
    ("uncordon <node>", "uncordon", {"node": "<node>"}),
    ("drain n1 --ignore-daemonsets --force", "drain", {"node": "n1", "force": True}),
    ("-n shop delete pod api-1", "delete_pod", {"namespace": "shop", "pod": "api-1"}),
    (
        "exec db-0 -c pg -- psql -c 'select 1'",
        "exec",
        {"pod": "db-0", "container": "pg", "argv": ["psql", "-c", "select 1"]},
    ),
    ("exec deploy/api -- env", "exec", {"deployment": "api", "argv": ["env"]}),
    ("create job again --from=cronjob/nightly", "job", {"from_cronjob": "nightly", "name": "again"}),
    ("auth can-i get pods", "can_i", {"verb": "get", "resource": "pods"}),
]
NOT_UNDERSTOOD = [
    "", "get", "get pods,services", "get all", "get pods -w", "get pods --context other", "get pods -o name",
    "get widgets", "get pods -A -n shop", "get pods a b", "delete pod a --now", "delete deploy/a",
    "delete pod", "drain n1",
    "cordon -l a=b", "exec a", "exec deploy/a -c b", "create job a --image=b",
    "create deployment a", "apply -f x.yaml", "edit cm x",
    "exec -it a -- sh", "get pods -- a", "logs -f a", "logs", "logs a b", "logs sts/db",
    "logs a --tail", "scale deployment/api",
    "scale deployment/api --replicas=many", "scale ds/agent --replicas=1", "rollout pause sts/db",
    "rollout undo deployment",
    "rollout undo deploy/api --dry-run=server", "set image deploy/api a=b c=d",
    "set resources deploy/api", "top services",
    "get pods --kubeconfig=x", "describe pods", "get events --field-selector=reason=Killing", "-n", "get pods -nshop",
]  # fmt: skip
OTHERWISE = {"get", "endpoints", "apply", "patch", "evict_pod", "job", "owner"}  # their lines say more than words do


@pytest.mark.parametrize(("line", "kind", "inputs"), UNDERSTOOD, ids=[line for line, *_ in UNDERSTOOD])
def test_a_command_that_says_the_same_as_a_kind_is_that(line: str, kind: str, inputs: dict[str, Any]) -> None:
    """With the inputs that its words are."""
    [step] = recognised(["kubectl", *shlex.split(line)])
    assert (step.uses, step.inputs) == (f"kubernetes.{kind}", inputs)


@pytest.mark.parametrize("line", NOT_UNDERSTOOD)
def test_a_word_that_is_not_known_makes_it_none(line: str) -> None:
    """Nothing of it is left out: a person does it."""
    assert recognised(["kubectl", *shlex.split(line)]) == []


def test_a_description_is_the_object_and_its_events() -> None:
    """As kubectl prints both."""
    steps = recognised(["kubectl", "-n", "shop", "describe", "pod", "api-1"])
    assert [step.uses for step in steps] == ["kubernetes.get", "kubernetes.events"]


def test_what_a_kind_says_by_hand_is_understood_again() -> None:
    """The line that a page has for a step leads back to that kind."""
    for name, spec in kinds.specs().items():
        if name.removeprefix("kubernetes.") in OTHERWISE or not name.startswith("kubernetes."):
            continue
        [step] = recognised(shlex.split(kinds.get(name).by_hand(spec.example["with"]))) or [None]
        assert step is not None and step.uses == name, name
