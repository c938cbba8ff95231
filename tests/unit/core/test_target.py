"""What a run works on: named once, from what is known when it starts."""

from __future__ import annotations

from typing import Any

import pytest

from runbook.core.changes import Target
from runbook.core.target import answers_to, elsewhere, named, spoken
from runbook.document.model import Runbook
from runbook.errors import ParameterError

API = {"kind": "Deployment", "namespace": "shop", "name": "api"}


def book(**target: str) -> Runbook:
    return Runbook(name="hangs", title="It hangs", target=target or None)


def test_a_runbook_without_a_target_has_none() -> None:
    """Nothing is made up for it."""
    assert named(book(), parameters={"name": "api"}) is None


def test_a_target_is_made_of_parameters_alert_and_environment() -> None:
    """Each key is text, whatever its template gives; nothing else is there yet."""
    declared = book(name="{{ params.name }}-{{ params.shard }}", shard="{{ params.shard }}", zone="{{ env.zone }}",
                    cluster="{{ alert.labels.cluster }}")  # fmt: skip
    found = named(
        declared, parameters={"name": "db", "shard": 7}, alert={"labels": {"cluster": "c1"}}, env={"zone": "a"}
    )
    assert found == {"name": "db-7", "shard": "7", "zone": "a", "cluster": "c1"}


@pytest.mark.parametrize(
    ("template", "parameters", "why"),
    [
        ("{{ alert.labels.pod }}", {}, "'target.name' cannot be told"),
        ("{{ env.region }}", {}, "'target.name' cannot be told"),
        ("{{ params.name }}", {"name": ""}, "gives nothing"),
        ("{{ params.name }}", {"name": None}, "gives nothing"),
        ("{{ params.name }}", {"name": ["a"]}, "gives a list"),
        ("{{ params.name }}", {"name": {"env": "SECRET"}}, "gives a mapping"),
        ("{{ params.name }}", {"name": True}, "gives true or false"),
    ],
)
def test_a_target_that_is_half_known_starts_nothing(template: str, parameters: dict[str, Any], why: str) -> None:
    """It would lock and count for another thing."""
    with pytest.raises(ParameterError, match=why):
        named(book(name=template), parameters=parameters)


def test_all_that_is_wrong_with_a_target_is_said_at_once() -> None:
    """As with parameters."""
    with pytest.raises(ParameterError) as error:
        named(book(name="{{ params.name }}", zone="{{ env.zone }}"), parameters={"name": ""})
    assert [line.partition(" ")[0] for line in error.value.message.splitlines()] == ["'target.name'", "'target.zone'"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (API, "Deployment shop/api"),
        ({"name": "orders"}, "orders"),
        ({"name": "db", "shard": "7", "cluster": "c1"}, "db (shard 7, cluster c1)"),
    ],
)
def test_a_target_in_words(target: dict[str, str], words: str) -> None:
    """As changes call theirs, and what else names it in brackets."""
    assert spoken(target) == words


@pytest.mark.parametrize("words", ["api", "shop/api", "SHOP/API", "deployment shop/api"])
def test_a_target_answers_to_its_names(words: str) -> None:
    """Whoever looks for its runs at night types the shortest."""
    assert answers_to(API, words)
    assert not answers_to(API, "ap")


def changed(kind: str, name: str, namespace: str | None = None) -> Target:
    return Target(connection="cluster", kind=kind, name=name, namespace=namespace)


@pytest.mark.parametrize(
    "target",
    [changed("Deployment", "api", "shop"), changed("deployment", "api", "shop"), changed("Deployment", "api")],
    ids=str,
)
def test_a_change_of_the_target_is_not_elsewhere(target: Target) -> None:
    """Only what both say is compared, and kinds are written in either case."""
    assert elsewhere(API, target) is None


@pytest.mark.parametrize(
    "target",
    [changed("ConfigMap", "api", "shop"), changed("Deployment", "web", "shop"), changed("Deployment", "api", "web")],
    ids=str,
)
def test_a_change_of_something_else_says_of_what(target: Target) -> None:
    """Another kind, name or namespace; shown in one line."""
    assert elsewhere(API, target) == f"changes {target}, which is not this runbook's target Deployment shop/api"


def test_a_target_without_a_kind_says_nothing_of_kinds() -> None:
    """What the author left out cannot be contradicted."""
    assert elsewhere({"name": "api", "cluster": "c1"}, changed("Service", "api", "shop")) is None
