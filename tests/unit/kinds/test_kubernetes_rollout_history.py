from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.clients.kubernetes.errors import NotFound
from runbook.errors import ParameterError
from runbook.kinds import kubernetes_rollout_history as history
from runbook.kinds import kubernetes_rollout_undo
from support.kube_api import deploy
from support.kube_kinds import Shop, shop


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


def test_the_latest_revision_and_the_one_before_are_told(at: Shop) -> None:
    """With what a runbook decides by: number, age, images."""
    at.api.later(600)
    seen = history.observe(at.inputs, at.world())
    assert seen.unknown is None
    assert set(seen.output) == history.SPEC.output_names
    assert (seen.output["latest"]["revision"], seen.output["latest"]["age_seconds"]) == (2, 600)
    assert seen.output["latest"]["images"] == {"api": "api:2"}
    assert (seen.output["previous"]["revision"], seen.output["previous"]["age_seconds"]) == (1, 4200)


def test_after_a_rollback_there_is_no_previous_and_the_bad_one_is_marked(at: Shop) -> None:
    """`when: steps.history.previous` then skips a second rollback."""
    at.applied(kubernetes_rollout_undo, at.planned(kubernetes_rollout_undo))
    seen = history.observe(at.inputs, at.world()).output
    assert seen["previous"] is None
    assert [(one["images"]["api"], one["current"], one["rolled_back"]) for one in seen["revisions"]] == [
        ("api:1", True, False),
        ("api:2", False, True),
    ]


def test_the_age_of_what_was_returned_to_counts_from_its_first_appearance(at: Shop) -> None:
    """A rollback is no recent deployment: the next run does not roll back from it."""
    at.applied(kubernetes_rollout_undo, at.planned(kubernetes_rollout_undo))
    assert history.observe(at.inputs, at.world()).output["latest"]["age_seconds"] == 3600


def test_a_release_after_a_rollback_is_not_told_as_ours(at: Shop) -> None:
    """The controller copies mark and change cause of the rollback to it; the release before it is the one we made."""
    at.applied(kubernetes_rollout_undo, at.planned(kubernetes_rollout_undo))
    deploy(at.api, "api:3")
    listed = history.observe(at.inputs, at.world()).output["revisions"]
    told = [(one["images"]["api"], one["rolled_out_by"], one["change_cause"]) for one in listed]
    cause = next(one["change_cause"] for one in listed if one["change_cause"])
    assert told == [("api:3", None, None), ("api:1", "intent-1", cause), ("api:2", None, None)]
    assert cause.startswith("runbook: from template ")


def test_a_controller_that_is_behind_makes_it_unknown(at: Shop) -> None:
    """What is the latest cannot be said yet."""
    at.api.controller = False
    deploy(at.api, "api:3")
    seen = history.observe(at.inputs, at.world())
    assert seen.unknown is not None
    assert "not seen" in seen.unknown
    assert seen.output["latest"] is None


def test_it_asks_twice_and_no_more(at: Shop) -> None:
    """The Deployment, and its ReplicaSets."""
    at.api.requests.clear()
    history.observe(at.inputs, at.world())
    assert [one["path"].rsplit("/", 2)[-1] for one in at.api.requests] == ["api", "replicasets"]


def test_a_deployment_that_is_not_there_is_an_error(at: Shop) -> None:
    """Not an empty history."""
    with pytest.raises(NotFound, match="nope"):
        history.observe({"deployment": "nope", "namespace": "shop"}, at.world())


@pytest.mark.parametrize("inputs", [{"deployment": ".."}, {"deployment": "a/b"}, {"namespace": ".."}])
def test_what_is_no_name_leads_nowhere_else(at: Shop, inputs: dict[str, str]) -> None:
    """A path is made of it; nothing is sent."""
    at.api.requests.clear()
    with pytest.raises(ParameterError, match="cannot be a name"):
        history.observe(at.inputs | inputs, at.world())
    assert at.api.requests == []


@pytest.mark.parametrize("value", ["", None, 7])
def test_a_deployment_without_a_name_is_an_error(at: Shop, value: object) -> None:
    """A template may have yielded nothing."""
    with pytest.raises(ParameterError, match="deployment"):
        history.observe(at.inputs | {"deployment": value}, at.world())


def test_the_namespace_of_the_context_is_the_default(at: Shop) -> None:
    """As for kubectl."""
    with pytest.raises(NotFound, match="from-context/deployments/api"):
        history.observe({"deployment": "api"}, at.world())
