"""RB148: a command that does not end by itself."""

from __future__ import annotations

import pytest

from support.contents import read, script, step
from support.rulings import said


@pytest.mark.parametrize(
    "argv",
    [
        ["tail", "-f", "/var/log/a"],
        ["tail", "-n", "5", "-F", "/var/log/a"],
        ["tail", "-5f", "/var/log/a"],
        ["journalctl", "-u", "a", "--follow"],
        ["journalctl", "-fu", "a"],
        ["kubectl", "-n", "a", "logs", "-f", "b"],
        ["kubectl", "get", "pods", "-w"],
        ["kubectl", "port-forward", "svc/a", "80"],
        ["kubectl", "edit", "deploy/a"],
        ["docker", "logs", "--follow", "a"],
        ["docker", "stats"],
        ["watch", "df", "-h"],
        ["top"],
        ["top", "-b"],
        ["vmstat", "1"],
        ["iostat", "-x", "5"],
        ["ping", "a.internal"],
        ["tcpdump", "-i", "eth0"],
        ["redis-cli", "monitor"],
        ["less", "/var/log/a"],
        ["sudo", "vi", "/etc/hosts"],
        ["kubectl", "exec", "a", "--", "tail", "-f", "/var/log/a"],
        ["sh", "-c", "df; tail -f /var/log/a"],
    ],
    ids=lambda one: " ".join(one)[:30],
)
def test_what_follows_or_shows_for_ever_is_found(argv):
    """Whatever runs it."""
    assert len(said("RB148", read(*argv))) == 1


@pytest.mark.parametrize(
    "argv",
    [
        ["tail", "-n", "5", "/var/log/f"],
        ["tail", "-n", "+5", "-f.log"],
        ["grep", "-f", "patterns", "a"],
        ["journalctl", "-u", "follow", "--lines=5"],
        ["kubectl", "apply", "-f", "a.yaml"],
        ["kubectl", "get", "-f", "a.yaml"],
        ["kubectl", "get", "pods", "--watch=false"],
        ["kubectl", "logs", "a", "--tail=5"],
        ["kubectl", "logs", "a", "--follow=false"],
        ["docker", "stats", "--no-stream"],
        ["top", "-b", "-n", "1"],
        ["top", "-bn1"],
        ["vmstat", "1", "5"],
        ["vmstat"],
        ["ping", "-c", "3", "a.internal"],
        ["ping", "-c3", "a.internal"],
        ["timeout", "5", "tail", "-f", "/var/log/a"],
        ["timeout", "-k", "1", "5", "sh", "-c", "tail -f /var/log/a"],
        ["sh", "-c", "tail -f /var/log/a | grep -m1 ready"],
        ["tar", "-f", "a.tar", "-t"],
    ],
    ids=lambda one: " ".join(one)[:30],
)
def test_what_ends_is_left_alone(argv):
    """By itself, in time, or with what reads it."""
    assert said("RB148", read(*argv)) == []


def test_what_nobody_waits_for_does_not_hold_a_script_up():
    """It runs beside it."""
    assert said("RB148", script("tail -f /var/log/a > /tmp/a &\nsleep 3\nkill $!\n")) == []


def test_other_machines_are_looked_at():
    """There as here."""
    assert len(said("RB148", step("ssh.run", {"argv": ["top"], "host": "a.internal", "effect": "read"}))) == 1
