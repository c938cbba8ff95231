"""RB146: a command that claims only to read, and changes something."""

from __future__ import annotations

import pytest

from support.contents import change, read, script, step
from support.rulings import findings, said

CHANGES = [
    (["systemctl", "restart", "a"], "systemctl restart"),
    (["sudo", "-n", "systemctl", "reset-failed"], "systemctl reset-failed"),
    (["kubectl", "-n", "shop", "delete", "pod", "a"], "kubectl delete"),
    (["kubectl", "--context", "a", "rollout", "restart", "deploy/a"], "kubectl rollout restart"),
    (["helm", "--namespace", "a", "rollback", "b"], "helm rollback"),
    (["psql", "-c", "update t set a = 1 where b = 2"], "'UPDATE'"),
    (["psql", "-c", "select pg_terminate_backend(1)"], "'pg_terminate_backend'"),
    (["redis-cli", "-h", "a", "config", "set", "maxmemory", "1"], "redis-cli config set"),
    (["redis-cli", "FLUSHALL"], "redis-cli flushall"),
    (["journalctl", "--vacuum-size=1G"], "journalctl --vacuum-size"),
    (["find", "/tmp", "-name", "*.log", "-delete"], "find -delete"),
    (["sed", "-i", "s/a/b/", "f"], "sed -i"),
    (["curl", "-X", "DELETE", "https://a.internal"], "curl DELETE"),
    (["aws", "ec2", "terminate-instances"], "aws terminate-instances"),
    (["kill", "-HUP", "1"], "kill"),
    (["git", "push"], "git push"),
    (["etcdctl", "--endpoints=a", "defrag"], "etcdctl defrag"),
    (["sh", "-c", "kubectl get pods && kubectl cordon a"], "kubectl cordon"),
]
READS = [
    ["systemctl", "status", "restart"],
    ["systemctl", "show", "a", "--property=ExecStart"],
    ["kubectl", "get", "pods", "-l", "app=delete"],
    ["kubectl", "rollout", "status", "deploy/a"],
    ["kubectl", "auth", "can-i", "delete", "pods"],
    ["kubectl", "delete", "pod", "a", "--dry-run=server"],
    ["kubectl", "diff", "-f", "a.yaml"],
    ["helm", "list"],
    ["psql", "-c", "select 'drop table a', updated from t -- delete from t"],
    ["psql", "--command=select count(*) from deletes"],
    ["redis-cli", "-h", "set.internal", "info", "memory"],
    ["journalctl", "--disk-usage"],
    ["find", "/tmp", "-name", "delete"],
    ["sed", "-n", "1,5p", "f"],
    ["curl", "-X", "POST", "https://a.internal/_search"],
    ["aws", "s3", "ls"],
    ["git", "log", "--", "push"],
    ["chronyc", "-n", "tracking"],
    ["crontab", "-l"],
    ["dd", "if=/dev/sda", "count=1"],
]


@pytest.mark.parametrize(("argv", "what"), CHANGES, ids=lambda one: str(one)[:30])
def test_a_change_is_known_by_its_words(argv, what):
    """Whatever it is called within."""
    assert said("RB146", read(*argv)) == [f"'one' only reads, it says, but {what} changes something"]


@pytest.mark.parametrize("argv", READS, ids=lambda one: " ".join(one)[:30])
def test_a_read_is_left_alone(argv):
    """Also where a word of a change stands among its own."""
    assert said("RB146", read(*argv)) == []


def test_sql_on_stdin_is_read_too():
    """That is how a client is given more than a line."""
    assert len(said("RB146", read("psql", "--file=-", stdin="begin;\ndelete from t where a = 1;\n"))) == 1
    assert said("RB146", read("psql", "--file=-", stdin="select 1; -- delete from t\n")) == []


def test_a_script_may_tidy_up_after_itself():
    """Its own file is nobody's else."""
    assert said("RB146", script('f=$(mktemp)\ndf > "$f"\nsort "$f"\nrm "$f"\n')) == []
    assert len(said("RB146", script("df -h\nsystemctl restart a\n"))) == 1


def test_what_confirms_and_previews_only_reads():
    """It is run unasked; the step itself is a change, and may."""
    asked = change("systemctl", "restart", "a", confirm={"argv": ["systemctl", "start", "a"]})
    [found] = findings("RB146", asked)
    assert found.message.startswith("'confirm' of 'one' only reads")


def test_another_machine_is_looked_at():
    """There as here."""
    inputs = {"argv": ["sudo", "reboot"], "host": "a.internal", "effect": "read"}
    assert len(said("RB146", step("ssh.run", inputs))) == 1
