"""RB147: a loss that counts as a change."""

from __future__ import annotations

import pytest

from support.contents import change, option, read
from support.rulings import said


@pytest.mark.parametrize(
    "argv",
    [
        ["rm", "-rf", "/srv/a"],
        ["sudo", "rm", "-r", "/srv/a"],
        ["kubectl", "delete", "pods", "--all"],
        ["kubectl", "-n", "a", "delete", "pvc", "data"],
        ["kubectl", "delete", "namespace/a"],
        ["psql", "-c", "drop table t"],
        ["psql", "-c", "delete from t"],
        ["psql", "-c", "update t set a = 1"],
        ["psql", "-c", "truncate t"],
        ["redis-cli", "-h", "a", "FLUSHDB"],
        ["mkfs.ext4", "/dev/sdb"],
        ["dd", "if=/dev/zero", "of=/dev/sdb"],
        ["terraform", "destroy", "-auto-approve"],
        ["git", "push", "-f"],
        ["docker", "volume", "rm", "a"],
        ["aws", "s3", "rm", "s3://a", "--recursive"],
        ["helm", "uninstall", "a"],
        ["find", "/srv", "-delete"],
    ],
    ids=lambda one: " ".join(one)[:30],
)
def test_what_loses_something_says_so(argv):
    """Unless it says that already, or can take it back."""
    assert len(said("RB147", change(*argv))) == 1
    assert said("RB147", change(*argv, effect="destructive")) == []
    assert said("RB147", change(*argv, undo={"argv": ["restore"]})) == []


@pytest.mark.parametrize(
    "argv",
    [
        ["rm", "/tmp/broken"],
        ["rm", "-f", "--", "/run/lock"],
        ["kubectl", "delete", "pod", "a"],
        ["kubectl", "delete", "pods", "-l", "app=all"],
        ["kubectl", "delete", "pvc", "a", "--dry-run=client"],
        ["psql", "-c", "delete from t where a = 1"],
        ["psql", "-c", "update t set a = 1 where b = 2"],
        ["psql", "-c", "drop index if exists i"],
        ["git", "push"],
        ["dd", "if=a", "of=b"],
        ["dd", "if=a", "of=/dev/null"],
        ["crictl", "rmi", "--prune"],
        ["docker", "volume", "ls"],
    ],
    ids=lambda one: " ".join(one)[:30],
)
def test_an_ordinary_change_is_left_alone(argv):
    """It loses nothing, or what is known to be there."""
    assert said("RB147", change(*argv)) == []


def test_scripts_and_stdin_are_looked_at_and_reads_are_not():
    """A read that deletes is another rule's."""
    assert len(said("RB147", option("shell.run", {"script": "set -e\nrm -rf /srv/a\n"}))) == 1
    assert len(said("RB147", change("psql", "--file=-", stdin="begin;\ndrop table t;\ncommit;\n"))) == 1
    assert said("RB147", read("rm", "-rf", "/srv/a")) == []
