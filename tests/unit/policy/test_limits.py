from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from runbook.core.changes import Field, Target
from runbook.document.model import Freeze
from runbook.policy.limits import frozen, refusal
from support.policies import change, policy

HOLIDAYS = Freeze(starts="2026-12-24T00:00:00Z", ends="2026-12-27T00:00:00Z", reason="Holidays")
EVE = Freeze(starts="2026-12-24T12:00:00+02:00", ends="2026-12-24T20:00:00+02:00", reason="Eve")


def limits(**rules: Any) -> Any:
    return policy(blast_radius={name.replace("__", "."): rule for name, rule in rules.items()})


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_a_change_within_its_limits_passes() -> None:
    """Ten replicas where ten are allowed, in a namespace that is not denied."""
    within = limits(kubernetes__scale={"max_replicas": 10, "min_replicas": 1}, namespaces={"deny": ["kube-*"]})
    assert refusal(change(), within) is None
    assert refusal(change(), policy()) is None
    assert refusal(change(), None) is None


def test_more_than_the_limit_is_refused_with_both_numbers() -> None:
    """What is allowed and what the plan has are both said."""
    assert refusal(change(), limits(kubernetes__scale={"max_replicas": 9})) == (
        "beyond the policy's limits: at most 9 replicas by kubernetes.scale, and this plan has 10"
    )


def test_less_than_the_limit_is_refused() -> None:
    """A floor keeps somebody from scaling away what users need."""
    said = refusal(change(), limits(kubernetes__scale={"min_replicas": 11}))
    assert said is not None
    assert "at least 11 replicas" in said


def test_what_a_field_becomes_is_bounded_as_what_was_asked_for() -> None:
    """A plan that would set more than its input says is judged by what it sets."""
    sneaky = change(fields=(Field(path="/spec/replicas", before=3, after=60),))
    assert "has 60" in (refusal(sneaky, limits(kubernetes__scale={"max_replicas": 50})) or "")


@pytest.mark.parametrize("replicas", [None, "many", True])
def test_a_limit_on_a_value_that_the_plan_does_not_say_refuses(replicas: Any) -> None:
    """What cannot be compared with its limit is not passed in silence."""
    vague = change(inputs={"replicas": replicas}, fields=())
    assert "does not say how many replicas" in (refusal(vague, limits(kubernetes__scale={"max_replicas": 5})) or "")


def test_limits_of_one_kind_do_not_bind_another() -> None:
    """A limit is for the kind that it is written under."""
    assert refusal(change(), limits(kubernetes__set_env={"max_variables": 1})) is None


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"deny": ["shop"]}, "shop is denied by `namespaces`"),
        ({"deny": ["sh*"]}, "shop is denied by `namespaces`"),
        ({"allow": ["staging"]}, "shop is not allowed by `namespaces`, which names staging"),
        ({"allow": []}, "shop is not allowed by `namespaces`, which names nothing"),
        ({"allow": ["shop"], "deny": ["shop"]}, "shop is denied by `namespaces`"),
    ],
)
def test_namespaces_are_denied_and_allowed(rule: dict[str, list[str]], said: str) -> None:
    """A deny always holds; an allow leaves out all that it does not name."""
    assert refusal(change(), limits(namespaces=rule)) == f"beyond the policy's limits: {said}"


def test_an_allowed_namespace_says_nothing_of_what_has_none() -> None:
    """A command has no namespace, so that limit is not about it."""
    command = change(kind="command.run", target=Target(connection="host", kind="command", name="true"))
    assert refusal(command, limits(namespaces={"allow": ["shop"]})) is None


def test_kinds_and_connections_are_denied_by_name() -> None:
    """A connection is met by its name and by the identity of its server."""
    assert "kubernetes.scale is denied" in (refusal(change(), limits(kinds={"deny": ["kubernetes.*"]})) or "")
    for name in ("production", "cluster-1"):
        denied = limits(connections={"deny": [name]})
        assert f"{name} is denied" in (refusal(change(connection="production"), denied) or "")


def test_a_default_connection_is_denied_by_its_name_too() -> None:
    """A step that names none goes through it all the same; leaving a word out is no way around a limit."""
    denied = limits(connections={"deny": ["kubernetes"]})
    assert "kubernetes is denied" in (refusal(change(), denied, "kubernetes") or "")
    assert refusal(change(connection="staging"), denied, "kubernetes") is None
    assert refusal(change(), limits(connections={"allow": ["kubernetes"]}), "kubernetes") is None


def test_a_namespace_itself_is_in_that_namespace() -> None:
    """Whoever deletes or changes it reaches everything within."""
    target = Target(connection="cluster-1", kind="Namespace", name="kube-system")
    denied = limits(namespaces={"deny": ["kube-*"]})
    assert "kube-system is denied" in (refusal(change(target=target), denied) or "")


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("namespace", {"deny": ["shop"]}),
        ("namespaces", {"denny": ["shop"]}),
        ("namespaces", {"deny": "shopping"}),
        ("kubernetes.scale", {"maximum": 5}),
        ("kubernetes.scale", {"max_replicas": "50"}),
    ],
)
def test_a_limit_that_is_not_understood_refuses(name: str, rule: dict[str, Any]) -> None:
    """A misspelt limit stops changes, so that somebody notices it before it is needed."""
    said = refusal(change(), policy(blast_radius={name: rule}))
    assert said is not None
    assert "not a limit that is known here" in said


@pytest.mark.parametrize(
    ("instant", "inside"),
    [
        ("2026-12-23T23:59:59.999+00:00", False),
        ("2026-12-24T00:00:00+00:00", True),
        ("2026-12-26T23:59:59+00:00", True),
        ("2026-12-27T00:00:00+00:00", False),
        ("2026-12-27T00:30:00+01:00", True),
    ],
)
def test_a_freeze_holds_from_its_start_until_just_before_its_end(instant: str, inside: bool) -> None:
    """Windows are half open, compared as instants, whatever offset they are written with."""
    assert (frozen(policy(freeze=(HOLIDAYS,)), at(instant)) is HOLIDAYS) is inside


def test_of_several_freezes_the_last_to_end_is_named() -> None:
    """Who waits is told how long, and why."""
    both = policy(freeze=(HOLIDAYS, EVE))
    assert frozen(both, at("2026-12-24T11:00:00+00:00")) is HOLIDAYS
    assert frozen(None, 0.0) is None
