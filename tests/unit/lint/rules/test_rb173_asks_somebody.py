"""RB173: a command that asks where nobody sits."""

from __future__ import annotations

import pytest

from support.contents import change, read, script
from support.rulings import said


@pytest.mark.parametrize(
    "argv",
    [
        ["kubectl", "exec", "-it", "a", "--", "df", "-h"],
        ["kubectl", "-n", "b", "exec", "a", "--tty", "--", "df"],
        ["docker", "run", "-ti", "a"],
        ["ssh", "-t", "a.internal", "top", "-bn1"],
        ["apt-get", "install", "jq"],
        ["sudo", "dnf", "upgrade"],
        ["terraform", "apply"],
        ["terraform", "-chdir=infra", "destroy"],
        ["mysql", "-u", "root", "-p"],
        ["psql", "-W"],
        ["passwd", "ada"],
        ["crontab", "-e"],
    ],
)
def test_a_question_without_anybody_is_found(argv):
    """A terminal, a yes, a password."""
    assert len(said("RB173", read(*argv))) == 1


@pytest.mark.parametrize(
    "argv",
    [
        ["kubectl", "exec", "a", "--", "tail", "-t"],
        ["kubectl", "exec", "-i", "a", "--", "df"],
        ["kubectl", "logs", "a", "--timestamps", "--tail=5"],
        ["docker", "build", "-t", "a", "."],
        ["apt-get", "install", "-y", "jq"],
        ["apt-get", "-qq", "install", "jq"],
        ["apt-get", "update"],
        ["dnf", "list", "install"],
        ["terraform", "apply", "-auto-approve"],
        ["terraform", "apply", "saved.tfplan"],
        ["terraform", "plan"],
        ["mysql", "-P", "3306"],
        ["psql", "-w"],
        ["crontab", "-l"],
        ["systemctl", "show", "edit"],
        ["ssh", "a.internal", "uptime"],
    ],
)
def test_what_asks_nothing_is_left_alone(argv):
    """It has its answer, or the same letter means something else."""
    assert said("RB173", read(*argv)) == []


def test_what_is_answered_on_its_input_is_left_alone():
    """By the step, or by another program."""
    assert said("RB173", change("apt-get", "install", "jq", stdin="y\n")) == []
    assert said("RB173", script("yes | apt-get install jq\n")) == []
    assert len(said("RB173", script("set -e\napt-get install jq\n"))) == 1
