"""RB115: a wait or a poll without a bound."""

from __future__ import annotations

import pytest

from support.rulings import on, said


def command(argv: str, *keys: str) -> str:
    further = "".join(f"    {key}\n" for key in keys)
    return f"triage:\n  - id: look\n    uses: command.run\n    with: {{argv: [{argv}], effect: read}}\n{further}"


def script(text: str) -> str:
    body = "".join(f"        {line}\n" for line in text.splitlines())
    return f"triage:\n  - id: look\n    uses: shell.run\n    with:\n      effect: read\n      script: |\n{body}"


@pytest.mark.parametrize(
    "argv",
    [
        "tail, -f, /var/log/mail",
        "tail, -n100, --follow=name, /var/log/mail",
        "sudo, journalctl, -fu, mail",
        "kubectl, rollout, status, deploy/mail",
        "kubectl, -n, shop, logs, -f, mail",
        "kubectl, get, pods, -w",
        "kubectl, port-forward, svc/mail, '8080:80'",
        "/usr/bin/watch, mailq",
        "ping, mail.example.com",
        "docker, logs, --follow, mail",
        "sleep, infinity",
    ],
)
def test_these_end_with_somebodys_patience(argv):
    """At night nobody presses Ctrl-C."""
    assert said("RB115", command(argv)) == ["'look' does not end by itself: at its timeout it is ended, and is unknown"]


@pytest.mark.parametrize(
    "argv",
    [
        "tail, -n, '100', /var/log/mail",
        "tail, --lines=5, /var/log/off",
        "journalctl, -u, mail, --since, '-1h'",
        "kubectl, rollout, status, deploy/mail, --timeout=2m",
        "kubectl, rollout, status, deploy/mail, --watch=false",
        "kubectl, logs, -f=false, mail",
        "kubectl, get, pods, -f, pod.yaml",
        "kubectl, wait, --for=condition=Ready, pod/a",
        "kubectl, apply, -f, x.yaml",
        "timeout, '10', tail, -f, /var/log/mail",
        "ping, -c, '3', mail.example.com",
        "ping, -nc3, mail.example.com",
        "watch, -g, mailq",
        "grep, -f, patterns, file",
        "docker, stats, --no-stream",
    ],
)
def test_these_end_by_themselves(argv):
    """Options that look alike mean something else."""
    assert said("RB115", command(argv)) == []


def test_who_wrote_a_timeout_has_thought_of_it():
    """And a change is in doubt when it is ended."""
    assert said("RB115", command("tail, -f, x", "timeout: 10s")) == []
    change = "resolution:\n  - id: o\n    steps:\n      - {id: s, uses: command.run, with: {argv: [tail, -f, x]}}\n"
    check = "verification: {checks: [{id: c, uses: tcp.connect, with: {host: a.example.com, port: 1}}]}\n"
    assert said("RB115", change, check) == ["'s' does not end by itself: at its timeout it is ended, and is in doubt"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("while true; do\n  mailq\n  sleep 1\ndone", 1),
        ("while :\ndo mailq; done", 1),
        ("until mailq | grep -q empty; do sleep 1; done", 1),
        ("until mailq; do sleep 1; [ $SECONDS -gt 60 ] && exit 1; done", 0),
        ("while true; do mailq && break; done", 0),
        ("while read line; do echo $line; done", 0),
        ("for i in 1 2 3; do mailq; done", 0),
        ("timeout 60 sh -c 'until mailq; do sleep 1; done'", 0),
        ("echo wait until it is done", 0),
    ],
)
def test_a_loop_of_a_shell_needs_a_way_out(text, found):
    """Anything that could end it is believed."""
    assert len(said("RB115", script(text))) == found


WAIT = "resolution:\n  - id: o\n    steps: [{id: s, uses: wait.until, with: {%s}}]\n"
CHECK = "verification: {checks: [{id: c, uses: tcp.connect, with: {host: a.example.com, port: 1}}]}\n"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("for: 10m", []),
        ("for: 24h", []),
        ("for: 2d", ["'s' waits 2d, and the run with it"]),
        ("for: '{{ params.free }}'", ["'s' waits as long as the parameter 'free' says, which may say anything"]),
        ("for: '{{ params.few }}'", []),
        (
            "time: 2026-12-24T06:00:00Z",
            ["'s' waits for one moment, 2026-12-24T06:00:00Z: before it far too long, after it not at all"],
        ),
        ("time: '{{ params.when }}'", []),
    ],
)
def test_a_wait_is_as_long_as_it_says(given, found):
    """A day at most, and a length that somebody chose."""
    parameters = "parameters: {free: {type: string}, few: {type: string, enum: [1m, 5m]}, when: {type: string}}\n"
    assert said("RB115", parameters, WAIT % given, CHECK) == found


def test_a_signal_is_told_where_it_is_measured():
    """Its command stands elsewhere."""
    signal = "signals:\n  log: {uses: command.run, with: {argv: [tail, -f, x], effect: read}}\n"
    assert on("RB115", signal, "triage:\n  - {id: look, signal: log}\n") == [8]
