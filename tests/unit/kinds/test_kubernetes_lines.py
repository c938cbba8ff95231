from __future__ import annotations

from typing import Any

import pytest

from runbook import kinds

WHERE = {"namespace": "shop", "deployment": "api"}

LINES: list[tuple[str, dict[str, Any], str, str]] = [
    ("rollout_history", WHERE, "Revisions of Deployment shop/api", "kubectl -n shop rollout history deployment/api"),
    (
        "rollout_undo",
        WHERE,
        "Return Deployment shop/api to the last good revision",
        "kubectl -n shop rollout undo deployment/api",
    ),
    (
        "rollout_undo",
        {"deployment": "api", "to_revision": 6},
        "Return Deployment api to revision 6",
        "kubectl rollout undo deployment/api --to-revision=6",
    ),
    (
        "rollout_undo",
        {"daemonset": "agent", "to_revision": 2},
        "Return DaemonSet agent to revision 2",
        "kubectl rollout undo daemonset/agent --to-revision=2",
    ),
    (
        "rollout_status",
        {"namespace": "shop", "statefulset": "queue"},
        "Rollout of StatefulSet shop/queue",
        "kubectl -n shop rollout status statefulset/queue --watch=false",
    ),
    ("rollout_restart", WHERE, "Restart Deployment shop/api", "kubectl -n shop rollout restart deployment/api"),
    (
        "rollout_pause",
        WHERE,
        "Pause the rollouts of Deployment shop/api",
        "kubectl -n shop rollout pause deployment/api",
    ),
    (
        "rollout_resume",
        WHERE,
        "Resume the rollouts of Deployment shop/api",
        "kubectl -n shop rollout resume deployment/api",
    ),
    (
        "scale",
        {"namespace": "shop", "statefulset": "queue", "replicas": 3},
        "Scale StatefulSet shop/queue to 3",
        "kubectl -n shop scale statefulset/queue --replicas=3",
    ),
    (
        "set_env",
        WHERE | {"env": {"B": None, "A": "x y"}},
        "Set A, B of Deployment shop/api",
        "kubectl -n shop set env deployment/api 'A=x y' B-",
    ),
    (
        "set_env",
        {"daemonset": "agent", "env": {"A": "1"}},
        "Set A of DaemonSet agent",
        "kubectl set env daemonset/agent A=1",
    ),
    (
        "set_image",
        WHERE | {"image": "api:3"},
        "Set the image of Deployment shop/api to api:3",
        "kubectl -n shop set image deployment/api '*=api:3'",
    ),
    (
        "set_image",
        {"statefulset": "queue", "container": "queue", "image": "queue@sha256:1"},
        "Set the image of container queue of StatefulSet queue to queue@sha256:1",
        "kubectl set image statefulset/queue queue=queue@sha256:1",
    ),
    (
        "apply",
        {"namespace": "shop", "file": "manifests/sorry.yaml", "force": True},
        "Apply manifests/sorry.yaml",
        "kubectl -n shop apply --server-side --field-manager=runbook-engine --force-conflicts -f manifests/sorry.yaml",
    ),
    (
        "apply",
        {"manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "flags"}}},
        "Apply ConfigMap flags",
        "kubectl apply --server-side --field-manager=runbook-engine -f - "
        """<<< '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"flags"}}'""",
    ),
    (
        "patch",
        {"kind": "Service", "name": "shop", "namespace": "shop", "patch": {"spec": {"selector": {"app": "sorry"}}}},
        "Patch Service shop/shop",
        """kubectl -n shop patch service/shop --type=merge -p '{"spec":{"selector":{"app":"sorry"}}}'""",
    ),
    (
        "patch",
        {
            "kind": "Rollout",
            "api_version": "argoproj.io/v1alpha1",
            "name": "web",
            "patch": [{"op": "remove", "path": "/spec/paused"}],
        },
        "Patch Rollout web",
        """kubectl patch rollout.v1alpha1.argoproj.io/web --type=json -p '[{"op":"remove","path":"/spec/paused"}]'""",
    ),
    (
        "events",
        {"namespace": "shop", "type": "Warning", "name": "api"},
        "Warning events of api in shop of the last 1h",
        "kubectl -n shop events --types=Warning",
    ),
    (
        "logs",
        {"namespace": "shop", "selector": "app=api", "container": "api", "tail": 5, "previous": True},
        "Logs of the pods with app=api",
        "kubectl -n shop logs -l app=api -c api --tail=5 --previous",
    ),
    (
        "logs",
        {"pod": "api-1", "since": "2h"},
        "Logs of pod api-1",
        "kubectl logs api-1 --all-containers --since=2h",
    ),
    (
        "logs",
        {"namespace": "shop", "deployment": "api", "container": "all"},
        "Logs of Deployment shop/api",
        "kubectl -n shop logs deployment/api --all-containers",
    ),
    (
        "job",
        {"namespace": "shop", "from_cronjob": "invoices"},
        "Run a Job of CronJob shop/invoices",
        "kubectl -n shop create job invoices-by-hand --from=cronjob/invoices",
    ),
    (
        "job",
        {"name": "copy", "image": "copy:1", "argv": ["./copy", "a b"]},
        "Run Job copy of copy:1",
        "kubectl create job copy-by-hand --image=copy:1 -- ./copy 'a b'",
    ),
    (
        "owner",
        {"namespace": "shop", "kind": "Pod", "name": "api-1"},
        "Who manages Pod shop/api-1",
        "kubectl -n shop get pod api-1 -o yaml --show-managed-fields",
    ),
    (
        "delete_pod",
        {"namespace": "shop", "pod": "api-1", "grace_period": "1m"},
        "Delete Pod shop/api-1",
        "kubectl -n shop delete pod api-1 --grace-period=60",
    ),
    ("delete_pod", {"pod": "api-1"}, "Delete Pod api-1", "kubectl delete pod api-1"),
    (
        "evict_pod",
        {"namespace": "shop", "pod": "api-1"},
        "Evict Pod shop/api-1",
        "kubectl create --raw /api/v1/namespaces/shop/pods/api-1/eviction -f - <<< "
        """'{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "api-1", "namespace": "shop"}}'""",
    ),
    ("cordon", {"node": "n1"}, "Cordon Node n1", "kubectl cordon n1"),
    ("uncordon", {"node": "n1"}, "Uncordon Node n1", "kubectl uncordon n1"),
    (
        "drain",
        {"node": "n1", "delete_emptydir_data": True, "force": True, "grace_period": "30s"},
        "Drain Node n1",
        "kubectl drain n1 --ignore-daemonsets --delete-emptydir-data --force --grace-period=30",
    ),
    (
        "exec",
        {"namespace": "shop", "deployment": "api", "argv": ["echo", "a b"]},
        "in deployment/api run echo 'a b'",
        "kubectl -n shop exec deployment/api -- echo 'a b'",
    ),
    (
        "exec",
        {"pod": "api-1", "container": "api", "argv": ["sh"], "stdin": "date"},
        "in api-1 run sh",
        "printf %s date | kubectl exec -i api-1 -c api -- sh",
    ),
    ("get", {"kind": "Pod", "name": "api-1"}, "Pod api-1", "kubectl get pod api-1 -o yaml"),
    (
        "get",
        {"namespace": "shop", "kinds": ["Pod"], "selector": "app=api"},
        "Pod in shop",
        "kubectl -n shop get pod -l app=api -o yaml",
    ),
]


@pytest.mark.parametrize(("kind", "inputs", "says", "by_hand"), LINES)
def test_a_step_can_be_read_and_typed(kind: str, inputs: dict[str, Any], says: str, by_hand: str) -> None:
    """One line for people, and the one that they would type on the night when this tool is broken."""
    module = kinds.get(f"kubernetes.{kind}")
    assert module.describe(inputs) == says
    assert module.by_hand(inputs) == by_hand
