"""The documents that are measured: the same work, written for us and for each neighbour.

A hundred process steps are a hundred times `true`, spawned without a shell. What is linted is the runbook that is
shipped, made 200 lines long, under many names.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINES = 200

_LOOK = "{id: s%d, uses: command.run, with: {argv: ['true'], effect: read}}"
_ACT = "{id: s%d, uses: command.run, with: {argv: ['true']}}"
_NOTHING_SEEN = "{id: s%d, uses: bench.look}"
_NOTHING_DONE = "{id: s%d, uses: bench.act, with: {name: c%d}}"


def reads(name: str, count: int) -> str:
    """A runbook whose only option reads `count` times, one after the other."""
    return _runbook(name, {"look": [_LOOK % n for n in range(count)]})


def changes(name: str, count: int) -> str:
    """A runbook that makes `count` changes behind one gate."""
    return _runbook(name, {"act": [_ACT % n for n in range(count)]})


def empty_reads(name: str, count: int) -> str:
    """As `reads`, by a kind that does nothing."""
    return _runbook(name, {"look": [_NOTHING_SEEN % n for n in range(count)]})


def empty_changes(name: str, count: int) -> str:
    """As `changes`, by a kind that does nothing."""
    return _runbook(name, {"act": [_NOTHING_DONE % (n, n) for n in range(count)]})


def triage(name: str, count: int, seconds: float) -> str:
    """A runbook that looks at `count` things at once, each of which takes its time."""
    step = "{id: t%d, uses: command.run, with: {argv: ['sleep', '%s'], effect: read}}"
    return _head(name) + _list("triage", [step % (n, seconds) for n in range(count)])


def suspended(name: str, count: int) -> str:
    """A runbook that makes `count` changes, which do not help, and then waits for a person."""
    waits = "{id: person, uses: manual.do, with: {text: Look at it.}}"
    options = {"act": [_ACT % n for n in range(count)], "wait": [waits]}
    return _runbook(name, options, helped=False)


def output(name: str, size: int) -> str:
    """A runbook with one step that prints `size` bytes."""
    argv = json.dumps(["head", "-c", str(size), "/dev/zero"])
    return _runbook(name, {"look": ["{id: s0, uses: command.run, with: {argv: %s, effect: read}}" % argv]})


def long_runbook(name: str) -> str:
    """The shipped runbook, with triage enough to be 200 lines long."""
    text = (ROOT / "runbooks" / "high-api-error-rate.yaml").read_text()
    text = text.replace("name: high-api-error-rate", f"name: {name}", 1)
    probe = (
        "  - id: more_{n}\n    title: More\n    uses: tcp.connect\n    with: {{host: db{n}.example.com, port: 5432}}\n"
    )
    missing = max(0, LINES - text.count("\n")) // probe.count("\n")
    more = "".join(probe.format(n=n) for n in range(missing))
    head, triage_, rest = text.partition("\ntriage:")
    first, newline, steps = rest.partition("\n")
    return f"{head}{triage_}{first}{newline}{more}{steps}"


def evidence() -> str:
    """The evidence plan that the shipped runbook names."""
    return (ROOT / "runbooks" / "standard-kubernetes.yaml").read_text()


def chaos(count: int) -> str:
    """A Chaos Toolkit experiment of `count` process actions."""
    provider = {"type": "process", "path": "true"}
    method = [{"type": "action", "name": f"s{n}", "provider": provider} for n in range(count)]
    return json.dumps({"version": "1.0.0", "title": "t", "description": "d", "method": method})


def playbook(count: int) -> str:
    """An Ansible playbook of `count` command tasks on this machine."""
    tasks = "".join(f"    - {{name: s{n}, ansible.builtin.command: 'true'}}\n" for n in range(count))
    return "- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n" + tasks


def _runbook(name: str, options: dict[str, list[str]], *, helped: bool = True) -> str:
    resolution = "".join(f"  - id: {id_}\n    steps:\n{_entries(steps, 6)}" for id_, steps in options.items())
    check = f"{{id: good, uses: command.run, with: {{argv: ['{str(helped).lower()}'], effect: read}}}}"
    verification = f"verification:\n  within: 1s\n  every: 1s\n  checks:\n    - {check}\n"
    return f"{_head(name)}resolution:\n{resolution}{verification}"


def _head(name: str) -> str:
    seen = "{id: seen, uses: command.run, with: {argv: ['true'], effect: read}}"
    return f"apiVersion: runbook/v1\nkind: Runbook\nname: {name}\ntitle: {name}\n" + _list("symptoms", [seen])


def _list(key: str, entries: list[str]) -> str:
    return f"{key}:\n{_entries(entries, 2)}"


def _entries(entries: list[str], indent: int) -> str:
    return "".join(f"{' ' * indent}- {entry}\n" for entry in entries)


def incidents(count: int) -> str:
    """Incidents of three years, one a line: skewed, with times missing, some still open; the same for each run."""
    lot = random.Random(1)
    return "".join(json.dumps(_incident(lot)) + "\n" for _ in range(count))


def _incident(lot: random.Random) -> dict[str, object]:
    now = 1_700_000_000 + lot.random() * 3 * 365 * 86400
    times: dict[str, object] = {"impact_started": now}
    usual = {"detected": 200, "alerted": 20, "declared": 240, "acknowledged": 90, "mobilised": 300}
    for name, seconds in (*usual.items(), ("mitigated", 2400), ("resolved", 3600)):
        now += lot.lognormvariate(0, 1.2) * seconds
        times[name] = now if name == "declared" or lot.random() > 0.1 else None
    severity, service = lot.choice(("SEV1", "SEV2", "SEV3", "SEV4")), lot.choice((*"abcdefgh", None))
    return {"severity": severity, "service": service, "type": lot.choice(("Service", "Security", "Data")), **times}
