"""A small policy for tests: three people in two groups, as in the example project."""

from __future__ import annotations

from typing import Any

from runbook.core.changes import Change, Field, Target
from runbook.document.model import From, Person, Policy
from runbook.document.words import Effect
from runbook.policy.people import People

PEOPLE = {"ann": Person(user="u-ann"), "ben": Person(user="u-ben"), "dora": Person(user="u-dora")}
GROUPS = {"sre": ("ann", "ben"), "dba": ("dora",)}


def policy(**keys: Any) -> Policy:
    """Ann and Ben are sre, Dora is dba, all may run; further keys as given."""
    return Policy(**{"people": PEOPLE, "groups": GROUPS, "run": From(from_=("sre", "dba")), **keys})


def people(user: str = "u-ann", **keys: Any) -> People:
    """That policy's people, seen by an OS user."""
    return People(policy(**keys), user)


def change(**keys: Any) -> Change:
    """Scaling deployment web in namespace shop from 3 to 10 replicas; further keys as given."""
    target = Target(connection="cluster-1", kind="Deployment", name="web", namespace="shop", uid="u1")
    fields = (Field(path="spec.replicas", before=3, after=10),)
    plain = {"kind": "kubernetes.scale", "target": target, "summary": "scale web to 10", "effect": Effect.CHANGE}
    return Change(**{**plain, "inputs": {"replicas": 10}, "fields": fields, **keys})
