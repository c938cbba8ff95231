"""Whether the credentials of a connection may do something: one access review, which changes nothing.

The cluster's own authorizers answer, as for `kubectl auth can-i`; an authorizer that fails is no answer.
"""

from __future__ import annotations

from typing import Any

from runbook.core.changes import Observation
from runbook.document.spec import KindSpec
from runbook.document.words import Reach, Role
from runbook.errors import ParameterError
from runbook.kinds import kubernetes
from runbook.kinds import kubernetes_needs as needed
from runbook.kinds.protocol import Inputs, World

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

SPEC = KindSpec(
    name="kubernetes.can_i",
    summary="Whether these credentials may do something in the cluster.",
    role=Role.PROBE,
    inputs={
        "type": "object",
        "additionalProperties": False,
        "required": ["verb", "resource"],
        "properties": {
            "verb": {
                "type": "string",
                "pattern": "^([a-z]+|\\*)$",
                "description": "What is to be done, as RBAC calls it.",
                "examples": ["patch", "create"],
            },
            "resource": {
                "type": "string",
                "pattern": "^[a-z0-9*.-]+(/[a-z0-9*-]+)?$",
                "description": "Plural of what it is done to; with a group, and with a subresource, where it has one.",
                "examples": ["deployments", "pods/eviction", "rollouts.argoproj.io"],
            },
            "name": {
                "type": "string",
                "minLength": 1,
                "description": "Only this object. By default any.",
                "examples": ["api"],
            },
            "namespace": kubernetes.NAMESPACE,
            "all_namespaces": {
                "type": "boolean",
                "description": "Whether it may be done in every namespace.",
                "examples": [True],
            },
        },
    },
    outputs={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "allowed": {"type": "boolean", "description": "Whether it may be done."},
            "reason": {"type": ["string", "null"], "description": "Why, where the cluster says."},
            "message": {"type": "string", "description": "The same in words."},
        },
    },
    expect="allowed",
    reach=Reach.READS_THROUGH,
    connection="kubernetes",
    example={
        "id": "may_patch",
        "title": "We may patch Deployments",
        "uses": "kubernetes.can_i",
        "with": {"verb": "patch", "resource": "deployments", "namespace": "production"},
    },
)


def describe(inputs: Inputs) -> str:
    """One line for people."""
    where = "every namespace" if inputs.get("all_namespaces") else inputs.get("namespace") or "the namespace"
    name = f" {inputs['name']}" if inputs.get("name") else ""
    return f"May we {inputs.get('verb')} {inputs.get('resource')}{name} in {where}?"


def by_hand(inputs: Inputs) -> str:
    """The line that a person would type."""
    resource, _, sub = str(inputs.get("resource")).partition("/")
    words = [f"{resource}/{inputs['name']}" if inputs.get("name") else resource]
    words += [f"--subresource={sub}"] if sub else []
    words += ["--all-namespaces"] if inputs.get("all_namespaces") else []
    return kubernetes.kubectl(inputs, "auth", "can-i", str(inputs.get("verb")), *words)


def needs(inputs: Inputs) -> tuple[needed.Need, ...]:  # noqa: ARG001 - of every kind
    """Whoever may log in may ask what they may do."""
    return ()


def observe(inputs: Inputs, world: World) -> Observation:
    """Ask once. Unknown where an authorizer failed and none allowed it."""
    asked = _attributes(inputs, world)
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    answer = kubernetes.client(world).post(REVIEWS, review, timeout=kubernetes.patience(world))
    status = answer.body.get("status") or {}
    allowed, failed = status.get("allowed") is True, status.get("evaluationError")
    where = f"in namespace {asked['namespace']}" if asked.get("namespace") else "in the whole cluster"
    said = f"{asked['verb']} {inputs['resource']} {where} is {'' if allowed else 'not '}allowed"
    output = {"allowed": allowed, "reason": status.get("reason") or None, "message": said}
    unknown = f"whether to {said.replace('is not', 'is')} could not be told: {failed}" if failed else None
    return Observation(output=output, unknown=None if allowed else unknown)


def _attributes(inputs: Inputs, world: World) -> dict[str, Any]:
    """The review's attributes. Kinds of the whole cluster, such as nodes, have no namespace, whatever is said."""
    from runbook.clients.kubernetes.paths import PLACES

    verb, resource = kubernetes.named(inputs, "verb"), kubernetes.named(inputs, "resource")
    if inputs.get("all_namespaces") and inputs.get("namespace"):
        raise ParameterError("a step names a namespace or all namespaces")
    full, _, sub = resource.partition("/")
    plural, _, group = full.partition(".")
    place = next((one for one in PLACES.values() if one.plural == plural), None)
    if not group and place is None and plural != "*":
        raise ParameterError(f"resource {plural!r} is not known here; name its group too, such as {plural}.example.org")
    if not group and place is not None and "/" in place.api_version:
        group = place.api_version.partition("/")[0]
    known = place if place is not None and place.api_version.rpartition("/")[0] == group else None
    anywhere = inputs.get("all_namespaces") or (known is not None and not known.namespaced)
    attributes = {
        "verb": verb,
        "group": "*" if plural == "*" and not group else group,
        "resource": plural,
        "subresource": sub,
        "name": kubernetes.text(inputs, "name"),
        "namespace": None if anywhere else kubernetes.namespace(inputs, world),
    }
    return {key: value for key, value in attributes.items() if value}
