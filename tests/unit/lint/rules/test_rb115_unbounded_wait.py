"""RB115: a wait or a poll without a bound."""

from __future__ import annotations

import pytest

from support.rulings import on, said

CHECK = "verification: {checks: [{id: c, uses: tcp.connect, with: {host: a.example.com, port: 1}}]}\n"


def command(argv: str, *keys: str) -> str:
    further = "".join(f"    {key}\n" for key in keys)
    return f"triage:\n  - id: look\n    uses: command.run\n    with: {{argv: [{argv}], effect: read}}\n{further}"


def script(text: str) -> str:
    body = "".join(f"        {line}\n" for line in text.splitlines())
    return f"triage:\n  - id: look\n    uses: shell.run\n    with:\n      effect: read\n      script: |\n{body}"


@pytest.mark.fault(30)
@pytest.mark.parametrize(
    "argv",
    ["kubectl, rollout, status, deploy/mail", "sudo, oc, -n, shop, rollout, status, -w, deploy/mail"],
)
def test_a_rollout_may_never_end(argv):
    """At night nobody presses Ctrl-C."""
    assert said("RB115", command(argv)) == [
        "'look' polls without a bound: when its time is over it is ended, and is unknown"
    ]


@pytest.mark.parametrize(
    "argv",
    [
        "kubectl, rollout, status, deploy/mail, --timeout=2m",
        "kubectl, rollout, status, deploy/mail, --watch=false",
        "kubectl, rollout, history, deploy/mail",
        "kubectl, get, status",
        "timeout, '10', kubectl, rollout, status, deploy/mail",
    ],
)
def test_these_end_by_themselves(argv):
    """They are told when, or do not wait."""
    assert said("RB115", command(argv)) == []


def test_who_wrote_a_timeout_has_thought_of_it():
    """And a change is in doubt when it is ended."""
    argv = "kubectl, rollout, status, deploy/mail"
    assert said("RB115", command(argv, "timeout: 10s")) == []
    change = f"resolution:\n  - id: o\n    steps:\n      - {{id: s, uses: command.run, with: {{argv: [{argv}]}}}}\n"
    assert said("RB115", change, CHECK) == [
        "'s' polls without a bound: when its time is over it is ended, and is in doubt"
    ]


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


def test_a_signal_is_told_where_its_command_stands():
    """Once, whoever measures it."""
    argv = "kubectl, rollout, status, deploy/mail"
    signal = f"signals:\n  out: {{uses: command.run, with: {{argv: [{argv}], effect: read}}}}\n"
    assert on("RB115", signal, "triage:\n  - {id: look, signal: out}\n  - {id: again, signal: out}\n") == [6]
