"""What the docs say about permissions, and what the kinds need: rules of roles, and rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from runbook import kinds
from runbook.kinds.kubernetes_needs import Need

DOCS = Path(__file__).parents[2] / "docs"
ROLES = DOCS / "kubernetes-role.yaml"
KINDS = [name for name in kinds.MODULES if name.startswith("kubernetes.")]
EVIDENCE = Path(__file__).parents[2] / "runbooks" / "standard-kubernetes.yaml"
WORKLOADS = ("deployment", "statefulset", "daemonset")
GENERIC = {  # of whatever a step names: no Role can be written beforehand
    "kubernetes.get": "get what it reads by name, list what it reads all of",
    "kubernetes.owner": "get what it asks about, and its controllers",
    "kubernetes.patch": "get patch what it changes",
    "kubernetes.apply": "get patch what it applies; create, and delete for its undo, where it may not be there",
}
MORE: dict[str, list[dict[str, Any]]] = {  # inputs that need more than those of a kind's example
    "kubernetes.job": [{"from_cronjob": "invoices"}],
    "kubernetes.top": [{"of": "nodes"}],
}


class Rule(NamedTuple):
    """A verb on a resource: `("list", "replicasets.apps")`."""

    verb: str
    resource: str


def roles() -> list[dict[str, Any]]:
    """The documents of the file."""
    return list(yaml.safe_load_all(ROLES.read_text()))


def granted(role: Mapping[str, Any]) -> set[Rule]:
    """What a role grants, on whatever name."""
    found = set()
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                plural, _, sub = resource.partition("/")
                full = (f"{plural}.{group}" if group else plural) + (f"/{sub}" if sub else "")
                found |= {Rule(verb, full) for verb in rule["verbs"]}
    return found


def needed(name: str) -> set[Rule]:
    """What a kind needs, for each of its examples; of a generic one, for the shipped evidence plan."""
    given = shipped(name) if name in GENERIC else examples(name)
    return {Rule(need.verb, need.resource) for inputs in given for need in needs(name, inputs)}


def needs(name: str, inputs: Mapping[str, Any]) -> tuple[Need, ...]:
    found: tuple[Need, ...] = kinds.get(name).needs(inputs)
    return found


def examples(name: str) -> Iterator[Mapping[str, Any]]:
    """Its own example; the same of the other workloads that it takes; what needs more; the shipped evidence plan's."""
    spec = kinds.get(name).SPEC
    given = spec.example["with"]
    yield given
    for kind in WORKLOADS:
        if "deployment" in given and kind in spec.inputs["properties"]:
            yield {key: value for key, value in given.items() if key != "deployment"} | {kind: "api"}
    yield from MORE.get(name, ())
    yield from shipped(name)


def shipped(name: str) -> Iterator[Mapping[str, Any]]:
    """The inputs of the steps of this kind in the shipped evidence plan."""
    for item in yaml.safe_load(EVIDENCE.read_text())["items"]:
        if item["uses"] == name:
            yield item["with"]


def row(name: str) -> str:
    """The row of a kind in the docs: what it cannot do without, and what it can."""
    if name in GENERIC:
        return f"| [{name}](kinds/{name}.md) | {GENERIC[name]} |  |"
    must: dict[str, list[str]] = {}
    may: dict[str, list[str]] = {}
    for inputs in examples(name):
        for need in needs(name, inputs):
            verbs = (may if need.without else must).setdefault(need.resource, [])
            if need.verb not in verbs:
                verbs.append(need.verb)
    for resource, verbs in must.items():
        may[resource] = [verb for verb in may.get(resource, ()) if verb not in verbs]
    return f"| [{name}](kinds/{name}.md) | {_told(must)} | {_told(may)} |"


def _told(which: Mapping[str, list[str]]) -> str:
    by_verbs: dict[str, list[str]] = {}
    for resource, verbs in sorted(which.items()):
        if verbs:
            by_verbs.setdefault(" ".join(verbs), []).append(resource.removesuffix(".apps"))
    return "; ".join(f"{verbs}: {', '.join(resources)}" for verbs, resources in sorted(by_verbs.items()))


if __name__ == "__main__":  # the table, to be pasted
    print("\n".join(row(name) for name in KINDS))
