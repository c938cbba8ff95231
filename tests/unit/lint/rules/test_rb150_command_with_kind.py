"""RB150: a command that says what a kind of step says."""

from __future__ import annotations

import pytest

from support.contents import change, read, step
from support.rulings import said


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (["kubectl", "-n", "a", "rollout", "undo", "deployment/b"], "kubernetes.rollout_undo"),
        (["kubectl", "scale", "deploy/b", "--replicas={{ run.id }}"], "kubernetes.scale"),
        (["kubectl", "get", "pods", "-n", "{{ run.id }}", "-o", "wide"], "kubernetes.pods"),
        (["kubectl", "--namespace", "a", "logs", "b", "--tail=5"], "kubernetes.logs"),
        (["kubectl", "cordon", "{{ run.id }}"], "kubernetes.cordon"),
        (["ssh", "a.internal", "uptime"], "ssh.run"),
        (["curl", "-fsS", "https://a.internal/health"], "http.get"),
    ],
)
def test_the_kind_is_named(argv, kind):
    """A template is a word like others."""
    [message] = said("RB150", read(*argv))
    assert message.endswith(f"what {kind} does")


@pytest.mark.parametrize(
    "argv",
    [
        ["kubectl", "delete", "pod", "a", "--wait=false"],
        ["kubectl", "get", "pods", "-o", "jsonpath={.items}"],
        ["kubectl", "taint", "nodes", "a", "b=c:NoSchedule"],
        ["kubectl", "--context", "b", "rollout", "undo", "deployment/b"],
        ["kubectl", "describe", "pod", "a"],  # two kinds
        ["curl", "--cacert", "ca.pem", "https://a.internal"],
        ["curl", "--max-time", "3", "https://a.internal"],
        ["ssh", "-V"],
        ["k9s"],
        ["sh", "-c", "kubectl cordon a"],
    ],
)
def test_more_than_a_kind_says_is_left_alone(argv):
    """A flag that it does not have, another cluster, a script."""
    assert said("RB150", read(*argv)) == []


def test_only_what_stands_alone_on_this_machine_is_meant():
    """Over ssh there is no such connection; with an environment of its own it is another command."""
    there = step("ssh.run", {"argv": ["kubectl", "cordon", "a"], "host": "a.internal", "effect": "read"})
    assert said("RB150", there) == []
    assert said("RB150", change("kubectl", "cordon", "a", env={"KUBECONFIG": "/etc/a"})) == []
    assert said("RB150", change("tool", undo={"argv": ["kubectl", "cordon", "a"]})) == []
