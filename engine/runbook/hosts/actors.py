"""Whom a run's records name: the engine, the policy, or a person."""

from __future__ import annotations

from runbook.journal.record import Actor

ENGINE = Actor(kind="engine", id="runbook-engine")
POLICY = Actor(kind="policy", id="policy")


def person(name: str, via: str = "os") -> Actor:
    """Who said something; what the engine answered in nobody's place is its own word."""
    return Actor(kind="engine" if via == "engine" else "person", id=name, via=via)
