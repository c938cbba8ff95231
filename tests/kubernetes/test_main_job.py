"""`high-api-error-rate` as it stands, on a real cluster and Prometheus: from the bad release to the exit code."""

from __future__ import annotations

from typing import Any

from support.production import database_lead, production
from support.projects import applied, steps
from support.real_cluster import GOOD, NEWER, needs_a_cluster

pytestmark = needs_a_cluster


def container(deployment: Any) -> Any:
    return deployment["spec"]["template"]["spec"]["containers"][0]


def pool_size(deployment: Any) -> str:
    return next(one["value"] for one in container(deployment)["env"] if one["name"] == "DB_POOL_SIZE")


def released(deployment: Any) -> int:
    """The number of its releases, undone ones too."""
    notes = deployment["metadata"].get("annotations") or {}
    return int(notes.get("deployment.kubernetes.io/revision", 1))


def test_a_bad_release_is_rolled_back() -> None:
    """Seen, shown, approved, undone, verified: resolved, and the exit code says so."""
    with production(lambda deployment: container(deployment)["image"] == GOOD) as night:
        night.incident(NEWER)
        waiting = night.run()
        assert night.app.image() == NEWER
        said = night.agreed(waiting, None)
        assert (said.exit, said.run["outcome"], said.run["option"]) == (0, "resolved", "rollback"), said.err
        assert applied(said.run) == ["roll_back"]
        assert night.app.image() == GOOD
        assert steps(said.run)["errors_low"]["output"]["value"] < 0.01


def test_what_a_rollback_does_not_help_more_replicas_do() -> None:
    """The rollback stays; the second option has a gate of its own, and ends the run."""
    with production(lambda deployment: deployment["spec"]["replicas"] == 10 or released(deployment) == 1) as night:
        night.incident(NEWER)
        waiting = night.agreed(night.run(), None)
        assert (applied(waiting.run), night.app.image()) == (["roll_back"], GOOD)
        said = night.agreed(waiting, None)
        assert (said.exit, said.run["outcome"], said.run["option"]) == (0, "resolved", "scale_up"), said.err
        assert applied(said.run) == ["roll_back", "scale"]
        assert (night.app.image(), night.app.read()["spec"]["replicas"]) == (GOOD, 10)


def test_what_neither_helps_a_larger_pool_does() -> None:
    """Two people of two groups have to agree to it; the replicas are put back before it is tried."""
    lead = database_lead()
    with production(lambda deployment: pool_size(deployment) == "50" or released(deployment) == 1) as night:
        night.incident(NEWER)
        waiting = night.agreed(night.agreed(night.run(), None), None)
        assert night.app.read()["spec"]["replicas"] == 2
        said = night.agreed(waiting, None, lead)
        assert (said.exit, said.run["outcome"], said.run["option"]) == (0, "resolved", "fix_config"), said.err
        assert applied(said.run) == ["roll_back", "scale", "pool"]
        assert [change["undone"] for change in said.run["changes"]] == [False, True, False]
        assert pool_size(night.app.read()) == "50"
