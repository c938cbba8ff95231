"""Parts of runbooks whose only point is one command or one query, for the tests of rules about contents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

VERIFIED = "verification: {checks: [{id: up, uses: tcp.connect, with: {host: mail.internal, port: 25}}]}\n"


def read(*argv: str, **more: Any) -> str:
    """Triage with one command that says that it only reads."""
    return step("command.run", {"argv": list(argv), "effect": "read", **more})


def script(text: str, values: Mapping[str, Any] | None = None, **more: Any) -> str:
    """Triage with one script that says that it only reads."""
    given = {"values": values} if values else {}
    return step("shell.run", {"script": text, "effect": "read", **given, **more})


def change(*argv: str, **more: Any) -> str:
    """An option with one command that changes something."""
    return option("command.run", {"argv": list(argv), **more})


def step(uses: str, inputs: Mapping[str, Any], **keys: Any) -> str:
    """Triage with one step."""
    return f"triage: [{json.dumps({'id': 'one', 'uses': uses, **keys, 'with': inputs})}]\n"


def option(uses: str, inputs: Mapping[str, Any]) -> str:
    """An option with one step, and how it is known that it helped."""
    one = json.dumps({"id": "one", "uses": uses, "with": inputs})
    return f"resolution: [{{id: mend, steps: [{one}]}}]\n{VERIFIED}"


def asked(query: str, expect: str | None = "value > 5", **inputs: Any) -> str:
    """A step of triage that asks Prometheus, and judges what it answers."""
    judged = {"expect": expect} if expect else {}
    return step("prometheus.query", {"query": query, **inputs}, **judged)


def symptom(query: str, expect: str = "value > 5", **inputs: Any) -> str:
    """A symptom that is a query."""
    one = {"id": "one", "uses": "prometheus.query", "with": {"query": query, **inputs}, "expect": expect}
    return f"symptoms: [{json.dumps(one)}]\n"


def parameters(**given: Mapping[str, Any]) -> str:
    """The parameters of a runbook."""
    return f"parameters: {json.dumps(given)}\n"
